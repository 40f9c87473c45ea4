import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { runIn, testIo, type TestIo } from './test-io.js';

interface Check {
  readonly note: string;
  readonly at: string;
  readonly xor: readonly unknown[];
  readonly expect: { readonly ok: boolean };
}
interface RealCase {
  readonly file: string;
  readonly vek?: { readonly file: string };
  readonly checks?: readonly Check[];
}
interface AzureCase {
  readonly file: string;
  readonly at: string;
  readonly reportData: string;
  readonly expect?: { readonly ok: boolean };
}
interface MeasurementCase {
  readonly name: string;
  readonly mode: string;
  readonly firmware: string;
  readonly firmwareHash: string | null;
  readonly vcpus: number;
  readonly vcpuSig: string;
  readonly vmm: string;
  readonly guestFeatures: string;
  readonly kernel: string | null;
  readonly initrd: string | null;
  readonly cmdline: string | null;
  readonly expect: { readonly ok: boolean; readonly digest: string | null };
}

const area = vectorArea('snp-report');
const suite = describe.skipIf(!area.present);
const world = (folder: string): TestIo => ({
  ...testIo(),
  readFile: async (path) => area.bytes(folder, path),
});

suite('snp-report/real', () => {
  const cases = area
    .list('real')
    .filter((name) => name.endsWith('.json') && name !== 'certificates.json')
    .map((name) => area.json<RealCase>('real', name))
    .flatMap(({ file, vek, checks = [] }) =>
      vek === undefined
        ? []
        : checks.filter(({ xor }) => xor.length === 0).map((check) => ({ file, leaf: vek.file, ...check })),
    );

  it.each(cases)('$file: $note', async ({ file, leaf, at, expect: wanted }) => {
    const ran = await runIn(world('real'), 'evidence', 'inspect', file, '--leaf', leaf, '--at', at, '--json');
    expect(JSON.parse(ran.stdout).checks[0]).toMatchObject({ name: 'authentic', ok: wanted.ok });
    const verified = await runIn(world('real'), 'snp', 'verify', file, '--leaf', leaf, '--at', at, '--json');
    expect(verified.stdout === '').toBe(!wanted.ok);
  });
});

suite('snp-report/azure', () => {
  const names = area.list('azure').filter((name) => name.startsWith('az-snp') || name.endsWith('.bin'));
  it.each(names)('%s', async (name) => {
    const ran = await runIn(world('azure'), 'evidence', 'inspect', name, '--at', '2026-01-01T00:00:00Z');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringContaining('Azure') });
    if (name.endsWith('.json')) expect(ran.stdout).toMatch(/^ {2}yes {2}paravisor and vTPM/m);
  });
});

suite('snp verify of snp-report/azure', () => {
  const cases = area.present
    ? area.json<AzureCase[]>('azure', 'real.json').filter(({ expect: expected }) => expected !== undefined)
    : [];
  it.each(cases)('$file', async ({ file, at, reportData, expect: expected }) => {
    const words = ['snp', 'verify', file, '--at', at, '--preset', 'azure'];
    const ran = await runIn(world('azure'), ...words, '--report-data', reportData);
    expect(ran.exitCode).toBe(expected?.ok === true ? 0 : 1);
    const other = await runIn(world('azure'), ...words, '--report-data', `${reportData}00`);
    expect(other).toMatchObject({ exitCode: 1, stdout: '' });
  });
});

suite('snp-report/measurement', () => {
  const cases = area.present
    ? area.json<{ cases: MeasurementCase[] }>('measurement', 'cases.json').cases
    : [];
  it.each(cases)('$name', async (given) => {
    const optional = (flag: string, value: string | null): string[] => (value === null ? [] : [flag, value]);
    const ran = await runIn(
      world('measurement'),
      'snp',
      'measure',
      '--firmware',
      given.firmware,
      '--mode',
      given.mode,
      '--monitor',
      given.vmm,
      '--vcpus',
      String(given.vcpus),
      '--vcpu-signature',
      given.vcpuSig,
      '--guest-features',
      given.guestFeatures,
      ...optional('--firmware-hash', given.firmwareHash),
      ...optional('--kernel', given.kernel),
      ...(given.kernel === null ? [] : optional('--initrd', given.initrd)),
      ...(given.kernel === null ? [] : optional('--append', given.cmdline)),
    );
    expect(ran.stdout).toBe(given.expect.digest === null ? '' : `${given.expect.digest}\n`);
    expect(ran.exitCode).toBe(given.expect.ok ? 0 : 1);
  });
});
