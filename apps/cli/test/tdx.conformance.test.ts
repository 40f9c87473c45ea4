import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { runIn, testIo } from './test-io.js';

interface RealCase {
  readonly file: string;
  readonly fields?: object;
  readonly pckChain: readonly { notBefore: string }[];
  readonly checks: readonly {
    collateral: string;
    at: string;
    expect: { verified: boolean; reason?: string; status?: string };
  }[];
}

const area = vectorArea('tdx-quote');
const evidence = vectorArea('kbs/evidence');

describe.skipIf(!area.present)('evidence inspect', () => {
  const cases = area
    .list('real')
    .filter((name) => name.endsWith('.json'))
    .map((name) => area.json<RealCase>('real', name))
    .filter(({ fields }) => fields !== undefined);
  const checks = cases.flatMap(({ file, checks: list }) =>
    list.map((check) => ({ ...check, file, title: `${file} with ${check.collateral} at ${check.at}` })),
  );

  it.each(checks)('$title', async ({ file, collateral, at, expect: expected }) => {
    const world = testIo();
    for (const name of [file, collateral])
      world.files.set(name, { bytes: area.bytes('real', name), mode: 0o644 });
    const ran = await runIn(world, 'evidence', 'inspect', file, '--collateral', collateral, '--at', at);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    if (expected.verified) expect(ran.stdout).toMatch(/^ {2}(?:yes|NO ) +tcbStatus /m);
    else expect(ran.stdout).toContain(`(ERR_TDX_${codeOf(expected.reason ?? '')})`);
  });

  it.each(checks)('verify says the same of $title', async ({ file, collateral, at, expect: expected }) => {
    const world = testIo();
    for (const name of [file, collateral])
      world.files.set(name, { bytes: area.bytes('real', name), mode: 0o644 });
    const ran = await runIn(world, 'tdx', 'verify', file, '--collateral', collateral, '--at', at, '--json');
    if (expected.verified) expect(JSON.parse(ran.stdout)).toMatchObject({ tcbStatus: expected.status });
    else expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
  });

  it.each(cases)('$file alone', async ({ file, pckChain }) => {
    const at =
      pckChain
        .map(({ notBefore }) => notBefore)
        .sort()
        .at(-1) ?? '';
    const world = testIo();
    world.files.set(file, { bytes: area.bytes('real', file), mode: 0o644 });
    const ran = await runIn(world, 'evidence', 'inspect', file, '--at', at);
    expect(ran.stdout).toMatch(/^ {2}yes +authentic /m);
    expect(ran.stdout).toContain('give what Intel says of it with --collateral');
  });

  it.each(area.list('eventlog').filter((name) => /^ccel-(?!table).*\.bin$|^tdreport.*\.bin$/.test(name)))(
    '%s',
    async (file) => {
      const world = testIo();
      world.files.set(file, { bytes: area.bytes('eventlog', file), mode: 0o644 });
      expect(await runIn(world, 'evidence', 'inspect', file)).toMatchObject({ exitCode: 0, stderr: '' });
    },
  );
});

describe.skipIf(!evidence.present)('evidence of Azure', () => {
  it.each(evidence.list().filter((name) => name.startsWith('az-tdx')))('%s', async (file) => {
    const world = testIo();
    world.files.set(file, { bytes: evidence.bytes(file), mode: 0o644 });
    const ran = await runIn(world, 'evidence', 'inspect', file, '--at', '2024-06-01T00:00:00Z');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(
      /^ {2}yes +paravisor and vTPM +bound to the quote, over nonce 6368616c6c656e6765/m,
    );
    expect(ran.stdout).toMatch(/^ {2}yes +authentic /m);
  });
});

function codeOf(reason: string): string {
  return reason.replace('tcbInfo', 'tcb_info').replace('qeIdentity', 'qe_identity').toUpperCase();
}
