import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { cosignExitCode } from '@sealwright/cosign-sig';
import { runProgram } from '@sealwright/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { askLine } from '../src/ask-line.js';
import { type Line, type } from '../src/ask-secret.js';
import { allOf, program } from '../src/program.js';
import { runIn, type TestIo, testIo } from './test-io.js';

const sealwright = programOf('apps/cli');
const IGNORE = '--insecure-ignore-tlog';
const commands = allOf(await program(testIo())).filter(({ commands: below }) => below.length === 0);

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

describe('the built program', () => {
  it.each(commands.map((command) => wordsOf(command).join(' ')))('has `%s`', (words) => {
    const ran = spawnSync(process.execPath, [sealwright, ...words.split(' '), '--help'], {
      encoding: 'utf8',
    });
    expect(ran).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining(`sealwright ${words}`),
    });
  });
});

describe('the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

  it.each(commands.map((command) => wordsOf(command).join(' ')))('has `%s` in its table', (words) => {
    const [group, name] = words.split(' ');
    const row = readme
      .split('\n')
      .find((line) => line.startsWith('|') && [' ', '`'].some((end) => line.includes(`\`${group}${end}`)));
    expect(row).toContain(name === undefined ? `\`${group}\`` : name);
  });

  it('has all exit codes that cosign shares', async () => {
    const codes = [
      'ERR_COSIGN_NO_SIGNATURE',
      'ERR_COSIGN_NO_IMAGE',
      'ERR_COSIGN_NO_MATCH',
      'ERR_COSIGN_NO_CERTIFICATE',
    ] as const;
    const { stdout } = await runIn(testIo(), '--help');
    for (const code of codes) {
      expect(readme).toContain(`${cosignExitCode(code)}`);
      expect(stdout).toContain(`${cosignExitCode(code)} `);
    }
  });
});

describe('the list of commands', () => {
  it('says of each what it says itself, before its code is read', async () => {
    const said = ({ commands: below }: { readonly commands: readonly (typeof commands)[number][] }) =>
      below.map((each) => [each.name(), each.aliases(), each.description()]);
    expect(said(await program(testIo(), []))).toEqual(said(await program(testIo())));
  });
});

describe('a line that is asked for', () => {
  const asked = async (chunks: readonly string[]) => {
    const stdin = Readable.from(chunks.map((text) => Buffer.from(text)));
    let stderr = '';
    const streams = { stdin, stderr: { write: (text: string) => (stderr += text) } };
    const lines = [await askLine('sure? ', streams), await askLine('really? ', streams)];
    return { lines, stderr };
  };

  it.each([
    [['y\nn\n'], ['y', 'n']],
    [
      ['y', 'es\r\n', 'last'],
      ['yes\r', 'last'],
    ],
    [['\n'], ['', undefined]],
    [[], [undefined, undefined]],
  ])('of %j', async (chunks, lines) => {
    expect(await asked(chunks)).toEqual({ lines, stderr: 'sure? \nreally? \n' });
  });

  it('has an end', async () => {
    const { lines } = await asked(['y'.repeat(10_000)]);
    expect(lines[0]).toHaveLength(10_000);
  });
});

describe('a line that is typed unseen', () => {
  it.each([
    ['secret\r', 'secret', 'answer'],
    ['secr\u007fret\n', 'secret', 'answer'],
    ['\u007fa\u{1f600}\u007fb\r', 'ab', 'answer'],
    ['\r', '', 'answer'],
    ['abc\u0003', 'abc', 'leave'],
    ['\u0004', '', 'leave'],
    ['abc', 'abc', undefined],
  ])('of %j', (text, typed, end) => {
    const line = Array.from(text).reduce(type, { typed: [] } as Line);
    expect([line.typed.join(''), line.end]).toEqual([typed, end]);
  });

  it('leaves what is after its end to the next', () => {
    expect(type({ typed: ['a'] }, 'b\rc\rd')).toEqual({ typed: ['a', 'b'], end: 'answer', rest: 'c\rd' });
  });
});

