import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../src');

/** The files that come along with one, by their imports of values. */
function reachable(entry: string): readonly string[] {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, names = '', target = ''] of source.matchAll(
      /^(?:im|ex)port ([^;]*?)from '(\.[^']+)\.js';/gm,
    ))
      if (bringsValues(names)) visit(resolve(file, '..', `${target}.ts`));
  };
  visit(join(root, entry));
  return [...seen].map((file) => relative(root, file)).sort();
}

function bringsValues(names: string): boolean {
  if (names.startsWith('type ')) return false;
  const listed = names.replace(/[{}\s]+/g, ' ').split(',');
  return listed.some((name) => name.trim() !== '' && !name.trim().startsWith('type '));
}

describe('what an import brings along', () => {
  it('verifyEnvelope: envelopes and errors alone', () => {
    expect(reachable('verify.ts')).toEqual([
      'base64.ts',
      'cut-payload.ts',
      'envelope.ts',
      'errors.ts',
      'pae.ts',
      'payload-type.ts',
      'verify.ts',
    ]);
  });

  it('the main entry: no predicate and no digest that others do not need', () => {
    const files = reachable('index.ts');
    expect(files).toContain('statement.ts');
    expect(files.filter((file) => /^(?:predicates|digests|layout|protobuf)\//.test(file))).toEqual([]);
  });

  it('one predicate: no other predicate', () => {
    const files = reachable('predicates/scai.ts');
    expect(files).toContain('predicates/composites.ts');
    expect(files.filter((file) => /provenance|vsa|link|spdx|vulns/.test(file))).toEqual([]);
  });
});
