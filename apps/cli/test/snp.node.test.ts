import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { encodePem } from '@sealwright/der';
import {
  encodeSnpCertificateTable,
  encodeSnpReport,
  parseSnpReport,
  SNP_TABLE,
} from '@sealwright/snp-report';
import { encodeSnpEvidence } from '@sealwright/snp-report/evidence';
import { measureSnpLaunch, snpVcpuSignature } from '@sealwright/snp-report/launch';
import { describe, expect, it } from 'vitest';
import { evidence as azure, initData, nonce } from '../../../packages/snp-report/test/azure.fixture.js';
import { crl, intermediate, leaf, report, root } from '../../../packages/snp-report/test/milan.fixture.js';
import { runIn, testIo, type TestIo } from './test-io.js';

const parsed = parseSnpReport(report);
const measurement = encodeHex(parsed.measurement);
const certificates = [
  { guid: SNP_TABLE.vcek, data: leaf },
  { guid: SNP_TABLE.ask, data: intermediate },
  { guid: SNP_TABLE.ark, data: root },
];

/** The private test PKI of the package's tests. */
function io(more: Readonly<Record<string, Uint8Array>> = {}): TestIo {
  const world = testIo({ 'evidence.json': encodeSnpEvidence(parsed, certificates) });
  const files = {
    report,
    leaf,
    ask: intermediate,
    ark: root,
    crl,
    table: encodeSnpCertificateTable(certificates),
    ...more,
  };
  for (const [path, bytes] of Object.entries(files)) world.files.set(path, { bytes, mode: 0o644 });
  return world;
}
const AT = ['--at', '2025-06-01T00:00:00Z'];
const TRUST = ['--trust-root', 'ark', ...AT];
const verify = (world: TestIo, ...words: string[]) => runIn(world, 'snp', 'verify', ...words);

describe('snp verify', () => {
  it.each([
    ['certificates by name', ['report', '--leaf', 'leaf', '--intermediate', 'ask', '--root', 'ark']],
    ['a certificate table', ['report', '--certificates', 'table']],
    ['evidence that brings its certificates', ['evidence.json']],
    ['a revocation list', ['evidence.json', '--crl', 'crl', '--require-crl']],
  ])('accepts a genuine report with %s', async (_, words) => {
    const ran = await verify(io(), ...words, ...TRUST, '--measurement', measurement);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^ {2}pass {2}measurement +f73089ef/m);
  });

  it('takes certificates as PEM', async () => {
    const world = io({ pem: encodeUtf8(encodePem('CERTIFICATE', leaf)) });
    const ran = await verify(world, 'report', '--leaf', 'pem', '--intermediate', 'ask', ...TRUST);
    expect(ran.exitCode).toBe(0);
  });

  it('tells a script everything', async () => {
    const ran = await verify(io(), 'evidence.json', ...TRUST, '--json', '--preset', 'strict');
    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      ok: false,
      product: 'Milan',
      signer: 'VCEK',
      cspId: null,
      failures: ['guestPolicy.smt', 'platformInfo.smtEnabled'],
    });
    expect(JSON.parse(ran.stderr)).toMatchObject({ error: { code: 'ERR_CLI_NOT_ACCEPTED' } });
  });

  it('holds the report to a policy file, and to the command line', async () => {
    const policy = encodeUtf8(JSON.stringify({ vmpl: 3, minReportedTcb: { snp: 255 } }));
    const ran = await verify(
      io({ policy }),
      'evidence.json',
      ...TRUST,
      '--policy',
      'policy',
      '--report-data',
      '00',
    );
    expect(ran).toMatchObject({
      exitCode: 1,
      stderr: 'Error: evidence.json: not accepted: reportData, reportedTcb, vmpl\n',
    });
    expect(ran.stdout).toContain('expected at least snp 255, found bootloader 3 tee 0 snp 20 microcode 209');
  });

  it.each([
    ['a member that is none', { vmlp: 0 }, '/vmlp'],
    ['a member of a member that is none', { guestPolicy: { debug: false } }, '/guestPolicy/debug'],
    ['a text for a number', { vmpl: '0' }, 'a number at /vmpl'],
    ['a text for a flag', { guestPolicy: { allowDebug: 'no' } }, 'a boolean at /guestPolicy/allowDebug'],
    ['a text for a list', { measurements: 'x' }, 'a list of texts at /measurements'],
    ['a number for an object', { guestPolicy: 1 }, 'an object at /guestPolicy'],
    ['hex of a wrong length', { hostData: '00' }, 'hostData: expected 32 bytes in hex'],
  ])('refuses a policy with %s', async (_, policy, message) => {
    const world = io({ policy: encodeUtf8(JSON.stringify(policy)) });
    const ran = await verify(world, 'evidence.json', ...TRUST, '--policy', 'policy');
    expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it.each([
    [
      'under the root of AMD',
      ['report', '--certificates', 'table', ...AT],
      1,
      'the root is none of the trusted ones',
    ],
    [
      'at another time',
      ['evidence.json', '--trust-root', 'ark', '--at', '2040-01-01T00:00:00Z'],
      1,
      'not valid any more',
    ],
    ['without a leaf', ['report', ...TRUST], 2, '--kds'],
    [
      'without a revocation list',
      ['evidence.json', '--require-crl', ...TRUST],
      1,
      'revocation list is required',
    ],
    ['of another product', ['evidence.json', '--product', 'Turin', ...TRUST], 1, 'another product'],
    [
      'at a time that is none',
      ['evidence.json', '--trust-root', 'ark', '--at', 'tomorrow'],
      2,
      '--at is a time',
    ],
    ['that is none', ['leaf', ...TRUST], 1, 'leaf: a report is 1184 bytes'],
  ])('refuses a report %s', async (_, words, exitCode, message) => {
    const ran = await verify(io(), ...words);
    expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringContaining(message) });
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });

  it('gets the leaf and the list from the key service of AMD', async () => {
    const asked: string[] = [];
    const world: TestIo = {
      ...io(),
      fetch: async ({ url }) => {
        asked.push(new URL(url).pathname.replace(/[0-9a-f]{128}/, 'ID'));
        return new Response(url.endsWith('/crl') ? crl : leaf);
      },
    };
    const ran = await verify(world, 'report', '--kds', '--intermediate', 'ask', ...TRUST, '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, revocationChecked: true });
    expect(asked).toEqual(['/vcek/v1/Milan/ID', '/vcek/v1/Milan/crl']);
  });
});

