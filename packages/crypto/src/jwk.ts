/**
 * JSON Web Keys (RFC 7517, RFC 7518 section 6, RFC 8037) for the kinds of key that are used here.
 *
 * @module
 */
import { type Bytes, BytesError, concatBytes, decodeBase64url, encodeBase64url } from '@sealwright/bytes';
import {
  DerReader,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeSpki,
  encodeSequence,
  type KeyKind,
  parseEcPrivateKey,
  parsePkcs8,
  parseRsaPublicKey,
  parseSpki,
  pkcs8FromRsaPrivateKey,
} from '@sealwright/der';
import { CryptoError } from './errors.js';
import type { PrivateKey, PublicKey } from './keys.js';
import { wrapCurveKey } from './wrap.js';

/** A JSON Web Key. Members that are not listed are ignored; `d` and what follows it make it private. */
export interface Jwk {
  /** `EC`, `OKP` or `RSA`. */
  readonly kty: string;
  /** `P-256`, `P-384`, `P-521` or `Ed25519`. */
  readonly crv?: string;
  /** Coordinate of a curve, or the Ed25519 key; base64url, as long as the curve is wide. */
  readonly x?: string;
  /** Coordinate of a curve. */
  readonly y?: string;
  /** RSA modulus. */
  readonly n?: string;
  /** RSA public exponent. */
  readonly e?: string;
  /** The private scalar, seed or exponent. */
  readonly d?: string;
  /** First RSA prime. */
  readonly p?: string;
  /** Second RSA prime. */
  readonly q?: string;
  /** `d` modulo `p - 1`. */
  readonly dp?: string;
  /** `d` modulo `q - 1`. */
  readonly dq?: string;
  /** Inverse of `q` modulo `p`. */
  readonly qi?: string;
  /** The algorithm that the key is for; not looked at here. */
  readonly alg?: string;
  /** `sig` or `enc`; not looked at here. */
  readonly use?: string;
  /** Key identifier; not looked at here. */
  readonly kid?: string;
}

/**
 * Write a public key as a JWK: `kty`, then `crv`, `x`, `y`, or `n`, `e`.
 *
 * @param key - the key
 */
export function exportPublicJwk(key: PublicKey): Jwk {
  const { kind, publicKey } = parseSpki(key.spki);
  if (kind === 'rsa') {
    const { modulus, exponent } = parseRsaPublicKey(publicKey);
    return { kty: 'RSA', n: encodeBase64url(modulus), e: encodeBase64url(exponent) };
  }
  if (kind === 'ed25519') return { kty: 'OKP', crv: 'Ed25519', x: encodeBase64url(publicKey) };
  const width = (publicKey.byteLength - 1) / 2;
  return {
    kty: 'EC',
    crv: CURVE_NAMES[kind],
    x: encodeBase64url(publicKey.subarray(1, 1 + width)),
    y: encodeBase64url(publicKey.subarray(1 + width)),
  };
}

/**
 * Give a private key away as a JWK.
 *
 * @param key - the key
 */
export async function exportPrivateJwk(key: PrivateKey): Promise<Jwk> {
  const { kind, privateKey } = parsePkcs8(key.platformKey.pkcs8);
  const open = exportPublicJwk(key.publicKey);
  if (kind === 'ed25519') return { ...open, d: encodeBase64url(privateKey) };
  if (kind !== 'rsa') return { ...open, d: encodeBase64url(parseEcPrivateKey(privateKey).scalar) };
  const numbers = new DerReader(privateKey).enter();
  numbers.unsigned(); // version
  const [n, e, d, p, q, dp, dq, qi] = Array.from({ length: 8 }, () =>
    encodeBase64url(numbers.unsigned()),
  ) as [string, string, string, string, string, string, string, string]; // eight were made
  return { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
}

/** The SubjectPublicKeyInfo of a JWK. */
export function spkiFromJwk(jwk: Jwk): Bytes {
  if (jwk.kty === 'RSA') {
    return encodeSpki(
      'rsa',
      encodeSequence(encodeInteger(member(jwk, 'n')), encodeInteger(member(jwk, 'e'))),
    );
  }
  const kind = curveOf(jwk);
  if (kind === 'ed25519') return encodeSpki(kind, member(jwk, 'x', 32));
  const width = WIDTHS[kind];
  return encodeSpki(kind, concatBytes(Uint8Array.of(0x04), member(jwk, 'x', width), member(jwk, 'y', width)));
}

/** The PKCS#8 of a private JWK. Its public members are not believed: the platform derives them. */
export function pkcs8FromJwk(jwk: Jwk): Bytes {
  if (jwk.kty === 'RSA') {
    const names = ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const;
    const numbers = names.map((name) => encodeInteger(member(jwk, name)));
    return pkcs8FromRsaPrivateKey(encodeSequence(encodeInteger(Uint8Array.of(0)), ...numbers));
  }
  const kind = curveOf(jwk);
  if (kind === 'ed25519') return wrapCurveKey(kind, encodeOctetString(member(jwk, 'd', 32)));
  const scalar = encodeOctetString(member(jwk, 'd', WIDTHS[kind]));
  const width = WIDTHS[kind];
  const point = concatBytes(Uint8Array.of(0x00, 0x04), member(jwk, 'x', width), member(jwk, 'y', width));
  const key = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    scalar,
    encodeElement(0xa1, encodeElement(0x03, point)),
  );
  return wrapCurveKey(kind, key);
}

function curveOf(jwk: Jwk): Exclude<KeyKind, 'rsa'> {
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') return 'ed25519';
  const found = jwk.kty === 'EC' ? EC_KINDS.find((kind) => CURVE_NAMES[kind] === jwk.crv) : undefined;
  if (found === undefined) {
    throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', 'expected a JWK of P-256, P-384, P-521, Ed25519 or RSA');
  }
  return found;
}

function member(jwk: Jwk, name: keyof Jwk, width?: number): Bytes {
  const value: unknown = jwk[name];
  if (typeof value !== 'string')
    throw new CryptoError('ERR_CRYPTO_KEY', `a JWK of this type has a member ${name}`);
  let bytes: Bytes;
  try {
    bytes = decodeBase64url(value);
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    throw new CryptoError('ERR_CRYPTO_KEY', `member ${name} of a JWK is base64url without padding`);
  }
  if (width !== undefined && bytes.byteLength !== width) {
    throw new CryptoError(
      'ERR_CRYPTO_KEY',
      `member ${name} of this JWK is ${width} bytes, not ${bytes.byteLength}`,
    );
  }
  return bytes;
}

const EC_KINDS = ['ec-p256', 'ec-p384', 'ec-p521'] as const;
const CURVE_NAMES = { 'ec-p256': 'P-256', 'ec-p384': 'P-384', 'ec-p521': 'P-521' } as const;
const WIDTHS = { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66 } as const;
