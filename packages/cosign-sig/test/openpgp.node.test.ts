import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createMessage, generateKey, readKey, readPrivateKey, sign } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CosignError, openPgpVerifier } from '../src/policy/index.js';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const text = '{"critical":{}}';
let ring: Uint8Array;
let armored: Uint8Array;
let message: Uint8Array;
let signer: string;
const rejections: unknown[] = [];
const remember = (reason: unknown): void => void rejections.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', remember);
  const made = await generateKey({
    userIDs: [{ name: 'A', email: 'a@example.com' }],
    date: new Date(NOW - 1000),
    format: 'armored',
  });
  const key = await readPrivateKey({ armoredKey: made.privateKey });
  signer = made.privateKey;
  ring = key.toPublic().write();
  armored = new TextEncoder().encode(made.publicKey);
  message = await sign({
    message: await createMessage({ binary: new TextEncoder().encode(text) }),
    signingKeys: key,
    date: new Date(NOW - 1000),
    format: 'binary',
  });
});

afterAll(() => void process.off('unhandledRejection', remember));

describe('openPgpVerifier', () => {
  const open = openPgpVerifier().open;

  it('gives what a key of the ring signed, the ring binary or armored', async () => {
    for (const keys of [ring, armored]) {
      const { content, keyId } = await open(message, [keys], NOW);
      expect([new TextDecoder().decode(content), keyId]).toEqual([
        text,
        expect.stringMatching(/^[0-9A-F]{16}$/),
      ]);
    }
  });

  it('refuses other rings, other forms, other times, and what is too large', async () => {
    const other = await generateKey({ userIDs: [{ name: 'B' }], format: 'binary' });
    const refusal = { code: 'ERR_COSIGN_OPENPGP' };
    const key = await readPrivateKey({ armoredKey: signer });
    const twice = await sign({
      message: await createMessage({ binary: new TextEncoder().encode(text) }),
      signingKeys: [key, key],
      date: new Date(NOW - 1000),
      format: 'binary',
    });
    const unsigned = (await createMessage({ binary: new TextEncoder().encode(text) })).write();
    for (const [bytes, keys, now] of [
      [message, [other.publicKey], NOW],
      [message, [], NOW],
      [message, [ring], NOW - 5000],
      [twice, [ring], NOW],
      [unsigned, [ring], NOW],
      [new TextEncoder().encode(text), [ring], NOW],
      [new Uint8Array(), [ring], NOW],
      [message, [new Uint8Array()], NOW],
      [new Uint8Array(5 << 20).fill(0xa3), [ring], NOW],
      [message, [new Uint8Array(5 << 20)], NOW],
    ] as const) {
      await expect(open(bytes, keys, now)).rejects.toMatchObject(refusal);
    }
    expect(await readKey({ armoredKey: new TextDecoder().decode(armored) })).toBeDefined();
  });

  it.runIf(hasGpg())('takes what gpg packs, and refuses a bomb', async () => {
    const home = mkdtempSync(join(tmpdir(), 'sealwright-gpg-'));
    const gpg = (...args: string[]) =>
      execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--yes', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    try {
      gpg('--passphrase', '', '--quick-gen-key', 'A <a@b.c>', 'rsa2048', 'sign', '0');
      const keys = new Uint8Array(gpg('--export'));
      for (const [content, packs] of [
        [text, true],
        ['\0'.repeat(64 << 20), false],
      ] as const) {
        writeFileSync(join(home, 'payload'), content);
        gpg('--passphrase', '', '--output', join(home, 'signed'), '--sign', join(home, 'payload'));
        const opened = open(new Uint8Array(readFileSync(join(home, 'signed'))), [keys], Date.now());
        if (packs) expect(new TextDecoder().decode((await opened).content)).toBe(content);
        else await expect(opened).rejects.toMatchObject({ code: 'ERR_COSIGN_OPENPGP' });
      }
    } finally {
      execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('answers changed messages with what was signed or a CosignError, and rejects nothing behind our back', async () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        let changed = message.slice();
        for (const { at, byte, cut } of edits) {
          if (changed.length === 0) break;
          changed[at % changed.length] = byte;
          if (cut) changed = changed.subarray(0, at % changed.length);
        }
        try {
          expect(new TextDecoder().decode((await open(changed, [ring], NOW)).content)).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CosignError);
        }
      }),
      { numRuns: Number(process.env['SEALWRIGHT_MUTATIONS'] ?? 2000), seed: 3 },
    );
    expect(rejections).toEqual([]);
  }, 120_000);
});

function hasGpg(): boolean {
  try {
    execFileSync('gpg', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
