import { decodeBase64, decodeBase64url, decodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { put, runIn, testIo } from './test-io.js';

interface SealedCase {
  readonly id: string;
  readonly mode: 'verify' | 'skip';
  readonly sealed?: string;
  readonly sealed_bytes_b64?: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly expect: { readonly verdict: 'accept' | 'reject'; readonly error?: string };
}

interface SealCase {
  readonly id: string;
  readonly jwk: string;
  readonly kid: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly payload_b64url: string;
  readonly header_b64url: string;
}

interface AnnotationCase {
  readonly id: string;
  readonly annotation: string;
  readonly verdict: 'accept' | 'reject';
  readonly none?: boolean;
  readonly toml?: string;
  readonly algorithm?: string;
  readonly digest_hex?: string;
}

const sealed = vectorArea('sealed-secret');
const initdata = vectorArea('initdata');

describe.skipIf(!sealed.present)(`vectors of ${sealed.name}`, () => {
  const cases = sealed.present ? sealed.json<{ cases: SealedCase[] }>('cases.json').cases : [];

  // A file may end in white space, which is not part of the text. Who gives --key has said whose signature it must be.
  const askable = cases.filter(
    (row) => bytesOf(row).trim() === bytesOf(row) && (row.mode === 'skip' || keyFileOf(row) !== undefined),
  );

  it.each(askable)('$id', async (row) => {
    const io = testIo();
    io.files.set('s', { bytes: Buffer.from(bytesOf(row), 'latin1'), mode: 0o644 });
    const how = row.mode === 'skip' ? ['--dangerously-skip-verification'] : ['--key', 'jwk'];
    if (row.mode === 'verify') put(io, 'jwk', sealed.text(keyFileOf(row) ?? ''));
    const { exitCode, stdout } = await runIn(io, 'unseal', 's', ...how, '--json');
    if (row.expect.verdict === 'accept') {
      expect(exitCode).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ verified: row.mode === 'verify' });
    } else if (!LATER.has(row.expect.error ?? '')) {
      expect([exitCode, stdout]).toEqual([1, '']);
    }
  });

  const vault = (sealed.present ? sealed.json<SealCase[]>('seal.json') : []).filter(
    ({ input }) =>
      input['provider'] === 'kbs' &&
      JSON.stringify([input['provider_settings'], input['annotations']]) === '[{},{}]',
  );

  it.each(vault)('$id is sealed', async ({ jwk, kid, input, payload_b64url, header_b64url }) => {
    const io = testIo();
    put(io, 'jwk', sealed.text(jwk));
    const name = String(input['name']);
    const args = ['--resource', name, '--signing-jwk-path', 'jwk', '--signing-kid', kid];
    const { stdout } = await runIn(io, 'seal', ...args);
    expect(stdout.split('.').slice(0, 3)).toEqual(['sealed', header_b64url, payload_b64url]);
    put(io, 's', stdout);
    expect(await runIn(io, 'unseal', 's', '--key', 'jwk')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(name),
    });
  });

  it.each(sealed.list('seed-000').filter((name) => name.endsWith('.b64.txt')))(
    '%s names where its value is',
    async (file) => {
      const io = testIo();
      io.files.set('s', { bytes: decodeBase64(sealed.text('seed-000', file).trim()), mode: 0o644 });
      const ran = await runIn(io, 'unseal', 's', '--dangerously-skip-verification', '--json');
      expect(JSON.parse(ran.stdout)).toMatchObject({
        verified: false,
        name: expect.stringMatching(/^kbs:\/\/\//),
      });
    },
  );
});

describe.skipIf(!initdata.present)(`vectors of ${initdata.name}`, () => {
  it.each(initdata.present ? initdata.json<AnnotationCase[]>('annotations.json') : [])('$id', async (row) => {
    const io = testIo();
    io.files.set('a', { bytes: initdata.bytes(row.annotation), mode: 0o644 });
    const inspected = await runIn(io, 'initdata', 'inspect', 'a', '--json');
    if (row.verdict === 'reject' || row.none === true) {
      expect(inspected).toMatchObject({ exitCode: 1, stdout: '' });
      return;
    }
    const { algorithm, digest_hex: digest } = row;
    expect(JSON.parse(inspected.stdout)).toMatchObject({ algorithm, digest });
    io.files.set('t', { bytes: initdata.bytes(row.toml ?? ''), mode: 0o644 });
    expect((await runIn(io, 'initdata', 'digest', 't')).stdout).toBe(`${digest}\n`);
    put(io, 'b', (await runIn(io, 'initdata', 'encode', 't')).stdout);
    expect((await runIn(io, 'initdata', 'digest', 'b')).stdout).toBe(`${digest}\n`);
  });
});

/** What shows only when the value is fetched, after the signature. */
const LATER: ReadonlySet<string> = new Set(['provider', 'decrypt']);

function bytesOf(row: SealedCase): string {
  return row.sealed === undefined
    ? Buffer.from(row.sealed_bytes_b64 ?? '', 'base64').toString('latin1')
    : Buffer.from(row.sealed).toString('latin1');
}

/** The key that the text asks for; any key where it asks for none; nothing where the case is that there is no such key. */
function keyFileOf(row: SealedCase): string | undefined {
  const kid = kidOf(bytesOf(row));
  const [any = 'keys/'] = [...Object.values(row.keys), ...sealed.list('keys').map((name) => `keys/${name}`)];
  return kid === undefined ? any : row.keys[kid];
}

function kidOf(text: string): string | undefined {
  try {
    const header = JSON.parse(decodeUtf8(decodeBase64url(text.split('.')[1] ?? ''))) as { kid?: unknown };
    return typeof header.kid === 'string' ? header.kid : undefined;
  } catch {
    return undefined;
  }
}
