import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { BytesError, concatBytes, decodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { digest, hmac, integerOf } from '@sealwright/crypto';
import {
  decodePem,
  DerError,
  DerReader,
  DerTag,
  parseRsaPublicKey,
  parseSpki,
  type SignatureCheck,
} from '@sealwright/der';
import { BuiltinFault } from '../builtins/builtin.js';
import { RegoError } from '../errors.js';
import { parseJsonText } from '../json-text.js';
import { isArray, RegoObject, type Value } from '../values.js';
import { type RsaHash, type RsaPublic, signPkcs1, signPss, verifyPkcs1, verifyPss } from './rsa.js';

type CurveName = 'P-256' | 'P-384' | 'P-521';

/** A key that tokens are checked with. */
export interface TokenKey {
  readonly alg: string;
  readonly kid: string;
  readonly key:
    | { readonly kind: 'rsa'; readonly rsa: RsaPublic }
    | { readonly kind: 'ec'; readonly curve: CurveName; readonly point: Uint8Array }
    | { readonly kind: 'ed25519'; readonly point: Uint8Array }
    | { readonly kind: 'secret'; readonly bytes: Uint8Array };
}

/** Algorithms of RFC 7518 and RFC 8037 that tokens may have. */
export function isTokenAlgorithm(name: string): boolean {
  return /^(?:(?:RS|PS|ES|HS)(?:256|384|512)|EdDSA)$/.test(name);
}

/** Keys of a certificate, of a public key in PEM, or of a JWK or a set of them. */
export function keysOf(text: string): readonly TokenKey[] {
  const pem = text.trimStart();
  if (!pem.startsWith('-----BEGIN'))
    return jwks(text).filter(({ alg }) => alg === '' || isTokenAlgorithm(alg));
  const end = /-----END [A-Z ]{1,40}-----\r?\n?/.exec(pem);
  if (end !== null && end.index + end[0].length < pem.length)
    throw new BuiltinFault('extra data after a PEM certificate block');
  const [block] = read('failed to extract a Key from the PEM certificate', () => decodePem(pem));
  if (block?.label === 'CERTIFICATE')
    return [
      {
        alg: '',
        kid: '',
        key: publicKey(read('failed to parse a PEM certificate', () => spkiOf(block.bytes))),
      },
    ];
  if (block?.label === 'PUBLIC KEY')
    return [
      { alg: '', kid: '', key: read('failed to parse a PEM public key', () => publicKey(block.bytes)) },
    ];
  throw new BuiltinFault('failed to extract a Key from the PEM certificate');
}

/** The subject's public key of a certificate. */
function spkiOf(der: Uint8Array): Uint8Array {
  const fields = new DerReader(der).enter().enter();
  if (fields.peek() === DerTag.context0) fields.element();
  for (let index = 0; index < 5; index += 1) fields.element(); // serial number, algorithm, issuer, validity, subject
  return fields.element().raw;
}

function publicKey(der: Uint8Array): TokenKey['key'] {
  const { kind, publicKey: point } = parseSpki(der);
  if (kind === 'rsa') {
    const { modulus, exponent } = parseRsaPublicKey(point);
    return { kind, rsa: { modulus: integerOf(modulus), exponent: integerOf(exponent) } };
  }
  if (kind === 'ed25519') return { kind, point };
  return { kind: 'ec', curve: CURVE_NAMES[kind], point };
}

function read<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DerError || error instanceof BytesError)
      throw new BuiltinFault(`${message}: ${error.message}`);
    throw error;
  }
}

/** A JWK, or a set of them. */
export function jwkObjects(text: string): readonly RegoObject[] {
  try {
    const value = parseJsonText(text);
    const keys = value instanceof RegoObject ? (value.get('keys') ?? [value]) : [];
    const all = isArray(keys) ? keys.filter((each) => each instanceof RegoObject) : [];
    if (all.length === 0) throw new BuiltinFault('failed to parse a JWK key (set): no key');
    return all;
  } catch (error) {
    if (error instanceof RegoError)
      throw new BuiltinFault(`failed to parse a JWK key (set): ${error.message}`);
    throw error;
  }
}

function jwks(text: string): readonly TokenKey[] {
  return jwkObjects(text).map((jwk) => ({
    alg: member(jwk, 'alg'),
    kid: member(jwk, 'kid'),
    key: jwkKey(jwk),
  }));
}

function member(jwk: RegoObject, name: string): string {
  const value: Value | undefined = jwk.get(name);
  return typeof value === 'string' ? value : '';
}

function bytesOf(jwk: RegoObject, name: string): Uint8Array {
  const text = member(jwk, name);
  if (text === '') throw new BuiltinFault(`failed to parse a JWK key (set): it has no ${name}`);
  return read('failed to parse a JWK key (set)', () => decodeBase64url(text, { padding: 'optional' }));
}

