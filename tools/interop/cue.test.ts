import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attestImage, cosignSigner, generateCosignKeyPair } from '../../packages/cosign-sig/src/index.js';
import { createRegistryClient, parseReference } from '../../packages/oci/src/index.js';
import { runProgram } from '../../packages/service/src/index.js';
import { programOf } from '../program.ts';
import { Cosign, findProgram, type RunningRegistry, startRegistry, temporaryFolder } from './components.js';
import { pushImage } from './push-image.js';

const TYPE = 'https://example.com/review/v1';
const PREDICATE = {
  builder: { id: 'https://github.com/acme/ci' },
  level: 3,
  ratio: 0.5,
  reviewed: true,
  nothing: null,
  tags: ['a', 'b'],
  env: { x: '1', y: '2' },
};

/** Policies in CUE: what they try, whether the attestation fulfils them, and their files. */
const POLICIES: readonly (readonly [title: string, fulfilled: boolean, ...texts: string[]])[] = [
  ['types', true, 'predicate: {level: int, reviewed: bool, builder: id: string, tags: [...string]}'],
  ['another type', false, 'predicate: level: string'],
  ['a text for a number', false, 'predicate: level: "3"'],
  ['a number', true, 'predicate: ratio: number & <1'],
  ['null', true, 'predicate: nothing: null'],
  ['null for a text', false, 'predicate: nothing: string'],
  ['a regular expression', true, 'predicate: builder: id: =~"^https://github\\\\.com/acme/"'],
  ['another regular expression', false, 'predicate: builder: id: =~"^https://gitlab\\\\.com/"'],
  ['no match of a regular expression', false, 'predicate: builder: id: !~"acme"'],
  ['bounds', true, 'predicate: level: >=2 & <=4'],
  ['another bound', false, 'predicate: level: >3'],
  ['a disjunction', true, `predicateType: "https://example.com/other" | "${TYPE}"`],
  ['another disjunction', false, 'predicateType: "a" | "b"'],
  ['a default', true, 'predicate: level: *1 | int'],
  ['an open definition', true, '#P: {level: int, ...}\npredicate: #P'],
  ['a definition, which is closed', false, '#P: {level: int}\npredicate: #P'],
  ['a closed struct', true, 'predicate: env: close({x: string, y: string})'],
  ['a closed struct with less', false, 'predicate: env: close({x: string})'],
  ['a pattern', true, 'predicate: env: [string]: =~"^[12]$"'],
  ['another pattern', false, 'predicate: env: [string]: "1"'],
  ['a list of some length', true, 'import "list"\npredicate: tags: list.MaxItems(2)'],
  ['a list of another length', false, 'import "list"\npredicate: tags: list.MaxItems(1)'],
  ['a longer list', false, 'predicate: tags: ["a", "b", "c"]'],
  ['a function of texts', false, 'import "strings"\npredicate: builder: id: strings.HasPrefix("http:")'],
  ['a value that is not there', true, 'predicate: missing: string'],
  ['a bound on what is not there', true, 'predicate: missing: >5'],
  ['a required field', true, 'predicate: level!: int'],
  ['a required field that is not there', false, 'predicate: missing!: string'],
  ['a required field in a definition', false, '#P: {missing!: string, ...}\npredicate: #P'],
  ['an optional field', true, 'predicate: missing?: string'],
  ['an optional field of another type', false, 'predicate: level?: string'],
  ['a comparison of fields', true, 'check: predicate.level & 3\npredicate: level: int'],
  ['another comparison of fields', false, 'check: predicate.level & 4\npredicate: level: int'],
  ['a condition below', false, 'predicate: {level: int, if level > 2 {reviewed: false}}'],
  ['a hidden field', true, '_wanted: 3\npredicate: level: _wanted'],
  ['an error of its own', false, 'predicate: level: 4 | error("another level")'],
  ['a package', true, 'package review\npredicate: level: 3'],
  ['another package', false, 'package review\npredicate: level: 4'],
  ['a package without a name', false, 'package _\npredicate: level: 4'],
  ['a package of our own name', false, 'package judge\npredicate: level: 4'],
  ['ends of lines as elsewhere', true, '// first\r\npackage review\r\npredicate: level: 3\r\n'],
  ['nothing', true, ''],
  ['a comment', true, '// nothing'],
  ['a comment at the end', false, 'predicate: level: 4 // package a'],
  ['a syntax that is none', false, 'predicate: {'],
  ['a name that nothing has', false, 'predicate: level: wanted'],
  ['an import that is not used', false, 'import "list"\npredicate: level: 3'],
  ['an import from elsewhere', false, 'import "cue.dev/x/githubactions"\npredicate: githubactions.#Workflow'],
  ['a contradiction', false, 'a: 1\na: 2'],
  ['a value that is no struct', false, '"text"'],
  ['bottom', false, '_|_'],
  ['two files', true, 'predicate: level: 3', 'package a\npredicate: reviewed: true'],
  ['two files, one of which does not hold', false, 'predicate: level: 3', 'predicate: level: 4'],
  ['two files that need each other', false, 'wanted: 4', 'wanted: int\npredicate: level: wanted'],
  ['two packages', false, 'package a\npredicate: level: 3', 'package b\npredicate: level: 3'],
];

