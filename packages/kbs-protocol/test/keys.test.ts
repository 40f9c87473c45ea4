import {
  decodeBase64,
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
} from '@sealwright/bytes';
import { generateKeyPair, importPrivateKey, type Jwk } from '@sealwright/crypto';
import type { JsonObject, JsonValue } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeResponseJwe,
  generateTeeKey,
  importTeeKey,
  KbsProtocolError,
  openResponse,
  parseResponseJwe,
  parseTeeKey,
  sealResponse,
  teeKeyOf,
  type TeeKey,
  type TeeKeyKind,
} from '../src/index.js';
import vectors from './vectors/jwe.json' with { type: 'json' };

const kinds: readonly TeeKeyKind[] = ['ec-p256', 'ec-p521', 'rsa'];
const keys = new Map<TeeKeyKind, TeeKey>();
for (const kind of kinds) keys.set(kind, await generateTeeKey(kind));
const p256 = keyOf('ec-p256');
const secret = encodeUtf8('a secret');

describe('a TEE key', () => {
  it.each(kinds)('of %s is read as it is written', async (kind) => {
    const key = keyOf(kind);
    expect(parseTeeKey({ ...key.publicKey.jwk }).jwk).toEqual(key.publicKey.jwk);
    const pem = decodeUtf8(key.privatePem.expose());
    expect(pem).toMatch(kind === 'rsa' ? /^-----BEGIN RSA PRIVATE KEY-----/ : /^-----BEGIN PRIVATE KEY-----/);
    expect((await importTeeKey(pem)).publicKey.jwk).toEqual(key.publicKey.jwk);
    expect(JSON.stringify(key.privatePem)).toBe('"[secret]"');
  });

  it('loses members that its form does not know', () => {
    expect(parseTeeKey({ ...p256.publicKey.jwk, kid: 'x', d: 'y' }).jwk).toEqual(p256.publicKey.jwk);
  });

  const short = decodeBase64url('AA');
  const broken: readonly [string, JsonObject][] = [
    ['nothing known', {}],
    ['another kty', { kty: 'OKP' }],
    ['another curve', { crv: 'P-384' }],
    ['another algorithm', { alg: 'ECDH-ES' }],
    ['a short coordinate', { x: encodeBase64(short) }],
    ['padding', { x: `${(p256.publicKey.jwk as { x: string }).x}=` }],
    ['a point off the curve', { y: (p256.publicKey.jwk as { x: string }).x }],
    ['a number', { y: 1 }],
  ];
  it.each(broken)('is refused with %s', (name, change) => {
    const jwk = name === 'nothing known' ? change : { ...p256.publicKey.jwk, ...change };
    expect(() => parseTeeKey(jwk)).toThrow(expect.objectContaining({ code: 'ERR_KBS_TEE_KEY' }));
  });

  it('of RSA1_5 passes only where it is let', () => {
    const jwk = { ...keyOf('rsa').publicKey.jwk, alg: 'RSA1_5' };
    expect(() => parseTeeKey(jwk)).toThrow(expect.objectContaining({ code: 'ERR_KBS_TEE_KEY' }));
    expect(parseTeeKey(jwk, { dangerouslyAllowRsa15: true }).alg).toBe('RSA1_5');
  });

  it('of another kind is refused', async () => {
    const key = await generateKeyPair('ed25519');
    expect(() => teeKeyOf(key)).toThrow(expect.objectContaining({ code: 'ERR_KBS_TEE_KEY' }));
    await expect(importTeeKey('no key')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_TEE_KEY' }),
    );
  });

  it('answers any JSON with a key or a KbsProtocolError', () => {
    const near = fc.record(
      {
        kty: fc.constantFrom<JsonValue>('EC', 'RSA', 1),
        crv: fc.constantFrom('P-256', 'P-521'),
        alg: fc.constantFrom('ECDH-ES+A256KW', 'RSA-OAEP-256'),
        x: fc.string(),
        y: fc.string(),
        n: fc.base64String(),
        e: fc.constantFrom('AQAB', ''),
      },
      { requiredKeys: ['kty'] },
    );
    fc.assert(
      fc.property(fc.oneof(near, fc.jsonValue() as fc.Arbitrary<JsonValue>), (value) => {
        try {
          parseTeeKey(value);
        } catch (error) {
          expect(error).toBeInstanceOf(KbsProtocolError);
        }
      }),
    );
  });
});

