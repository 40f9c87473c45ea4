import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { formatReference, OciError, parseReference, referenceScopes } from '../src/index.js';

interface Case {
  input: string;
  valid: boolean;
  canonical?: string;
  registry?: string;
  repository?: string;
  tag?: string | null;
  digest?: string | null;
  scopes?: string[];
}

const area = vectorArea('images');

describe.skipIf(!area.present)(`references of vectors of ${area.name}`, () => {
  it.each(area.present ? area.json<Case[]>('references.json') : [])('$input', (row) => {
    if (!row.valid) {
      expect(() => parseReference(row.input)).toThrow(OciError);
      return;
    }
    const reference = parseReference(row.input);
    expect(reference).toEqual({
      registry: row.registry,
      repository: row.repository,
      ...(row.tag === null ? {} : { tag: row.tag }),
      ...(row.digest === null ? {} : { digest: row.digest }),
    });
    expect(formatReference(reference)).toBe(row.canonical);
    expect(referenceScopes(reference)).toEqual(row.scopes);
  });
});
