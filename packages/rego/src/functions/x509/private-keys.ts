import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { concatBytes, encodeBase64, encodeBase64url } from '@sealwright/bytes';
import { DerReader, type KeyKind, parseEcPrivateKey, parsePkcs8, type PemBlock } from '@sealwright/der';
import { BuiltinFault } from '../../builtins/builtin.js';
import { integerOf } from '@sealwright/crypto';

/** A private key. Of the numbers of RSA: modulus, exponents, primes, and what the primes give, in the order of PKCS #1. */
export type PrivateKeyParts =
  | { readonly kind: 'rsa'; readonly numbers: readonly Uint8Array[] }
  | {
      readonly kind: 'ec';
      readonly curve: 'P-256' | 'P-384' | 'P-521';
      readonly scalar: Uint8Array;
      readonly point: Uint8Array;
    }
  | { readonly kind: 'ed25519'; readonly seed: Uint8Array; readonly point: Uint8Array };

/** The private key of a block of PEM; `undefined` when it holds something else. */
export function privateKeyOf({ label, bytes }: PemBlock): PrivateKeyParts | undefined {
  if (label === 'RSA PRIVATE KEY') return rsaKey(bytes);
  if (label === 'EC PRIVATE KEY') {
    const { kind, scalar } = parseEcPrivateKey(bytes);
    if (kind === undefined) throw new BuiltinFault('x509: unknown elliptic curve');
    return ecKey(kind, scalar);
  }
  if (label !== 'PRIVATE KEY') return undefined;
  const { kind, privateKey } = parsePkcs8(bytes);
  if (kind === 'rsa') return rsaKey(privateKey);
  if (kind !== 'ed25519') return ecKey(kind, parseEcPrivateKey(privateKey).scalar);
  return { kind, seed: privateKey, point: ed25519.getPublicKey(privateKey) };
}

/** As JSON of the structures of Go. */
export function privateKeyJson(key: PrivateKeyParts): unknown {
  if (key.kind === 'ed25519') return encodeBase64(concatBytes(key.seed, key.point));
  if (key.kind === 'ec')
    return { Curve: {}, D: integerOf(key.scalar), X: half(key.point, 0), Y: half(key.point, 1) };
  const [N, E, D, p, q, Dp, Dq, Qinv] = key.numbers.map(integerOf);
  return { N, E, D, Primes: [p, q], Precomputed: { Dp, Dq, Qinv, CRTValues: [] } };
}

/** As a JWK. */
export function privateKeyJwk(key: PrivateKeyParts): unknown {
  if (key.kind === 'ed25519')
    return { kty: 'OKP', crv: 'Ed25519', d: encodeBase64url(key.seed), x: encodeBase64url(key.point) };
  if (key.kind === 'ec') {
    const size = (key.point.length - 1) / 2;
    const [x, y] = [key.point.subarray(1, 1 + size), key.point.subarray(1 + size)].map(encodeBase64url);
    return { kty: 'EC', crv: key.curve, d: encodeBase64url(key.scalar), x, y };
  }
  const [n, e, d, p, q, dp, dq, qi] = key.numbers.map(encodeBase64url);
  return { kty: 'RSA', n, e, d, p, q, dp, dq, qi };
}

/** X or Y of an uncompressed point. */
export function half(point: Uint8Array, which: 0 | 1): bigint {
  const size = (point.length - 1) / 2;
  return integerOf(point.subarray(1 + which * size, 1 + (which + 1) * size));
}

function rsaKey(der: Uint8Array): PrivateKeyParts {
  const outer = new DerReader(der);
  const fields = outer.enter();
  outer.end();
  if (integerOf(fields.unsigned()) !== 0n) throw new BuiltinFault('x509: unsupported private key version');
  const numbers = Array.from({ length: 8 }, () => fields.unsigned());
  fields.end();
  return { kind: 'rsa', numbers };
}

function ecKey(kind: KeyKind, given: Uint8Array): PrivateKeyParts {
  if (kind !== 'ec-p256' && kind !== 'ec-p384' && kind !== 'ec-p521')
    throw new BuiltinFault('x509: unknown elliptic curve');
  const [name, curve] = CURVES[kind];
  const size = curve.Point.Fn.BYTES;
  const scalar = concatBytes(new Uint8Array(Math.max(0, size - given.length)), given);
  if (scalar.length !== size || !curve.utils.isValidSecretKey(scalar))
    throw new BuiltinFault('x509: invalid elliptic curve private key value');
  return { kind: 'ec', curve: name, scalar, point: curve.getPublicKey(scalar, false) };
}

const CURVES = {
  'ec-p256': ['P-256', p256],
  'ec-p384': ['P-384', p384],
  'ec-p521': ['P-521', p521],
} as const;