describe('snp verify of an Azure machine', () => {
  const world = (evidence: object = azure): TestIo =>
    io({ 'azure.json': encodeUtf8(JSON.stringify(evidence)) });
  const words = ['azure.json', '--intermediate', 'ask', ...TRUST, '--preset', 'azure'];

  it('follows report, paravisor and vTPM to the nonce', async () => {
    const ran = await verify(world(), ...words, '--report-data', nonce, '--initdata-digest', initData);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^ {2}pass {2}vmpl +0$/m);
  });

  it.each([
    ['over another nonce', ['--report-data', '00'], 1, 'over another nonce'],
    ['whose nonce has zeros at its end', ['--report-data', `${nonce}00`], 1, 'over another nonce'],
    [
      'with other init-data',
      ['--report-data', nonce, '--initdata-digest', '00'.repeat(32)],
      1,
      'another init-data',
    ],
    [
      'of another measurement',
      ['--report-data', nonce, '--measurement', '00'.repeat(48)],
      1,
      'not accepted: measurement',
    ],
    ['without a nonce', [], 2, '--report-data'],
    ['with a nonce that is no hex', ['--report-data', 'xx'], 2, '--report-data is bytes in hexadecimal'],
  ])('refuses evidence %s', async (_, more, exitCode, message) => {
    const ran = await verify(world(), ...words, ...more);
    expect(ran).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });

  it('refuses evidence whose parts are not bound to each other', async () => {
    const changed = {
      ...azure,
      tpm_quote: { ...azure.tpm_quote, pcrs: [...azure.tpm_quote.pcrs].reverse() },
    };
    const ran = await verify(world(changed), ...words, '--report-data', nonce);
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
  });
});

