import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram, startProgram } from '../src/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (source: string): string => {
  const file = join(folder, `program-${source.length}.mjs`);
  writeFileSync(file, source);
  return file;
};
const listening = `console.log(JSON.stringify({ event: 'listening', url: 'x', home: process.env.WHO }));`;

describe('startProgram', () => {
  it('gives what the program said when it was ready, and its exit code after a stop', async () => {
    const started = await startProgram(
      program(
        `process.on('SIGTERM', () => process.exit(7));console.error('starting');console.log('{');${listening}setInterval(() => 0, 1000);`,
      ),
      [],
      { env: { WHO: 'me' } },
    );
    expect(started.ready).toEqual({ event: 'listening', url: 'x', home: 'me' });
    expect(await started.stop()).toBe(7);
    expect(started.log()).toContain('starting');
  });

  it('kills', async () => {
    const started = await startProgram(program(`${listening}setInterval(() => 0, 1000);`), []);
    expect(await started.stop('SIGKILL')).toBe(null);
    expect(() => process.kill(started.pid, 0)).toThrow('ESRCH');
  });

  it('says what the program logged when it does not start', async () => {
    await expect(
      startProgram(program(`console.error('no such file'); process.exit(2);`), []),
    ).rejects.toThrow('no such file');
  });
});

describe('runProgram', () => {
  it('gives output and exit code', async () => {
    const source = `process.stdin.on('data', (chunk) => console.log(process.argv[2], String(chunk))); process.on('exit', () => { process.exitCode = 3; });`;
    expect(await runProgram(program(source), ['a'], { input: 'b' })).toEqual({
      exitCode: 3,
      stdout: 'a b\n',
      stderr: '',
    });
  });
});
