import { decodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { encodeCollateral, parseQuote } from '@sealwright/tdx-quote';
import { computeMrtd } from '@sealwright/tdx-quote/mrtd';
import { encodeTdxEvidence } from '@sealwright/tdx-quote/trustee';
import { describe, expect, it } from 'vitest';
import { at, collateral, laterBytes, quoteBytes } from '../../../packages/tdx-quote/test/forge.fixture.js';
import { makeImage } from '../../../packages/tdx-quote/test/image.fixture.js';
import { makeLog, variable } from '../../../packages/tdx-quote/test/log.fixture.js';
import synthetic from '../../../packages/tdx-quote/test/vectors/synthetic.json' with { type: 'json' };
import { runIn, testIo, type TestIo } from './test-io.js';

const log = makeLog([
  { index: 1, type: 0x8000_0001, data: variable('SecureBoot', Uint8Array.of(1)) },
  { index: 3, type: 0xd, data: 'kernel_cmdline: /k ro\0', hashed: encodeUtf8('/k ro') },
]);
const tdReport = new Uint8Array(1024);
tdReport[0] = 0x81;
tdReport[512] = 1;

function io(): TestIo {
  const world = testIo({
    'evidence.json': encodeTdxEvidence({ quote: quoteBytes, eventLog: log }),
    'bare.json': encodeTdxEvidence({ quote: quoteBytes }),
    'collateral.json': encodeCollateral(collateral),
  });
  const files = {
    root: decodeBase64(synthetic.root),
    quote: quoteBytes,
    later: laterBytes,
    log,
    tdReport,
    broken: quoteBytes.slice(0, 700),
  };
  for (const [path, bytes] of Object.entries(files)) world.files.set(path, { bytes, mode: 0o644 });
  return world;
}
const inspect = (...words: string[]) =>
  runIn(io(), 'evidence', 'inspect', ...words, '--at', '2025-06-01T00:00:00Z');

describe('evidence inspect', () => {
  it.each([
    ['quote', 'quote of Intel TDX 1.0, version 4'],
    ['later', 'quote of Intel TDX 1.5, version 5'],
    ['bare.json', 'quote of Intel TDX 1.0, version 4'],
  ])('shows %s, whose root is not that of Intel', async (file, title) => {
    const ran = await inspect(file, '--collateral', 'collateral.json');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout.startsWith(`${title}\n`)).toBe(true);
    expect(ran.stdout).toMatch(/^MRTD +[0-9a-f]{96}$/m);
    expect(ran.stdout).toMatch(/^ {2}NO +authentic .*ERR_TDX_CHAIN_UNTRUSTED_ROOT/m);
  });

  it('holds the registers of a quote to its event log', async () => {
    const { stdout } = await inspect('evidence.json');
    expect(stdout).toMatch(/^secure boot +on \(measured\)$/m);
    expect(stdout).toMatch(/^kernel command line +\/k ro \(measured\)$/m);
    expect(stdout).toMatch(/^ {2}NO +RTMR0 +the event log gives [0-9a-f]{96}$/m);
  });

  it('shows an event log', async () => {
    const { stdout } = await inspect('log');
    expect(stdout).toMatch(/^event log of 2 events, sha384\n/);
    expect(stdout).toMatch(/^RTMR2 +[0-9a-f]{96}$/m);
  });

  it('shows a TDREPORT', async () => {
    const { stdout } = await inspect('tdReport');
    expect(stdout).toMatch(/^TD attributes +0x1: under debug$/m);
    expect(stdout).toMatch(/^ {2}NO +trust domain/m);
  });

  it('tells a script everything', async () => {
    const { stdout } = await inspect('quote', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'quote of Intel TDX or SGX', good: false });
  });

  it('refuses what is broken', async () => {
    const ran = await inspect('broken');
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain('the signature needs 4868 bytes, not 700');
  });
});

