import { p256, p384, p521 } from '@noble/curves/nist.js';
import { concatBytes } from '@sealwright/bytes';
import { encodeSpki } from '@sealwright/der';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  digest,
  generateKeyPair,
  importSpki,
  integerBytes,
  integerOf,
  type KeyKind,
  sign,
  type SignatureHash,
  type SignatureScheme,
  verifyDigest,
} from '../src/index.js';

const MESSAGE = new TextEncoder().encode('a message');
const cases: [KeyKind, SignatureScheme, SignatureHash][] = [
  ['ec-p256', 'ecdsa-sha256', 'sha256'],
  ['ec-p384', 'ecdsa-sha384', 'sha384'],
  ['ec-p384', 'ecdsa-sha256', 'sha256'],
  ['ec-p521', 'ecdsa-sha512', 'sha512'],
  ['ed25519', 'ed25519ph', 'sha512'],
  ['rsa', 'rsa-pkcs1-sha256', 'sha256'],
  ['rsa', 'rsa-pkcs1-sha384', 'sha384'],
  ['rsa', 'rsa-pkcs1-sha512', 'sha512'],
];

describe('verifyDigest', () => {
  it.each(cases)('takes %s with %s, and nothing that differs in one bit', async (kind, scheme, hash) => {
    const key = await generateKeyPair(kind, { bits: 2048 });
    const hashed = digest(hash, MESSAGE);
    const signature = await sign(key, MESSAGE, { scheme });
    expect(verifyDigest(key.publicKey, hashed, signature, { scheme })).toBe(true);
    const bad = Uint8Array.from(signature);
    bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
    expect(verifyDigest(key.publicKey, hashed, bad, { scheme })).toBe(false);
    expect(verifyDigest(key.publicKey, digest(hash, bad), signature, { scheme })).toBe(false);
    expect(verifyDigest(key.publicKey, hashed, signature.subarray(1), { scheme })).toBe(false);
    expect(verifyDigest(key.publicKey, hashed, new Uint8Array(0), { scheme })).toBe(false);
  });

  it('takes raw ECDSA signatures where asked to', async () => {
    const key = await generateKeyPair('ec-p256');
    const signature = await sign(key, MESSAGE, { encoding: 'raw' });
    const hashed = digest('sha256', MESSAGE);
    const scheme = 'ecdsa-sha256';
    expect(verifyDigest(key.publicKey, hashed, signature, { scheme, encoding: 'raw' })).toBe(true);
    expect(verifyDigest(key.publicKey, hashed, signature, { scheme, encoding: 'either' })).toBe(true);
    expect(verifyDigest(key.publicKey, hashed, signature, { scheme })).toBe(false);
  });

  it('refuses what a digest is not enough for', async () => {
    const { publicKey } = await generateKeyPair('ed25519');
    const hashed = digest('sha512', MESSAGE);
    expect(() => verifyDigest(publicKey, hashed, hashed, { scheme: 'ed25519' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' }),
    );
    expect(() => verifyDigest(publicKey, hashed.subarray(1), hashed, { scheme: 'ed25519ph' })).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_ARGUMENT' }),
    );
  });
});

describe.each([
  ['ec-p256', p256, 32],
  ['ec-p384', p384, 48],
  ['ec-p521', p521, 66],
] as const)('verifyDigest on %s', (kind, curve, width) => {
  const { Point } = curve;
  const { Fn } = Point;
  const secret = integerOf(curve.utils.randomSecretKey());
  const key = importSpki(encodeSpki(kind, Point.BASE.multiply(secret).toBytes(false)));
  const bytesOf = { sha256: 32, sha384: 48, sha512: 64 } as const;
  const rawOf = (r: bigint, s: bigint) => concatBytes(integerBytes(r, width), integerBytes(s, width));
  const isTaken = (hash: SignatureHash, hashed: Uint8Array, raw: Uint8Array) =>
    verifyDigest(key, hashed, raw, { scheme: `ecdsa-${hash}`, encoding: 'raw' });
  /** What FIPS 186-5 takes of a digest: its first bits, as many as the order has. */
  const numberOf = (hashed: Uint8Array) =>
    integerOf(hashed) >> BigInt(Math.max(0, hashed.length * 8 - Fn.BITS));
  const signed = (hashed: Uint8Array, nonce: bigint) => {
    const r = Fn.create(Point.BASE.multiply(nonce).toAffine().x);
    return { r, s: Fn.create(Fn.inv(nonce) * (numberOf(hashed) + r * secret)) };
  };
  const hashes = fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const);
  const digests = hashes.chain((hash) =>
    fc.tuple(
      fc.constant(hash),
      fc.oneof(
        fc.uint8Array({ minLength: bytesOf[hash], maxLength: bytesOf[hash] }),
        fc.constantFrom(new Uint8Array(bytesOf[hash]), new Uint8Array(bytesOf[hash]).fill(0xff)),
      ),
    ),
  );

  it('takes what any hash is signed as, with either s', () => {
    fc.assert(
      fc.property(digests, fc.bigInt(1n, Fn.ORDER - 1n), ([hash, hashed], nonce) => {
        const { r, s } = signed(hashed, nonce);
        expect(isTaken(hash, hashed, rawOf(r, s))).toBe(true);
        expect(isTaken(hash, hashed, rawOf(r, Fn.ORDER - s))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('judges any two numbers as another implementation does', () => {
    const number = fc.oneof(
      fc.bigInt(0n, 256n ** BigInt(width) - 1n),
      fc.constantFrom(0n, 1n, 2n, Fn.ORDER - 1n, Fn.ORDER, Fn.ORDER + 1n, curve.Point.Fp.ORDER),
    );
    fc.assert(
      fc.property(digests, number, number, ([hash, hashed], r, s) => {
        const raw = rawOf(r, s);
        const point = Point.BASE.multiply(secret).toBytes(false);
        let theirs = false;
        try {
          theirs = curve.verify(raw, hashed, point, { prehash: false, lowS: false });
        } catch {
          // numbers out of range
        }
        expect(isTaken(hash, hashed, raw)).toBe(theirs);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses numbers that are not reduced, and a sum at infinity', () => {
    const hashed = new Uint8Array(32).fill(7);
    const { r, s } = signed(hashed, 12_345n);
    for (const [badR, badS] of [
      [0n, s],
      [r, 0n],
      [0n, 0n],
    ] as const)
      expect(isTaken('sha256', hashed, rawOf(badR, badS))).toBe(false);
    if (s + Fn.ORDER < 256n ** BigInt(width))
      expect(isTaken('sha256', hashed, rawOf(r, s + Fn.ORDER))).toBe(false);
    if (kind === 'ec-p256') {
      // The hash that makes u1·G + u2·Q nothing, whatever s is.
      const nothing = integerBytes(Fn.create(-r * secret), 32);
      expect(isTaken('sha256', nothing, rawOf(r, s))).toBe(false);
    }
  });
});
