import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateKeyPair } from '../src/index.js';
import { platform as node } from '../src/platform/node.js';
import type { Platform } from '../src/platform/platform.js';
import { platform as web } from '../src/platform/web.js';
import { runReadme, unnamedExports } from '../../../tools/readme.ts';

const MESSAGE = new TextEncoder().encode('the same on both');
const pairs: [string, Platform, Platform][] = [
  ['node, read by web', node, web],
  ['web, read by node', web, node],
];

describe.each(pairs)('%s', (_, here, there) => {
  it.each([
    ['ec-p256', { family: 'ecdsa', hash: 'sha256' }],
    ['ec-p384', { family: 'ecdsa', hash: 'sha384' }],
    ['ec-p521', { family: 'ecdsa', hash: 'sha512' }],
    ['ed25519', { family: 'ed25519', hash: 'sha512' }],
    ['rsa', { family: 'rsa-pkcs1', hash: 'sha256' }],
    ['rsa', { family: 'rsa-pss', hash: 'sha512' }],
  ] as const)('%s keys and signatures', async (kind, scheme) => {
    const pkcs8 = await here.generate(kind, 2048);
    const spki = await there.publicOf({ kind, pkcs8, handle: undefined });
    expect(await here.publicOf({ kind, pkcs8, handle: undefined })).toEqual(spki);
    for (const encoding of ['raw', 'der'] as const) {
      const signature = await here.sign({ kind, pkcs8, handle: undefined }, scheme, MESSAGE, encoding);
      const verified = async (message: Uint8Array): Promise<boolean> => {
        const key = { kind, spki, handle: undefined };
        if (scheme.family === 'ecdsa')
          return await there.verifyEcdsa(key, scheme.hash, message, signature, encoding);
        return await there.verify(key, scheme, message, signature);
      };
      expect(await verified(MESSAGE)).toBe(true);
      expect(await verified(Uint8Array.of(1))).toBe(false);
    }
  });

  it.each(['ec-p256', 'ec-p384', 'ec-p521'] as const)('%s agreement', async (kind) => {
    const [mine, theirs] = [await here.generate(kind, 0), await there.generate(kind, 0)];
    const publicOf = async (pkcs8: typeof mine) => ({
      kind,
      spki: await node.publicOf({ kind, pkcs8, handle: undefined }),
      handle: undefined,
    });
    expect(await here.ecdh({ kind, pkcs8: mine, handle: undefined }, await publicOf(theirs))).toEqual(
      await there.ecdh({ kind, pkcs8: theirs, handle: undefined }, await publicOf(mine)),
    );
  });

  it('RSA-OAEP', async () => {
    const pkcs8 = await here.generate('rsa', 2048);
    const spki = await here.publicOf({ kind: 'rsa', pkcs8, handle: undefined });
    const sealed = await here.oaepEncrypt({ kind: 'rsa', spki, handle: undefined }, 'sha256', MESSAGE);
    expect(await there.oaepDecrypt({ kind: 'rsa', pkcs8, handle: undefined }, 'sha256', sealed)).toEqual(
      MESSAGE,
    );
  });

  it('counter mode and MACs in parts, whatever the parts and wherever the counter wraps', () => {
    const key = here.randomBytes(32);
    const edges = fc.constantFrom(0, 0xfe, 0xff);
    const part = fc.uint8Array({ maxLength: 70 });
    fc.assert(
      fc.property(
        fc.array(edges, { minLength: 16, maxLength: 16 }),
        fc.array(part, { maxLength: 6 }),
        (iv, parts) => {
          const counter = Uint8Array.from(iv);
          const whole = Uint8Array.from(parts.flatMap((each) => [...each]));
          const cipher = here.createCtr(key, counter);
          const mac = here.createHmac('sha256', key);
          for (const each of parts) mac.update(each);
          const encrypted = parts.flatMap((each) => [...cipher.update(each)]);
          expect(Uint8Array.from(encrypted)).toEqual(there.ctr(key, Uint8Array.from(iv), whole));
          expect(counter).toEqual(Uint8Array.from(iv));
          expect(mac.digest()).toEqual(there.hmac('sha256', key, whole));
        },
      ),
    );
  });

  it('ciphers, MACs and derivation', async () => {
    const key = here.randomBytes(32);
    const iv = here.randomBytes(12);
    const sealed = here.gcmSeal(key, iv, MESSAGE, iv);
    expect(there.gcmOpen(key, iv, sealed, iv)).toEqual(MESSAGE);
    const counter = new Uint8Array(16).fill(0xff);
    expect(there.ctr(key, counter, here.ctr(key, counter, MESSAGE))).toEqual(MESSAGE);
    expect(there.hmac('sha384', key, MESSAGE)).toEqual(here.hmac('sha384', key, MESSAGE));
    const cost = { N: 1024, r: 8, p: 1, length: 32 };
    expect(await there.scrypt(key, iv, cost)).toEqual(await here.scrypt(key, iv, cost));
  });
});

it.each([node, web])(
  'has the same hashes everywhere, whatever the platform knows beside them',
  (platform) => {
    const md5 = JSON.parse('"md5"');
    expect(() => platform.digest(md5, MESSAGE)).toThrow(TypeError);
    expect(() => platform.createDigest(md5)).toThrow(TypeError);
  },
);

it('hashes with SM3 as OpenSSL does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(node.digest('sm3', data)).toEqual(new Uint8Array(createHash('sm3').update(data).digest()));
    }),
  );
});

it('keeps a private key out of the inspector', async () => {
  expect(inspect({ key: await generateKeyPair('ed25519') })).toBe('{ key: [secret] }');
});

it('runs the README as pasted', async () => {
  expect(await runReadme('packages/crypto')).toEqual(['true', 'ERR_CRYPTO_AUTH', '[secret]']);
});

it('names every export in the README', async () => {
  expect(await unnamedExports('packages/crypto')).toEqual([]);
});
