/**
 * Private keys: PKCS#8 (RFC 5958), and the older SEC 1 and PKCS#1 forms that are wrapped into it.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { curveKind, encodeAlgorithm, fieldBytes, type KeyKind, readAlgorithm } from './spki.js';
import { DerTag } from './tag.js';
import { encodeInteger, encodeOctetString, encodeSequence } from './writer.js';

/** What a PKCS#8 PrivateKeyInfo says. */
export interface Pkcs8Info {
  /** The kind of key. */
  readonly kind: KeyKind;
  /** What the algorithm puts there: SEC 1 ECPrivateKey, PKCS#1 RSAPrivateKey, or the 32-byte seed of Ed25519. */
  readonly privateKey: Bytes;
  /** Size of an RSA modulus in bits; `undefined` for curves. */
  readonly bits: number | undefined;
}

/** What a SEC 1 ECPrivateKey says (RFC 5915). */
export interface EcPrivateKeyInfo {
  /** The kind of key, when the structure names its curve. */
  readonly kind: KeyKind | undefined;
  /** The scalar, big-endian. */
  readonly scalar: Bytes;
  /** The uncompressed point, when the structure holds it. */
  readonly publicKey: Bytes | undefined;
}

/**
 * Read an unencrypted PKCS#8 PrivateKeyInfo. Attributes and a public key after the private one are passed over.
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError} `ERR_DER_KEY` for a kind of key that is not used here, else what was malformed.
 */
export function parsePkcs8(der: Uint8Array): Pkcs8Info {
  const outer = new DerReader(der);
  const info = outer.enter();
  outer.end();
  readVersion(info, 1);
  const kind = readAlgorithm(info.enter());
  const offset = info.offset;
  const contents = info.octetString();
  while (!info.done) info.element();
  if (kind === 'rsa') return { kind, privateKey: contents, bits: rsaBits(contents) };
  if (kind === 'ed25519') {
    const seed = new DerReader(contents);
    const privateKey = seed.octetString();
    seed.end();
    if (privateKey.byteLength !== 32)
      throw new DerError('ERR_DER_KEY', 'an Ed25519 seed is 32 bytes', { offset });
    return { kind, privateKey, bits: undefined };
  }
  const { scalar } = parseEcPrivateKey(contents);
  if (scalar.byteLength !== fieldBytes(kind)) {
    throw new DerError('ERR_DER_KEY', 'a scalar is as long as its curve is wide', { offset });
  }
  return { kind, privateKey: contents, bits: undefined };
}

/**
 * Read a SEC 1 ECPrivateKey, the contents of PEM `EC PRIVATE KEY`.
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError}
 */
export function parseEcPrivateKey(der: Uint8Array): EcPrivateKeyInfo {
  const outer = new DerReader(der);
  const key = outer.enter();
  outer.end();
  const offset = key.offset;
  if (key.unsigned()[0] !== 1)
    throw new DerError('ERR_DER_VALUE', 'an ECPrivateKey has version 1', { offset });
  const scalar = key.octetString();
  let kind: KeyKind | undefined;
  if (key.peek() === DerTag.context0) {
    const parameters = key.enter(DerTag.context0);
    kind = curveKind(parameters.oid());
    parameters.end();
    if (kind === undefined)
      throw new DerError('ERR_DER_KEY', 'expected curve P-256, P-384 or P-521', { offset });
  }
  let publicKey: Bytes | undefined;
  if (key.peek() === DerTag.context1) {
    const point = key.enter(DerTag.context1);
    publicKey = point.bitString();
    point.end();
  }
  key.end();
  return { kind, scalar, publicKey };
}

/**
 * Wrap a SEC 1 ECPrivateKey into PKCS#8.
 *
 * @param der - an ECPrivateKey that names its curve
 * @throws {@link DerError}
 */
export function pkcs8FromEcPrivateKey(der: Uint8Array): Bytes {
  const { kind } = parseEcPrivateKey(der);
  if (kind === undefined) throw new DerError('ERR_DER_KEY', 'an EC private key names its curve');
  return wrap(kind, der);
}

/**
 * Wrap a PKCS#1 RSAPrivateKey, the contents of PEM `RSA PRIVATE KEY`, into PKCS#8.
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError}
 */
export function pkcs8FromRsaPrivateKey(der: Uint8Array): Bytes {
  rsaBits(der);
  return wrap('rsa', der);
}

function wrap(kind: KeyKind, der: Uint8Array): Bytes {
  return encodeSequence(encodeInteger(Uint8Array.of(0)), encodeAlgorithm(kind), encodeOctetString(der));
}

function readVersion(reader: DerReader, highest: number): void {
  const offset = reader.offset;
  const version = reader.unsigned();
  if (version.byteLength !== 1 || (version[0] ?? 0) > highest) {
    throw new DerError('ERR_DER_VALUE', 'an unknown version of the structure', { offset });
  }
}

/** Read an RSAPrivateKey of two primes (RFC 8017 appendix A.1.2) for the size of its modulus. */
function rsaBits(der: Uint8Array): number {
  const outer = new DerReader(der);
  const key = outer.enter();
  outer.end();
  readVersion(key, 0);
  const modulus = key.unsigned();
  for (let index = 0; index < 7; index += 1) key.unsigned();
  key.end();
  return (modulus.byteLength - 1) * 8 + (32 - Math.clz32(modulus[0] ?? 0));
}
