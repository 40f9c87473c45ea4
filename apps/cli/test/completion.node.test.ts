import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { allOf, program } from '../src/program.js';
import { runIn, testIo } from './test-io.js';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];
const scripts = new Map<string, string>();
let names: string[];

beforeAll(async () => {
  const io = testIo();
  for (const shell of SHELLS) scripts.set(shell, (await runIn(io, 'completion', shell)).stdout);
  names = allOf(await program(io)).flatMap((each) => [
    each.name(),
    ...each.options.flatMap(({ hidden, long }) =>
      hidden || long === undefined || long === null ? [] : [long],
    ),
  ]);
});

describe('completion', () => {
  it.each(SHELLS)('knows every command and flag: %s', (shell) => {
    const script = scripts.get(shell) ?? '';
    const missing = names.filter(
      (name) => !script.includes(shell === 'fish' ? name.replace(/^--/, '') : name),
    );
    expect(missing).toEqual([]);
  });

  // what a person has typed, the last word unfinished
  const typed: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['a command', ['ver'], ['verify', 'verify-attestation', 'verify-blob']],
    [
      'a flag',
      ['verify', '--certificate-oidc'],
      ['--certificate-oidc-issuer', '--certificate-oidc-issuer-regexp'],
    ],
    ['a command of a group', ['attach', 's'], ['sbom', 'signature']],
    ['a flag of it, behind others', ['attach', 'sbom', '--sbom', 'file', '--input'], ['--input-format']],
  ];
  it.each(typed)('of bash completes %s', (_what, words, expected) => {
    const run = `${scripts.get('bash') ?? ''}
COMP_WORDS=(sealwright ${words.join(' ')}); COMP_CWORD=${words.length}; _sealwright; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, error } = spawnSync('bash', ['-c', run], { encoding: 'utf8' });
    if (error !== undefined) return; // no bash here
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').sort()).toEqual(expect.arrayContaining([...expected]));
  });

  it('is for shells that are known', async () => {
    expect(await runIn(testIo(), 'completion', 'tcsh')).toMatchObject({ exitCode: 2 });
    expect(await runIn(testIo(), 'completion')).toMatchObject({ exitCode: 2 });
    const json = await runIn(testIo(), 'completion', 'bash', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ shell: 'bash' });
  });
});
