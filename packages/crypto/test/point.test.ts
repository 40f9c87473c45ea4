import { p256, p384, p521 } from '@noble/curves/nist.js';
import { concatBytes } from '@sealwright/bytes';
import { encodeSpki } from '@sealwright/der';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importSpki, integerBytes, integerOf, modularPower } from '../src/index.js';

const CURVES = [
  ['ec-p256', p256, 32],
  ['ec-p384', p384, 48],
  ['ec-p521', p521, 66],
] as const;

describe.each(CURVES)('a point of %s', (kind, curve, width) => {
  const { p, b } = curve.Point.CURVE();
  const keyOf = (x: bigint, y: bigint) =>
    importSpki(
      encodeSpki(kind, concatBytes(Uint8Array.of(4), integerBytes(x, width), integerBytes(y, width))),
    );
  const refused = expect.objectContaining({ code: 'ERR_CRYPTO_KEY' });

  it('is taken where it is on the curve', () => {
    for (let index = 0; index < 20; index += 1) {
      const { x, y } = curve.Point.fromBytes(
        curve.getPublicKey(curve.utils.randomSecretKey(), false),
      ).toAffine();
      expect(keyOf(x, y).kind).toBe(kind);
    }
  });

  it('is refused everywhere else', () => {
    const { x, y } = curve.Point.BASE.toAffine();
    const near: [bigint, bigint][] = [
      [x, y + 1n],
      [x + 1n, y],
      [y, x],
      [0n, 0n],
      [x, 0n],
      [p, y],
    ];
    for (const [badX, badY] of near) expect(() => keyOf(badX, badY)).toThrow(refused);
    fc.assert(
      fc.property(fc.bigInt(0n, p - 1n), fc.bigInt(0n, p - 1n), (anyX, anyY) => {
        expect(() => keyOf(anyX, anyY)).toThrow(refused);
      }),
    );
  });

  it('is refused where a coordinate is not reduced', () => {
    // Points with small coordinates, whose sum with the prime still has the width of the curve.
    const room = 256n ** BigInt(width) - p;
    let found = 0;
    for (let x = 0n; found < 3 && x < room; x += 1n) {
      const square = (x ** 3n - 3n * x + b + 3n * p) % p;
      const y = modularPower(square, (p + 1n) / 4n, p);
      if ((y * y) % p !== square) continue;
      found += 1;
      expect(keyOf(x, y).kind).toBe(kind);
      expect(() => keyOf(x + p, y)).toThrow(refused);
    }
    expect(found).toBe(3);
  });
});

describe('integers as bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(integerBytes(integerOf(bytes), bytes.length)).toEqual(new Uint8Array(bytes));
      }),
    );
    expect(integerOf(Uint8Array.of(1, 0))).toBe(256n);
    expect(integerBytes(258n, 4)).toEqual(Uint8Array.of(0, 0, 1, 2));
  });

  it('are refused where they do not fit', () => {
    expect(() => integerBytes(256n, 1)).toThrow(RangeError);
    expect(() => integerBytes(0x1_000n, 1)).toThrow(RangeError);
    expect(() => integerBytes(-1n, 1)).toThrow(RangeError);
  });

  it('have powers', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 1000n),
        fc.bigInt(0n, 60n),
        fc.bigInt(1n, 10_000n),
        (base, exponent, modulus) => {
          expect(modularPower(base, exponent, modulus)).toBe(base ** exponent % modulus);
        },
      ),
    );
  });
});
