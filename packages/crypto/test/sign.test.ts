import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultScheme,
  exportPkcs8,
  exportPkcs8Pem,
  exportPrivateJwk,
  exportPublicJwk,
  exportPublicPem,
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  keySigner,
  type KeyKind,
  type PrivateKey,
  sign,
  type SignatureScheme,
  verify,
} from '../src/index.js';

const MESSAGE = new TextEncoder().encode('a message');
const keys = new Map<KeyKind, Promise<PrivateKey>>();
const keyOf = (kind: KeyKind): Promise<PrivateKey> => {
  const found = keys.get(kind) ?? generateKeyPair(kind, { bits: 2048 });
  keys.set(kind, found);
  return found;
};
const cases: [KeyKind, SignatureScheme][] = [
  ['ec-p256', 'ecdsa-sha256'],
  ['ec-p384', 'ecdsa-sha384'],
  ['ec-p384', 'ecdsa-sha256'],
  ['ec-p521', 'ecdsa-sha512'],
  ['ed25519', 'ed25519'],
  ['ed25519', 'ed25519ph'],
  ['rsa', 'rsa-pkcs1-sha256'],
  ['rsa', 'rsa-pkcs1-sha512'],
  ['rsa', 'rsa-pss-sha256'],
  ['rsa', 'rsa-pss-sha384'],
];

describe('sign and verify', () => {
  it.each(cases)('%s with %s', async (kind, scheme) => {
    const key = await keyOf(kind);
    const signature = await sign(key, MESSAGE, { scheme });
    expect(await verify(key.publicKey, MESSAGE, signature, { scheme })).toBe(true);
    expect(await verify(key.publicKey, Uint8Array.of(1), signature, { scheme })).toBe(false);
    for (let at = 0; at < signature.length; at += 7) {
      const changed = signature.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(await verify(key.publicKey, MESSAGE, changed, { scheme })).toBe(false);
    }
  });

  it('takes and gives raw signatures when asked', async () => {
    for (const [kind, width] of [
      ['ec-p256', 64],
      ['ec-p384', 96],
      ['ec-p521', 132],
    ] as const) {
      const key = await keyOf(kind);
      const raw = await sign(key, MESSAGE, { encoding: 'raw' });
      expect(raw).toHaveLength(width);
      expect(await verify(key.publicKey, MESSAGE, raw, { encoding: 'raw' })).toBe(true);
      expect(await verify(key.publicKey, MESSAGE, raw, { encoding: 'either' })).toBe(true);
      expect(await verify(key.publicKey, MESSAGE, raw)).toBe(false);
      expect(await verify(key.publicKey, MESSAGE, await sign(key, MESSAGE), { encoding: 'either' })).toBe(
        true,
      );
    }
  });

  it('keeps the pure and the prehashed form of Ed25519 apart', async () => {
    const key = await keyOf('ed25519');
    const prehashed = await sign(key, MESSAGE, { scheme: 'ed25519ph' });
    expect(await verify(key.publicKey, MESSAGE, prehashed)).toBe(false);
  });

  it('answers any signature at all with true or false', async () => {
    const all = await Promise.all(cases.map(([kind]) => keyOf(kind)));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(cases.length - 1),
        fc.uint8Array({ maxLength: 150 }),
        async (index, signature) => {
          const scheme = cases[index]?.[1];
          const key = all[index];
          if (key === undefined || scheme === undefined) throw new TypeError('no such case');
          expect(await verify(key.publicKey, MESSAGE, signature, { scheme, encoding: 'either' })).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a scheme that does not fit the key', async () => {
    const key = await keyOf('ec-p256');
    const refusal = expect.objectContaining({ code: 'ERR_CRYPTO_UNSUPPORTED' });
    await expect(sign(key, MESSAGE, { scheme: 'ed25519' })).rejects.toThrow(refusal);
    await expect(verify(key.publicKey, MESSAGE, MESSAGE, { scheme: 'rsa-pss-sha256' })).rejects.toThrow(
      refusal,
    );
  });

  // RFC 8032 section 7.1, test 3
  it('verifies a published Ed25519 signature', async () => {
    const hex = (text: string): Uint8Array =>
      Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const x = btoa(
      String.fromCharCode(...hex('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025')),
    );
    const key = importPublicKey({
      kty: 'OKP',
      crv: 'Ed25519',
      x: x.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    });
    const signature = hex(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    );
    expect(await verify(key, hex('af82'), signature)).toBe(true);
  });
});

describe('keys', () => {
  it.each(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa'] as const)(
    '%s survives every form',
    async (kind) => {
      const key = await keyOf(kind);
      const forms = [
        exportPkcs8(key).expose(),
        new TextDecoder().decode(exportPkcs8Pem(key).expose()),
        await exportPrivateJwk(key),
      ];
      for (const form of forms) {
        const again = await importPrivateKey(form);
        expect(again.publicKey.spki).toEqual(key.publicKey.spki);
        expect(await verify(key.publicKey, MESSAGE, await keySigner(again).sign(MESSAGE))).toBe(true);
      }
      for (const form of [
        key.publicKey.spki,
        exportPublicPem(key.publicKey),
        exportPublicJwk(key.publicKey),
      ]) {
        expect(importPublicKey(form).fingerprint).toBe(key.publicKey.fingerprint);
      }
      expect(defaultScheme(key)).toBe(defaultScheme(key.publicKey));
    },
  );

  it('do not print', async () => {
    const key = await keyOf('ec-p256');
    expect(`${key}`).toBe('[secret]');
    expect(JSON.stringify({ key })).toBe('{"key":"[secret]"}');
  });

  it('refuse a point that is not on its curve', async () => {
    const jwk = exportPublicJwk((await keyOf('ec-p256')).publicKey);
    const refusal = expect.objectContaining({ code: 'ERR_CRYPTO_KEY' });
    expect(() => importPublicKey({ ...jwk, x: jwk.y ?? '' })).toThrow(refusal);
    expect(() => importPublicKey({ ...jwk, x: 'AAAA' })).toThrow(refusal);
    expect(() => importPublicKey({ ...jwk, x: `${jwk.x}=` })).toThrow(refusal);
  });

  it('refuse what is no key with one error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), fc.string()), async (input) => {
        const refusal = expect.objectContaining({ name: 'CryptoError' });
        expect(() => importPublicKey(input)).toThrow(refusal);
        await expect(importPrivateKey(input)).rejects.toThrow(refusal);
      }),
    );
    await expect(importPrivateKey({ kty: 'EC', crv: 'P-256' })).rejects.toThrow('member d');
    await expect(importPrivateKey({ kty: 'EC', crv: 'secp256k1' })).rejects.toThrow('expected a JWK');
  });
});
