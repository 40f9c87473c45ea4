import { encodeUtf8 } from '@sealwright/bytes';
import { encodeCollateral } from '@sealwright/tdx-quote';
import { encodeTdxEvidence } from '@sealwright/tdx-quote/trustee';
import { describe, expect, it } from 'vitest';
import { collateral, laterBytes, quoteBytes } from '../../../packages/tdx-quote/test/forge.fixture.js';
import { makeLog, variable } from '../../../packages/tdx-quote/test/log.fixture.js';
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
  const files = { quote: quoteBytes, later: laterBytes, log, tdReport, broken: quoteBytes.slice(0, 700) };
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
