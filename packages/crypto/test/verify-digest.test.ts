import { describe, expect, it } from 'vitest';
import {
  digest,
  generateKeyPair,
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