describe('a sealed response', () => {
  it.each(kinds)('to %s opens with that key alone', async (kind) => {
    const key = keyOf(kind);
    const jwe = await sealResponse(key.publicKey, secret);
    expect(await openResponse(key, parseResponseJwe(encodeResponseJwe(jwe)))).toEqual(secret);
    const other = kind === 'rsa' ? p256 : await generateTeeKey(kind);
    await expect(openResponse(other, jwe)).rejects.toThrow(KbsProtocolError);
  });

  it('has a header of one exact text', async () => {
    const header = decodeUtf8(decodeBase64url((await sealResponse(p256.publicKey, secret)).protected));
    expect(header).toMatch(
      /^\{"alg":"ECDH-ES\+A256KW","enc":"A256GCM","epk":\{"crv":"P-256","kty":"EC","x":"[\w-]{43}","y":"[\w-]{43}"\}\}$/,
    );
    const rsa = await sealResponse(keyOf('rsa').publicKey, secret);
    expect(decodeUtf8(decodeBase64url(rsa.protected))).toBe('{"alg":"RSA-OAEP-256","enc":"A256GCM"}');
  });

  it('is never the same twice', async () => {
    const [first, second] = [
      await sealResponse(p256.publicKey, secret),
      await sealResponse(p256.publicKey, secret),
    ];
    expect(first.iv).not.toBe(second.iv);
    expect(first.encrypted_key).not.toBe(second.encrypted_key);
  });

  it.each(['crit', 'zip', 'apu', 'apv'])('with the header member %s is refused', async (name) => {
    const jwe = await sealResponse(p256.publicKey, secret);
    const header = JSON.parse(decodeUtf8(decodeBase64url(jwe.protected))) as JsonObject;
    const changed = encodeBase64(encodeUtf8(JSON.stringify({ ...header, [name]: 'x' })));
    const text = changed.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_');
    await expect(openResponse(p256, { ...jwe, protected: text })).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_JWE' }),
    );
  });

  it('of the old form is read and written only where it is let', async () => {
    const rsa = keyOf('rsa');
    const dangerouslyUnauthenticatedHeader = true;
    const jwe = await sealResponse(rsa.publicKey, secret, { dangerouslyUnauthenticatedHeader });
    expect(jwe).toMatchObject({ protected: '{"alg":"RSA-OAEP-256","enc":"A256GCM"}', tag: '' });
    expect(await openResponse(rsa, jwe, { dangerouslyUnauthenticatedHeader })).toEqual(secret);
    await expect(openResponse(rsa, jwe)).rejects.toThrow(expect.objectContaining({ code: 'ERR_KBS_JWE' }));
  });

  it('takes the transport of RSA1_5 from the caller', async () => {
    const rsa = keyOf('rsa');
    const publicKey = parseTeeKey({ ...rsa.publicKey.jwk, alg: 'RSA1_5' }, { dangerouslyAllowRsa15: true });
    await expect(sealResponse(publicKey, secret)).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_KBS_JWE' }),
    );
    // A transport that hides nothing shows that the caller's own is what is used.
    const jwe = await sealResponse(publicKey, secret, { dangerouslyWrapRsa15: (key) => new Uint8Array(key) });
    await expect(openResponse(rsa, jwe)).rejects.toThrow(expect.objectContaining({ code: 'ERR_KBS_JWE' }));
    expect(await openResponse(rsa, jwe, { dangerouslyUnwrapRsa15: (key) => key })).toEqual(secret);
  });

  it('answers any flipped character with the plaintext or a KbsProtocolError', async () => {
    const jwe = await sealResponse(p256.publicKey, secret);
    const member = fc.constantFrom('protected', 'encrypted_key', 'iv', 'ciphertext', 'tag');
    await fc.assert(
      fc.asyncProperty(
        member,
        fc.nat(),
        fc.constantFrom('A', '-', '=', '{', ''),
        async (name, seed, character) => {
          const text = jwe[name as 'iv'];
          const at = seed % text.length;
          const changed = { ...jwe, [name]: text.slice(0, at) + character + text.slice(at + 1) };
          const same = changed[name as 'iv'] === text;
          const opened = await openResponse(p256, changed).catch((error: unknown) => error);
          if (same) expect(opened).toEqual(secret);
          else expect(opened).toBeInstanceOf(KbsProtocolError);
        },
      ),
    );
  });
});

describe('the response vectors', () => {
  const named = vectors.keys as { [name: string]: Jwk };
  it.each(vectors.cases.filter(({ name }) => !name.startsWith('RSA1_5')))('$name', async (item) => {
    const key = teeKeyOf(await importPrivateKey(named[item.key] ?? { kty: '' }));
    const plaintext = 'plaintext_base64' in item.expect ? item.expect.plaintext_base64 : undefined;
    const opening = (async () => openResponse(key, parseResponseJwe(JSON.stringify(item.jwe))))();
    if (plaintext === undefined) {
      await expect(opening).rejects.toThrow(KbsProtocolError);
      return;
    }
    expect(encodeBase64(await opening)).toBe(plaintext);
    if (item.ephemeral_private_jwk === undefined || item.cek_hex === undefined) return;
    const { cek_hex: cek, jwe } = item;
    const random = (length: number): Uint8Array => (length === 12 ? decodeBase64url(jwe.iv) : decodeHex(cek));
    const dangerouslyEphemeralKey = await importPrivateKey(item.ephemeral_private_jwk);
    expect(
      await sealResponse(key.publicKey, decodeBase64(plaintext ?? ''), { random, dangerouslyEphemeralKey }),
    ).toEqual(jwe);
  });
});

function keyOf(kind: TeeKeyKind): TeeKey {
  const key = keys.get(kind);
  if (key === undefined) throw new Error('no such key');
  return key;
}
