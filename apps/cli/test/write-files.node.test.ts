import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8 } from '@sealwright/bytes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { programOf } from '../../../tools/program.ts';
import { writeFiles } from '../src/write-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const file = (name: string, text: string) => ({ path: at(name), bytes: encodeUtf8(text), mode: 0o600 });

describe('writing files', () => {
  it('replaces a file, its mode too, and leaves nothing else', async () => {
    writeFileSync(at('a'), 'old', { mode: 0o644 });
    await writeFiles([file('a', 'new'), file('b', 'other')]);
    expect([readFileSync(at('a'), 'utf8'), readFileSync(at('b'), 'utf8')]).toEqual(['new', 'other']);
    expect(statSync(at('a')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  it('writes none when one cannot be written', async () => {
    writeFileSync(at('a'), 'old');
    mkdirSync(at('b'));
    await expect(writeFiles([file('a', 'new'), file('b', 'x')])).rejects.toMatchObject({ code: 'EISDIR' });
    await expect(writeFiles([file('a', 'new'), file('none/b', 'x')])).rejects.toMatchObject({
      code: 'ENOENT',
      path: at('none'),
    });
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
    expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  });

  it('leaves a link, and replaces what it leads to', async () => {
    mkdirSync(at('there'));
    writeFileSync(at('there/a'), 'old');
    symlinkSync('there/a', at('link'));
    await writeFiles([file('link', 'new')]);
    expect([lstatSync(at('link')).isSymbolicLink(), readFileSync(at('there/a'), 'utf8')]).toEqual([
      true,
      'new',
    ]);
    expect(readdirSync(at('there'))).toEqual(['a']);
  });

  it('writes to a named pipe, which stays one', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const [read] = await Promise.all([readFile(at('pipe'), 'utf8'), writeFiles([file('pipe', 'through')])]);
    expect([read, lstatSync(at('pipe')).isFIFO()]).toEqual(['through', true]);
  });

  it('writes to the standard output of the program', () => {
    writeFileSync(at('value'), 'the value');
    const sealwright = [process.execPath, programOf('apps/cli')];
    const script = `"$0" "$1" seal --resource kbs:///a/b/c --dangerously-unsigned |
      "$0" "$1" unseal - --dangerously-skip-verification --resource-file "$2" --output /dev/stdout | cat`;
    const ran = spawnSync('bash', ['-c', script, ...sealwright, at('value')], { encoding: 'utf8' });
    expect([ran.stdout, ran.stderr]).toEqual(['the value', '']);
  });
});
