/**
 * SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) for the kinds of key that the protocols here use.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { DerTag } from './tag.js';
import { encodeBitString, encodeNull, encodeOid, encodeSequence } from './writer.js';

/** A kind of key: the algorithm and, for curves, the curve. */
export type KeyKind = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | 'rsa';

/** What a SubjectPublicKeyInfo says. */
export interface SpkiInfo {
  /** The kind of key. */
  readonly kind: KeyKind;
  /** The uncompressed point of a curve, the 32 bytes of Ed25519, or the PKCS#1 RSAPublicKey. */
  readonly publicKey: Bytes;
  /** Size of the modulus in bits; `undefined` for curves. */
  readonly bits: number | undefined;
}

/** The two numbers of an RSA public key, big-endian without leading zeros. */
export interface RsaPublicKey {
  /** The modulus. */
  readonly modulus: Bytes;
  /** The public exponent. */
  readonly exponent: Bytes;
}

/**
 * Read a SubjectPublicKeyInfo. That a point is on its curve is for whoever uses it to check.
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError} `ERR_DER_KEY` for a kind of key, curve or point form that is not used here, else what was malformed.
 */
export function parseSpki(der: Uint8Array): SpkiInfo {
  const outer = new DerReader(der);
  const info = outer.enter();
  outer.end();
  const kind = readAlgorithm(info.enter());
  const offset = info.offset;
  const publicKey = info.bitString();
  info.end();
  if (kind === 'rsa') {
    const { modulus } = parseRsaPublicKey(publicKey);
    return { kind, publicKey, bits: (modulus.byteLength - 1) * 8 + (32 - Math.clz32(modulus[0] ?? 0)) };
  }
  const size = kind === 'ed25519' ? 32 : 1 + 2 * fieldBytes(kind);
  if (publicKey.byteLength !== size || (kind !== 'ed25519' && publicKey[0] !== 0x04)) {
    throw new DerError('ERR_DER_KEY', `a key of kind ${kind} is ${size} bytes, uncompressed`, { offset });
  }
  return { kind, publicKey, bits: undefined };
}

/**
 * Write a SubjectPublicKeyInfo.
 *
 * @param kind - the kind of key
 * @param publicKey - as in {@link SpkiInfo}
 */
export function encodeSpki(kind: KeyKind, publicKey: Uint8Array): Bytes {
  return encodeSequence(encodeAlgorithm(kind), encodeBitString(publicKey));
}

/**
 * Read a PKCS#1 RSAPublicKey (RFC 8017 appendix A.1.1).
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError}
 */
export function parseRsaPublicKey(der: Uint8Array): RsaPublicKey {
  const outer = new DerReader(der);
  const key = outer.enter();
  outer.end();
  const modulus = key.unsigned();
  const exponent = key.unsigned();
  key.end();
  return { modulus, exponent };
}

/** Read the contents of an AlgorithmIdentifier of a key. */
export function readAlgorithm(reader: DerReader): KeyKind {
  const offset = reader.offset;
  const algorithm = reader.oid();
  switch (algorithm) {
    case OID_RSA:
      reader.null();
      reader.end();
      return 'rsa';
    case OID_ED25519:
      reader.end();
      return 'ed25519';
    case OID_EC: {
      if (reader.peek() !== DerTag.oid)
        throw new DerError('ERR_DER_KEY', 'a curve is given by its name', { offset });
      const kind = CURVES.get(reader.oid());
      if (kind === undefined)
        throw new DerError('ERR_DER_KEY', 'expected curve P-256, P-384 or P-521', { offset });
      reader.end();
      return kind;
    }
    default:
      throw new DerError('ERR_DER_KEY', 'expected an RSA, EC or Ed25519 key', { offset });
  }
}

/** Write the AlgorithmIdentifier of a kind of key. */
export function encodeAlgorithm(kind: KeyKind): Bytes {
  if (kind === 'rsa') return encodeSequence(encodeOid(OID_RSA), encodeNull());
  if (kind === 'ed25519') return encodeSequence(encodeOid(OID_ED25519));
  const curve = [...CURVES].find(([, known]) => known === kind)?.[0] ?? '';
  return encodeSequence(encodeOid(OID_EC), encodeOid(curve));
}

/** The kind of key on a curve, by the curve's identifier. */
export function curveKind(oid: string): KeyKind | undefined {
  return CURVES.get(oid);
}

/** Size of a coordinate of a curve, in bytes. */
export function fieldBytes(kind: 'ec-p256' | 'ec-p384' | 'ec-p521'): number {
  return { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66 }[kind];
}

const OID_RSA = '1.2.840.113549.1.1.1';
const OID_EC = '1.2.840.10045.2.1';
const OID_ED25519 = '1.3.101.112';
const CURVES: ReadonlyMap<string, KeyKind> = new Map([
  ['1.2.840.10045.3.1.7', 'ec-p256'],
  ['1.3.132.0.34', 'ec-p384'],
  ['1.3.132.0.35', 'ec-p521'],
]);