describe('evidence inspect', () => {
  const inspect = (world: TestIo, ...words: string[]) => runIn(world, 'evidence', 'inspect', ...words, ...AT);

  it('shows a report, and why nobody vouches for it', async () => {
    const ran = await inspect(io(), 'report');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toContain('report of AMD SEV-SNP, version 3, Milan, signed by a VCEK');
    expect(ran.stdout).toMatch(new RegExp(`^measurement +${measurement}$`, 'm'));
    expect(ran.stdout).toContain('get it from https://kdsintf.amd.com/vcek/v1/Milan/');
    // A report of version 2 does not say of which product it is.
    const cpuid = { cpuidFamily: undefined, cpuidModel: undefined, cpuidStepping: undefined };
    const bytes = encodeSnpReport({ ...parsed, version: 2, ...cpuid });
    for (const name of ['report', 'old']) {
      const forged = await inspect(io({ old: bytes }), name, '--leaf', 'leaf');
      expect(forged.stdout).toMatch(/^ {2}NO +authentic +a signature does not verify/m);
    }
  });

  it.each([
    ['a response of the driver', 'response', 'report of AMD SEV-SNP'],
    ['evidence of Confidential Containers', 'evidence.json', 'SEV-SNP evidence of Confidential Containers'],
    ['evidence of Azure', 'azure.json', 'SEV-SNP evidence of an Azure virtual machine'],
    ['a report of the paravisor', 'hcl', 'paravisor report of an Azure virtual machine'],
  ])('recognises %s', async (_, file, kind) => {
    const header = new Uint8Array(0x20 + report.length);
    new DataView(header.buffer).setUint32(4, report.length, true);
    header.set(report, 0x20);
    const hcl = Uint8Array.from(Buffer.from(azure.hcl_report, 'base64url'));
    const world = io({ response: header, hcl, 'azure.json': encodeUtf8(JSON.stringify(azure)) });
    const ran = await inspect(world, file, '--json');
    const document = JSON.parse(ran.stdout);
    expect(document).toMatchObject({ kind, good: false, fields: { measurement } });
    expect(document.checks[0]).toMatchObject({ name: 'authentic', ok: false });
  });

  it('refuses what it does not recognise, and what it recognises but cannot read', async () => {
    const broken = Uint8Array.from(report);
    broken[0x400] = 1;
    const world = io({ broken, text: encodeUtf8('{"quote":') });
    expect(await inspect(world, 'text')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('none of: '),
    });
    expect(await inspect(world, 'broken')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('a reserved byte is not zero'),
    });
    expect(await runIn(world, 'snp', 'inspect', 'ark')).toMatchObject({ exitCode: 1 });
  });
});

describe('snp measure', () => {
  const u32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);
  const firmware = new Uint8Array(0x1000);
  const guid = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
  const table = Buffer.concat([
    u32(0x80_b004),
    Uint8Array.of(22, 0),
    guid('de71f7007e1acb4f890e68c77e2fb44e'),
    Uint8Array.of(40, 0),
    guid('de82b596b21ff745baeaa366c55a082d'),
  ]);
  firmware.set(table, 0x1000 - 32 - table.length);
  const world = io({ firmware, kernel: encodeUtf8('kernel') });
  const measure = (...words: string[]) => runIn(world, 'snp', 'measure', '--firmware', 'firmware', ...words);

  it('computes what the package computes', async () => {
    const expected = measureSnpLaunch({ firmware, vcpus: 2, vcpuSignature: snpVcpuSignature('EPYC-Milan') });
    const words = ['--vcpus', '2', '--vcpu-type', 'EPYC-Milan'];
    expect((await measure(...words)).stdout).toBe(`${encodeHex(expected)}\n`);
    expect((await measure(...words, '--base64')).stdout).toBe(`${encodeBase64(expected)}\n`);
    expect((await measure('--vcpus', '2', '--vcpu-signature', '0xa00f11')).stdout).toBe(
      `${encodeHex(expected)}\n`,
    );
    const legacy = await measure('--mode', 'sev', '--json');
    expect(JSON.parse(legacy.stdout)).toMatchObject({
      mode: 'sev',
      measurement: expect.stringMatching(/^.{64}$/),
    });
  });

  it.each([
    [['--vcpus', '0'], 2, '--vcpus is a number'],
    [['--vcpu-type', 'Xeon'], 2, '--vcpu-type is one of'],
    [['--guest-features', 'x'], 2, '--guest-features'],
    [['--firmware-hash', '00'], 2, '--firmware-hash'],
    [['--initrd', 'kernel'], 2, '--kernel'],
    [['--svsm', 'firmware', '--monitor', 'ec2'], 2, '--svsm'],
    [['--monitor', 'xen'], 2, 'xen'],
    [['--kernel', 'kernel'], 1, 'firmware: the firmware has no place for kernel hashes'],
  ])('refuses %j', async (words, exitCode, message) => {
    expect(await measure(...words)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('needs firmware', async () => {
    expect(await runIn(world, 'snp', 'measure')).toMatchObject({ exitCode: 2 });
  });
});