describe('tdx verify', () => {
  const parsed = parseQuote(quoteBytes);
  const body = parsed.tee === 'tdx' ? parsed.body : undefined;
  const mrTd = encodeHex(body?.mrTd ?? new Uint8Array(0));
  const reportData = encodeHex(body?.reportData ?? new Uint8Array(0));
  const TRUST = ['--trust-root', 'root', '--at', at.toISOString()];
  const GIVEN = ['--collateral', 'collateral.json', ...TRUST];
  const verify = (world: TestIo, ...words: string[]) => runIn(world, 'tdx', 'verify', ...words);

  it.each(['quote', 'bare.json'])('accepts a genuine quote in %s', async (file) => {
    const ran = await verify(io(), file, ...GIVEN, '--mrtd', mrTd, '--report-data', reportData);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^ {2}pass {2}tcbStatus +UpToDate$/m);
    expect(ran.stdout).toMatch(new RegExp(`^ {2}pass {2}mrTd +${mrTd}$`, 'm'));
  });

  it('tells a script everything', async () => {
    const ran = await verify(io(), 'quote', ...GIVEN, '--mrtd', '00'.repeat(48), '--json');
    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      tcbStatus: 'UpToDate',
      failures: ['mrTd'],
      shortfalls: [],
    });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'ERR_CLI_NOT_ACCEPTED' } });
  });

  it('holds the registers to an event log, given or brought along', async () => {
    for (const words of [['evidence.json'], ['quote', '--event-log', 'log']]) {
      const ran = await verify(io(), ...words, ...GIVEN);
      expect(ran.exitCode).toBe(1);
      expect(ran.stdout).toMatch(/^ {2}fail {2}eventLog\.rtmr0 +expected [0-9a-f]{96}, found/m);
    }
  });

  it('holds the quote to a policy file, and to the command line', async () => {
    const world = io();
    const policy = { acceptedTcbStatuses: ['OutOfDate'], minQeSvn: 0xffff };
    world.files.set('policy', { bytes: encodeUtf8(JSON.stringify(policy)), mode: 0o644 });
    const file = await verify(world, 'quote', ...GIVEN, '--policy', 'policy');
    expect(file.stderr).toBe('Error: quote: not accepted: qeSvn, tcbStatus\n');
    const line = await verify(world, 'quote', ...GIVEN, '--policy', 'policy', '--accept-status', 'UpToDate');
    expect(line.stderr).toBe('Error: quote: not accepted: qeSvn\n');
  });

  it.each([
    ['a member that is none', { mrTd: [] }, '/mrTd'],
    ['a time of its own', { at: '2026-01-01T00:00:00Z' }, '/at'],
    ['a text for a list', { mrTds: 'x' }, 'a list of texts at /mrTds'],
    ['hex of a wrong length', { xfam: '00' }, 'xfam takes 8 bytes in hex'],
    ['a date that is none', { minTcbDate: 'now' }, 'minTcbDate'],
  ])('refuses a policy with %s', async (_, policy, message) => {
    const world = io();
    world.files.set('policy', { bytes: encodeUtf8(JSON.stringify(policy)), mode: 0o644 });
    const ran = await verify(world, 'quote', ...GIVEN, '--policy', 'policy');
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it.each([
    ['under the root of Intel', ['quote', '--collateral', 'collateral.json'], 1, 'none of the trusted ones'],
    [
      'at another time',
      ['quote', '--collateral', 'collateral.json', '--trust-root', 'root', '--at', '2060-01-01T00:00:00Z'],
      1,
      'was valid until',
    ],
    ['without collateral', ['quote', ...TRUST], 2, '--pcs'],
    [
      'with a status that is none',
      ['quote', ...GIVEN, '--accept-status', 'Fine'],
      2,
      '--accept-status is one of',
    ],
    ['that is cut off', ['broken', ...GIVEN], 1, 'broken: the signature needs'],
    ['that is a TDREPORT', ['tdReport', ...GIVEN], 1, 'tdReport: '],
    ['that is a log', ['log', ...GIVEN], 1, 'log: '],
    [
      'with collateral that is none',
      ['quote', '--collateral', 'quote', ...TRUST],
      1,
      'collateral is not JSON',
    ],
  ])('refuses a quote %s', async (_, words, exitCode, message) => {
    const ran = await verify(io(), ...words);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });

  it('asks the service that was named, and says when it has nothing', async () => {
    const asked: string[] = [];
    const world: TestIo = {
      ...io(),
      fetch: async ({ url }) => {
        asked.push(new URL(url).host);
        return new Response('', { status: 404 });
      },
    };
    const ran = await verify(world, 'quote', '--pcs-url', 'https://pccs.example/', ...TRUST);
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
    expect(asked).toContain('pccs.example');
  });
});

describe('tdx mrtd', () => {
  const image = makeImage([{ dataSize: 4096, memorySize: 0x2000n }]);
  const [single, double] = (['page-by-page', 'two-pass'] as const).map((order) =>
    encodeHex(computeMrtd(image, { order })),
  );
  const world = io();
  world.files.set('firmware', { bytes: image, mode: 0o644 });
  const mrtd = (...words: string[]) => runIn(world, 'tdx', 'mrtd', ...words);

  it('computes what the package computes', async () => {
    expect((await mrtd('firmware')).stdout).toBe(`${single}\n`);
    expect((await mrtd('firmware', '--two-pass')).stdout).toBe(`${double}\n`);
    expect((await mrtd('firmware', '--expect', double ?? '')).stdout).toBe(`${double}  two-pass\n`);
    expect(JSON.parse((await mrtd('firmware', '--json')).stdout)).toEqual({
      mrTd: single,
      order: 'page-by-page',
      sections: 1,
    });
  });

  it.each([
    [['firmware', '--expect', '00'.repeat(48)], 1, 'neither way of building'],
    [['firmware', '--expect', '00'], 2, '--expect is 96 hex digits'],
    [['firmware', '--expect', 'x'], 2, '--expect'],
    [['log'], 1, 'log: '],
  ])('refuses %j', async (words, exitCode, message) => {
    const ran = await mrtd(...words);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
  });
});

it('tdx inspect shows quotes and logs of TDX, and nothing else', async () => {
  expect((await runIn(io(), 'tdx', 'inspect', 'quote')).stdout).toMatch(/^quote of Intel TDX 1\.0/);
  expect((await runIn(io(), 'tdx', 'inspect', 'log')).stdout).toMatch(/^event log/);
  expect(await runIn(io(), 'tdx', 'inspect', 'root')).toMatchObject({ exitCode: 1 });
});