describe('sealwright', () => {
  it.each(commands.map((command) => [wordsOf(command).join(' '), command] as const))(
    '%s explains itself, with an example',
    async (words) => {
      const { exitCode, stdout } = await runIn(testIo(), ...words.split(' '), '--help');
      expect(exitCode).toBe(0);
      expect(stdout).toContain('--json');
      expect(stdout.split('Examples:')[1]).toContain(`sealwright ${words}`);
      expect(stdout).toContain('Exit codes: 0 done; 1 ');
      expect(stdout.includes('10 no signature')).toBe(/^(?:verify|manifest|dockerfile)/.test(words));
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

  it.each([
    ['verify', '--keyy'],
    ['initdata', 'digest', 'a\nb'],
    ['verify', '--key', 'a\u001b[2Jb', IGNORE, 'x'],
  ])('says in one line what is wrong: %j', async (...args) => {
    for (const json of [false, true]) {
      const { stderr } = await runIn(testIo(), ...args, ...(json ? ['--json'] : []));
      expect(stderr).toMatch(/^\P{Cc}+\n$/u);
      expect(stderr.startsWith(json ? '{"error":{"code":"' : 'Error: ')).toBe(true);
    }
  });

  it('says of a folder that it is one', async () => {
    const ran = await runProgram(sealwright, ['initdata', 'digest', folder]);
    expect(ran).toMatchObject({ exitCode: 1, stderr: `Error: ${folder}: it is a folder\n` });
  });

  it('writes both halves of a pair or none', async () => {
    mkdirSync(join(folder, 'k.pub'));
    const args = ['keygen', '--yes', '--output-key-prefix', join(folder, 'k')];
    const failed = await runProgram(sealwright, args, { env: { COSIGN_PASSWORD: 'pass' } });
    expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('k.pub: it is a folder') });
    expect(readdirSync(folder)).toEqual(['k.pub']);
  });

  it('takes an empty password, but not none', async () => {
    const keygen = (input: string) =>
      runProgram(sealwright, ['keygen', '--output-key-prefix', join(folder, 'k')], {
        input,
        env: { COSIGN_PASSWORD: undefined as unknown as string },
      });
    expect(await keygen('')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('set COSIGN_PASSWORD'),
    });
    expect(readdirSync(folder)).toEqual([]);
    expect(await keygen('\n')).toMatchObject({ exitCode: 0 });
  });

  it.each([
    ['a reader who went away', '"$0" "$1" --help | true; exit "${PIPESTATUS[0]}"', /^$/],
    ['a full disk', '"$0" "$1" --help > /dev/full', /^Error: standard output: the disk is full\n$/],
  ])('says little to %s', (_what, script, said) => {
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, sealwright], {
      encoding: 'utf8',
    });
    expect([0, 1]).toContain(status); // whoever goes away may have read all before
    expect(stderr).toMatch(status === 0 ? /^$/ : said);
  });

  it('waits for what is piped in', () => {
    const script = '(sleep 0.5; printf "pass\\n") | "$0" "$1" keygen --output-key-prefix "$2"';
    const { COSIGN_PASSWORD: _none, ...env } = process.env;
    const ran = spawnSync('bash', ['-c', script, process.execPath, sealwright, join(folder, 'k')], { env });
    expect([ran.status, readdirSync(folder).sort()]).toEqual([0, ['k.key', 'k.pub']]);
  });

  it('takes the answer of whoever does not stop', () => {
    const line = `yes | "${process.execPath}" "${sealwright}" keygen --output-key-prefix "${join(folder, 'a')}"`;
    writeFileSync(join(folder, 'a.key'), 'old');
    const ran = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      env: { ...process.env, COSIGN_PASSWORD: '' },
    });
    expect(ran).toMatchObject({ status: 0, stderr: expect.stringContaining('[y/N] ') });
    expect(readFileSync(join(folder, 'a.key'), 'utf8')).toContain('ENCRYPTED SIGSTORE PRIVATE KEY');
  });

  it('helps in the ways of cosign', async () => {
    const help = await runIn(testIo(), '--help');
    expect(await runIn(testIo(), 'help')).toEqual(help);
    expect(await runIn(testIo(), 'help', 'sign')).toEqual(await runIn(testIo(), 'sign', '--help'));
    expect(await runIn(testIo(), 'help', 'attach', 'sbom')).toMatchObject({ exitCode: 0 });
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

  it('does not hold a large file in memory to verify it', async () => {
    const io = testIo({ app: 'an app' });
    await runIn(io, 'keygen');
    const sign = ['--key', 'cosign.key', '--tlog-upload=false', '--bundle', 'out.json', 'app'];
    expect(await runIn(io, 'sign-blob', ...sign)).toMatchObject({ exitCode: 0 });
    const large: TestIo = {
      ...io,
      sizeOf: async () => 2 ** 40,
      readFile: async (path) => (path === 'app' ? Promise.reject(new Error('too large')) : io.readFile(path)),
    };
    const verify = ['--key', 'cosign.pub', IGNORE, '--bundle', 'out.json', 'app'];
    expect(await runIn(large, 'verify-blob', ...verify)).toMatchObject({ exitCode: 0 });
    io.files.set('app', { bytes: new Uint8Array(1), mode: 0o644 });
    expect(await runIn(large, 'verify-blob', ...verify)).toMatchObject({ exitCode: 12 });
  });

  it('refuses to sign what it cannot hold, and says what can', async () => {
    const env = { COSIGN_PASSWORD: '' };
    const [key, file] = [join(folder, 'k'), join(folder, 'large')];
    await runProgram(sealwright, ['keygen', '--output-key-prefix', key], { env });
    writeFileSync(file, '');
    truncateSync(file, 3 * 2 ** 30);
    const args = ['sign-blob', '--key', `${key}.key`, '--tlog-upload=false', file];
    expect(await runProgram(sealwright, args, { env })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('attest-blob takes any size'),
    });
  });

  it.each([
    ['app', 'app'],
    ['k.key', 'k.key'],
    ['./app', 'app'],
  ])('does not write a bundle %s over %s', async (bundle, kept) => {
    const io = testIo({ app: 'an app' });
    await runIn(io, 'keygen', '--output-key-prefix', 'k');
    const before = io.files.get(kept);
    const args = ['--key', 'k.key', '--tlog-upload=false', '--bundle', bundle, 'app'];
    const ran = await runIn(io, 'sign-blob', ...args);
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('name another file') });
    expect(io.files.get(kept)).toBe(before);
  });

  it('lets one of two make a key pair', async () => {
    const prefix = join(folder, 'k');
    const make = () =>
      runProgram(sealwright, ['keygen', '--output-key-prefix', prefix], { env: { COSIGN_PASSWORD: '' } });
    const both = await Promise.all([make(), make()]);
    expect(new Set(both.map(({ exitCode }) => exitCode))).toEqual(new Set([0, 1]));
    const said = both.map(({ stderr }) => stderr).join('');
    expect(said).toMatch(/is there already: give --yes/);
    expect(readdirSync(folder).sort()).toEqual(['k.key', 'k.pub']);
  });

  it('says of a name that is not UTF-8 what to do', () => {
    const script = 'exec "$0" "$1" initdata digest "$(printf \'x\\xff\')"';
    const ran = spawnSync('bash', ['-c', script, process.execPath, sealwright], { encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 1, stderr: expect.stringContaining('its name is not UTF-8') });
  });
});
