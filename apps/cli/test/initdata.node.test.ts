import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { put, runIn, testIo, textOf } from './test-io.js';

const TOML = `version = "0.1.0"\nalgorithm = "sha256"\n\n[data]\n"aa.toml" = '''\n[token_configs.kbs]\nurl = "http://kbs"\n'''\n`;
const DIGEST = createHash('sha256').update(TOML).digest('hex');

describe('initdata', () => {
  it('encode and inspect are the two ways', async () => {
    const io = testIo({ 'initdata.toml': TOML });
    const { stdout } = await runIn(io, 'initdata', 'encode', 'initdata.toml');
    put(io, 'annotation', stdout);
    for (const file of ['initdata.toml', 'annotation']) {
      const shown = await runIn(io, 'initdata', 'inspect', file);
      expect(shown.stdout).toContain(DIGEST);
      expect(shown.stdout).toContain('--- aa.toml\n[token_configs.kbs]\n');
      const json = await runIn(io, 'initdata', 'inspect', file, '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({
        algorithm: 'sha256',
        digest: DIGEST,
        data: { 'aa.toml': expect.any(String) },
      });
    }
    expect(textOf(io, 'initdata.toml')).toBe(TOML);
  });

  it('digest is over the bytes as they are', async () => {
    const io = testIo({ 'initdata.toml': TOML });
    expect((await runIn(io, 'initdata', 'digest', 'initdata.toml')).stdout).toBe(`${DIGEST}\n`);
    const other = createHash('sha512').update(TOML).digest('base64');
    expect(
      (await runIn(io, 'initdata', 'digest', 'initdata.toml', '--algorithm', 'sha512', '--base64')).stdout,
    ).toBe(`${other}\n`);
    expect(JSON.parse((await runIn(io, 'initdata', 'digest', 'initdata.toml', '--json')).stdout)).toEqual({
      algorithm: 'sha256',
      digest: DIGEST,
    });
  });

  it('inspect lets no document move the cursor', async () => {
    const io = testIo({
      t: 'version = "0.1.0"\nalgorithm = "sha256"\n[data]\n"a\\u001b[31m" = "x\\ty\\u001b[2J\\r\\nz\\r"\n',
    });
    const { stdout } = await runIn(io, 'initdata', 'inspect', 't');
    expect(stdout).toContain('\na?[31m');
    expect(stdout.endsWith('\n--- a?[31m\nx\ty?[2J\nz?\n')).toBe(true);
    const json = await runIn(io, 'initdata', 'inspect', 't', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ data: { 'a\u001b[31m': 'x\ty\u001b[2J\r\nz\r' } });
  });

  it.each([
    [['digest', 'none'], 1, 'none: there is no such file'],
    [['digest', 'broken'], 1, 'Error: '],
    [['inspect', 'cut'], 1, 'Error: '],
    [['digest', 'initdata.toml', '--algorithm', 'md5'], 2, 'Allowed choices are'],
    [['digest'], 2, "missing required argument 'file'"],
    [[], 2, 'which command?'],
  ])('refuses %j', async (args, exitCode, message) => {
    const io = testIo({ 'initdata.toml': TOML, broken: 'version = ', cut: 'H4sIAAAA' });
    const ran = await runIn(io, 'initdata', ...args);
    expect(ran).toMatchObject({ exitCode, stderr: expect.stringContaining(message) });
  });
});
