import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifierFromKey } from '@sealwright/in-toto';
import { expect, it } from 'vitest';
import * as slsa from '../src/index.js';
import * as trust from '../src/trust/index.js';
import { identityOf, signedBy } from './signed.ts';

const root = join(import.meta.dirname, '..', 'src');
const examples = globSync('**/*.ts', { cwd: root }).flatMap((file) => {
  const source = readFileSync(join(root, file), 'utf8');
  const blocks = [...source.matchAll(/ \* @example\n \* ```ts\n([^]*?) \* ```\n/g)];
  return blocks.map(([, block = '']) => ({ file, code: block.replaceAll(/^ \* ?/gm, '') }));
});

it.each(examples)('$file: its example prints what it says', async ({ code }) => {
  const digest = { sha256: 'ab'.repeat(32) };
  const times = { startedOn: '2026-11-20T09:00:00Z', finishedOn: '2026-11-20T09:03:30Z' };
  const builder = { id: 'https://example.com/builder' };
  const provenance = slsa.createProvenance({
    subject: [{ digest }],
    buildType: 'https://example.com/t',
    external: {},
    builder,
    invocationId: 'i',
    ...times,
  });
  const summary = slsa.createSummary({
    subject: [{ digest }],
    verifier: { id: 'https://example.com/verifier' },
    timeVerified: new Date(0),
    resourceUri: 'https://example.com/app.tgz',
    policy: { uri: 'https://example.com/policy' },
    verdict: { ok: true, levels: ['SLSA_BUILD_LEVEL_2'] },
  });
  const scope: Readonly<Record<string, unknown>> = {
    ...slsa,
    ...trust,
    verifierFromKey,
    identity: await identityOf('example'),
    payload: await signedBy('example', provenance.bytes),
    summary: await signedBy('example', summary.bytes),
  };
  const printed: string[] = [];
  const console = { log: (...words: unknown[]) => void printed.push(words.map(String).join(' ')) };
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- it runs our own documentation
  new Function(...Object.keys(scope), 'console', code)(...Object.values(scope), console);
  expect(printed).toEqual([...code.matchAll(/\/\/ (.*)$/gm)].map(([, said]) => said));
});

it('finds examples', () => expect(examples.length).toBeGreaterThan(4));
