import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@sealwright/service';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { directorySource } from '../src/directory-source.js';

let folder: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealwright-'));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = () =>
  directorySource(folder, createLog('controller', { level: 'info', write: (line) => lines.push(line) }));
const run = (name: string): object => ({
  kind: 'TaskRun',
  metadata: { name, uid: `uid-${name}`, namespace: 'ci' },
});

describe('directorySource', () => {
  it('reads one run from each JSON and YAML file, and nothing from others', async () => {
    writeFileSync(join(folder, 'a.json'), JSON.stringify(run('a')));
    writeFileSync(
      join(folder, 'b.yaml'),
      'kind: PipelineRun\nmetadata: { name: b, uid: uid-b, annotations: { x: "1" } }\n',
    );
    writeFileSync(join(folder, 'c.txt'), JSON.stringify(run('c')));
    mkdirSync(join(folder, 'd.json.d'));
    const found = await source().list();
    expect(
      found.map(({ run: { kind, name }, namespace, annotations }) => [kind, name, namespace, annotations]),
    ).toEqual([
      ['TaskRun', 'a', 'ci', {}],
      ['PipelineRun', 'b', '', { x: '1' }],
    ]);
  });

  it.each([
    ['a.json', '{'],
    ['a.json', '{"kind":"Pod"}'],
    ['a.json', '{"kind":"TaskRun","metadata":{"name":"a"}}'],
    ['a.json', '{"kind":"TaskRun","kind":"TaskRun","metadata":{"name":"a","uid":"u"}}'],
    ['a.yaml', 'kind: TaskRun\nkind: TaskRun\n'],
    ['a.yaml', 'kind: [unclosed\n'],
    ['a.yaml', '--- a\n--- b\n'],
    ['a.yaml', 'a: &a [x]\nb: *a\nkind: TaskRun\nmetadata: {name: a, uid: u}\n'],
  ])('leaves out %s with %j, says so, and goes on', async (name, text) => {
    writeFileSync(join(folder, name), text);
    writeFileSync(join(folder, 'z.json'), JSON.stringify(run('z')));
    expect((await source().list()).map((each) => each.run.name)).toEqual(['z']);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', event: 'no run', file: name },
    ]);
  });

  it('writes annotations beside those that are there', async () => {
    writeFileSync(join(folder, 'a.json'), JSON.stringify({ ...run('a'), status: { n: 1 } }));
    const runs = source();
    const [first] = await runs.list();
    if (first === undefined) throw new Error('no run');
    await runs.annotate(first, { 'chains.tekton.dev/one': '1' });
    await runs.annotate(first, { 'chains.tekton.dev/two': '2' });
    expect((await runs.list())[0]?.annotations).toEqual({
      'chains.tekton.dev/one': '1',
      'chains.tekton.dev/two': '2',
    });
    expect(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8'))).toMatchObject({ status: { n: 1 } });
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  it('keeps comments and order of a YAML file', async () => {
    const text = '# by hand\nkind: TaskRun\nmetadata:\n  name: a # the name\n  uid: u\nstatus:\n  n: 1\n';
    writeFileSync(join(folder, 'a.yaml'), text);
    const runs = source();
    const [first] = await runs.list();
    if (first === undefined) throw new Error('no run');
    await runs.annotate(first, { 'chains.tekton.dev/signed': 'true' });
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(
      text.replace('  uid: u\n', '  uid: u\n  annotations:\n    chains.tekton.dev/signed: "true"\n'),
    );
  });

  it('does not write into a file that now holds another run, nor under other names', async () => {
    writeFileSync(join(folder, 'a.json'), JSON.stringify(run('a')));
    const runs = source();
    const [first] = await runs.list();
    if (first === undefined) throw new Error('no run');
    await expect(runs.annotate(first, { signed: 'true' })).rejects.toThrow(
      'must have prefix "chains.tekton.dev/"',
    );
    const other = JSON.stringify(run('b'));
    writeFileSync(join(folder, 'a.json'), other);
    await expect(runs.annotate(first, { 'chains.tekton.dev/signed': 'true' })).rejects.toThrow(
      'no longer holds',
    );
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(other);
  });

  it('tells of a change until it is ended', async () => {
    let changes = 0;
    const end = source().watch(() => (changes += 1));
    writeFileSync(join(folder, 'a.json'), JSON.stringify(run('a')));
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0));
    end();
    expect(statSync(join(folder, 'a.json')).isFile()).toBe(true);
  });
});
