/**
 * Whether a point is on its curve (SEC 1 section 3.2.2.1). The curves of NIST have a prime number of points, so that no more has to
 * be looked at; the platform need not take a key in before somebody uses it.
 *
 * @module
 */
import type { KeyKind } from '@sealwright/der';
import { integerOf } from './integer.js';

/** A kind of key on such a curve. */
export type CurveKind = Extract<KeyKind, `ec-${string}`>;

/** A curve whose third coefficient is -3 (FIPS 186-4, appendix D.1.2): y² = x³ - 3x + b modulo p. */
interface Curve {
  readonly p: bigint;
  readonly b: bigint;
}

/**
 * Look whether a point satisfies the equation of its curve.
 *
 * @param kind - the curve
 * @param point - uncompressed: 0x04, x, y
 */
export function isOnCurve(kind: CurveKind, point: Uint8Array): boolean {
  return isOn(CURVES[kind], point);
}

/** As {@link isOnCurve}, for a curve that is known. */
export function isOn({ p, b }: Curve, point: Uint8Array): boolean {
  const middle = (point.byteLength + 1) / 2;
  const x = integerOf(point.subarray(1, middle));
  const y = integerOf(point.subarray(middle));
  return x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
}

/** P-256. */
export const P256: Curve = {
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
};
/** Fields and equations; orders and base points are with their only user, which most bundles do without. */
export const CURVES: Readonly<Record<CurveKind, Curve>> = {
  'ec-p256': P256,
  'ec-p384': {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'ec-p521': {
    p: 0x1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffn,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};
