import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@sealwright/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { allOf, program } from '../src/program.js';
import { runIn, testIo } from './test-io.js';

const sealwright = programOf('apps/cli');
const commands = allOf(program(testIo())).filter(({ commands: below }) => below.length === 0);

/** The words that call a command. */
function wordsOf(command: (typeof commands)[number]): string[] {
  const parent =
    command.parent?.parent === undefined || command.parent.parent === null ? [] : [command.parent.name()];
  return [...parent, command.name()];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('sealwright', () => {
  it.each(commands.map((command) => [wordsOf(command).join(' '), command] as const))(
    '%s explains itself, with an example',
    async (words) => {
      const { exitCode, stdout } = await runIn(testIo(), ...words.split(' '), '--help');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('--json');
      expect(stdout.split('Examples:')[1]).toContain(`sealwright ${words}`);
    },
  );

  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [[], 2],
    [['other'], 2],
    [['verify', '--wrong'], 2],
  ])('%j ends with %i', async (args, exitCode) => {
    expect((await runIn(testIo(), ...args)).exitCode).toBe(exitCode);
  });

  it('writes real files with their modes, and nothing on failure', async () => {
    const prefix = join(folder, 'cosign');
    const env = { COSIGN_PASSWORD: 'pass' };
    expect(await runProgram(sealwright, ['keygen', '--output-key-prefix', prefix], { env })).toMatchObject({
      exitCode: 0,
      stdout: '',
    });
    expect(statSync(`${prefix}.key`).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['cosign.key', 'cosign.pub']);
    const failed = await runProgram(
      sealwright,
      ['keygen', '--output-key-prefix', join(folder, 'none/cosign')],
      { env },
    );
    expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('there is no such file') });
    expect(failed.stderr).not.toContain('    at ');
  });

  it('reads a password and a file that are piped in', async () => {
    const made = await runProgram(sealwright, ['keygen', '--output-key-prefix', join(folder, 'k')], {
      input: 'pass\n',
      env: { COSIGN_PASSWORD: undefined as unknown as string },
    });
    expect(made.exitCode).toBe(0);
    const toml = 'version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n';
    writeFileSync(join(folder, 'initdata.toml'), toml);
    const piped = await runProgram(sealwright, ['initdata', 'digest', '-'], { input: toml });
    const read = await runProgram(sealwright, ['initdata', 'digest', join(folder, 'initdata.toml')]);
    expect(piped.stdout).toBe(read.stdout);
  });
});