function jwkKey(jwk: RegoObject): TokenKey['key'] {
  const kind = member(jwk, 'kty');
  if (kind === 'RSA')
    return {
      kind: 'rsa',
      rsa: { modulus: integerOf(bytesOf(jwk, 'n')), exponent: integerOf(bytesOf(jwk, 'e')) },
    };
  if (kind === 'oct') return { kind: 'secret', bytes: bytesOf(jwk, 'k') };
  if (kind === 'OKP') return { kind: 'ed25519', point: bytesOf(jwk, 'x') };
  const curve = curveOf(jwk);
  if (kind !== 'EC' || curve === undefined)
    throw new BuiltinFault('failed to parse a JWK key (set): unknown kind of key');
  const size = CURVES[curve].Point.Fp.BYTES;
  const padded = (name: string): Uint8Array => {
    const bytes = bytesOf(jwk, name);
    return concatBytes(new Uint8Array(Math.max(0, size - bytes.length)), bytes);
  };
  return { kind: 'ec', curve, point: concatBytes(Uint8Array.of(4), padded('x'), padded('y')) };
}

function curveOf(jwk: RegoObject): CurveName | undefined {
  const name = member(jwk, 'crv');
  return name === 'P-256' || name === 'P-384' || name === 'P-521' ? name : undefined;
}

/** Whether a signature holds. A key that does not fit the algorithm is a signature that does not hold. */
export function verifies(
  { key }: TokenKey,
  algorithm: string,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const hash = hashOf(algorithm);
  try {
    if (algorithm === 'EdDSA') return key.kind === 'ed25519' && ed25519.verify(signature, data, key.point);
    if (algorithm.startsWith('HS'))
      return key.kind === 'secret' && hmacHolds(hash, key.bytes, data, signature);
    if (algorithm.startsWith('RS')) return key.kind === 'rsa' && verifyPkcs1(key.rsa, hash, data, signature);
    if (algorithm.startsWith('PS')) return key.kind === 'rsa' && verifyPss(key.rsa, hash, data, signature);
    if (key.kind !== 'ec') return false;
    return CURVES[key.curve].verify(signature, digest(hash, data), key.point, {
      prehash: false,
      lowS: false,
    });
  } catch {
    return false; // a signature or point of the wrong shape
  }
}

/** Whether the signature of a certificate holds. */
export function certificateSignatureHolds({ scheme, spki, data, signature }: SignatureCheck): boolean {
  const key = publicKey(spki);
  const hash = hashOf(scheme);
  try {
    if (scheme === 'ed25519') return key.kind === 'ed25519' && ed25519.verify(signature, data, key.point);
    if (scheme.startsWith('rsa-pkcs1'))
      return key.kind === 'rsa' && verifyPkcs1(key.rsa, hash, data, signature);
    if (scheme.startsWith('rsa-pss')) return key.kind === 'rsa' && verifyPss(key.rsa, hash, data, signature);
    if (key.kind !== 'ec') return false;
    return CURVES[key.curve].verify(signature, digest(hash, data), key.point, {
      prehash: false,
      lowS: false,
      format: 'der',
    });
  } catch {
    return false; // a signature or point of the wrong shape
  }
}

/** Whether a code of HMAC holds. */
export function hmacHolds(hash: RsaHash, key: Uint8Array, data: Uint8Array, code: Uint8Array): boolean {
  const wanted = hmac(hash, key, data);
  if (wanted.length !== code.length) return false;
  let difference = 0;
  for (const [index, byte] of wanted.entries()) difference |= byte ^ (code[index] ?? 0);
  return difference === 0;
}

/** The digest of an algorithm. */
export function hashOf(algorithm: string): RsaHash {
  return algorithm.endsWith('384') ? 'sha384' : algorithm.endsWith('512') ? 'sha512' : 'sha256';
}

/** Sign with a private JWK. */
export function signWith(
  jwk: RegoObject,
  algorithm: string,
  data: Uint8Array,
  salt: (size: number) => Uint8Array,
): Uint8Array {
  const hash = hashOf(algorithm);
  const kind = member(jwk, 'kty');
  const mismatch = (): never => {
    throw new BuiltinFault(`a key of kind ${kind} does not sign with ${algorithm}`);
  };
  if (algorithm.startsWith('HS')) return kind === 'oct' ? hmac(hash, bytesOf(jwk, 'k'), data) : mismatch();
  if (algorithm === 'EdDSA') return kind === 'OKP' ? ed25519.sign(data, bytesOf(jwk, 'd')) : mismatch();
  if (algorithm.startsWith('RS') || algorithm.startsWith('PS')) {
    if (kind !== 'RSA') return mismatch();
    const [modulus, secret] = [integerOf(bytesOf(jwk, 'n')), integerOf(bytesOf(jwk, 'd'))];
    if (algorithm.startsWith('RS')) return signPkcs1(modulus, secret, hash, data);
    return signPss(modulus, secret, hash, data, salt(digest(hash, encodeUtf8('')).length));
  }
  const curve = curveOf(jwk);
  if (kind !== 'EC' || curve === undefined) return mismatch();
  const size = CURVES[curve].Point.Fn.BYTES;
  const secret = bytesOf(jwk, 'd');
  const padded = concatBytes(new Uint8Array(Math.max(0, size - secret.length)), secret);
  return CURVES[curve].sign(digest(hash, data), padded, { prehash: false, lowS: false });
}

const CURVES = { 'P-256': p256, 'P-384': p384, 'P-521': p521 } as const;
const CURVE_NAMES = { 'ec-p256': 'P-256', 'ec-p384': 'P-384', 'ec-p521': 'P-521' } as const;