describe('policies in CUE', () => {
  const dockerRegistry = findProgram('docker-registry');
  const found = Cosign.find(3);
  const cue = process.env['CUE'] ?? '';
  if (dockerRegistry === undefined || found === undefined || !existsSync(cue)) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('need docker-registry, cue and cosign 3, which cannot all be had here', () => {});
    return;
  }
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: RunningRegistry;
  let cosign: Cosign;
  let name: string;
  const at = (file: string): string => join(cosign.home, file);

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startRegistry(dockerRegistry, folder.path);
    cosign = await Cosign.open(3, found.path, join(folder.path, 'home'));
    const registry = createRegistryClient();
    const image = await pushImage(registry, parseReference(`${server.host}/shop/checkout`), 'v1', 'image');
    name = `${image.registry}/${image.repository}@${image.digest}`;
    const { privateKey, publicPem } = await generateCosignKeyPair({ password: '' });
    await writeFile(at('cosign.pub'), publicPem);
    const signer = cosignSigner(privateKey);
    await attestImage(registry, image, { signer, predicateType: TYPE, predicate: PREDICATE });
  });

  afterAll(async () => {
    await server?.stop();
    await folder?.remove();
  });

  /** Whether cosign and ours take the attestation under some policies. */
  async function verdicts(
    texts: readonly string[],
  ): Promise<{ cosign: boolean; ours: boolean; why: string }> {
    const policies: string[] = [];
    for (const [index, text] of texts.entries()) {
      await writeFile(at(`policy-${index}.cue`), text);
      policies.push('--policy', at(`policy-${index}.cue`));
    }
    const args = ['--key', at('cosign.pub'), '--type', TYPE, ...policies, name];
    const theirs = await cosign.verify('verify-attestation', args);
    const PATH = `${dirname(cue)}${delimiter}${process.env['PATH'] ?? ''}`;
    const ours = await runProgram(
      programOf('apps/cli'),
      ['verify-attestation', '--insecure-ignore-tlog', ...args],
      { env: { PATH } },
    );
    return { cosign: theirs.status === 0, ours: ours.exitCode === 0, why: ours.stderr };
  }

  const cases = POLICIES.map(([title, fulfilled, ...texts]) => ({ title, fulfilled, texts }));
  it.each(cases)('with $title', async ({ fulfilled, texts }) => {
    const { why, ...both } = await verdicts(texts);
    const complaint = both.ours === fulfilled ? '' : why;
    expect({ ...both, complaint }).toEqual({ cosign: fulfilled, ours: fulfilled, complaint: '' });
  });

  it('with a condition at the top are judged by us, while cosign wants to decide it without the statement', async () => {
    const policy = (reviewed: boolean): string =>
      `predicate: level: int\nif predicate.level > 2 {predicate: reviewed: ${reviewed}}`;
    expect(await verdicts([policy(true)])).toMatchObject({ cosign: false, ours: true });
    expect(await verdicts([policy(false)])).toMatchObject({ cosign: false, ours: false });
  });

  it('that attributes leave out are refused by us, while cosign passes over them', async () => {
    const policies = (attribute: string): readonly string[] => [
      'package a\npredicate: level: 3',
      `${attribute}\npackage a\npredicate: level: 4`,
    ];
    for (const attribute of ['@if(other)', '@ignore()'])
      expect(await verdicts(policies(attribute))).toMatchObject({ cosign: true, ours: false });
  });

  it('name the field that does not hold, and the place in the policy', async () => {
    const { why } = await verdicts(['predicate: {\n\tlevel: >3\n}']);
    expect(why).toContain('predicate.level: invalid value 3 (out of bound >3)');
    expect(why).toContain('policy-0.cue:2');
  });
});
