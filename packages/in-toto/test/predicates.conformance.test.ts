import { jsonPointer } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { type Finding, InTotoError, parseStatement } from '../src/index.js';
import * as exported from '../src/predicates/index.js';
import { narrow, type Predicate } from '../src/predicates/index.js';

interface Place {
  code: string;
  pointer: string;
}
interface Row {
  predicateType: string;
  valid: { name: string; predicate: object; warnings?: Place[] }[];
  invalid: { name: string; predicate: object; errors: Place[]; warnings?: Place[] }[];
}

const SOFT: ReadonlySet<string> = new Set([
  'INTOTO_RD_EMPTY',
  'INTOTO_BAD_BASE64',
  'INTOTO_BAD_DIGEST_ENCODING',
  'INTOTO_BAD_DIGEST_LENGTH',
]);
const definitions = Object.values<unknown>(exported).filter(
  (value): value is Predicate => typeof value === 'object' && value !== null && '~standard' in value,
);
const area = vectorArea('in-toto/predicates');
const rows = area.present ? area.json<Row[]>('predicates.json') : [];

describe.skipIf(!area.present)(`predicates of ${area.name}`, () => {
  describe.each(rows)('$predicateType', ({ predicateType, valid, invalid }) => {
    const definition = definitions.find(({ types }) => types.includes(predicateType));

    it.each(valid)('takes $name', ({ predicate, warnings = [] }) => {
      const { errors, warnings: found, value } = read(predicateType, predicate, 'strict');
      expect(errors).toEqual([]);
      expect(found).toEqual(places(warnings));
      if (warnings.length === 0) expect(withoutNulls(value)).toEqual(withoutNulls(predicate));
      if (predicateType === definition?.type)
        expect(definition['~standard'].validate(predicate)).toEqual({ value });
    });

    it.each(invalid)('refuses $name', ({ predicate, errors, warnings = [] }) => {
      const strict = read(predicateType, predicate, 'strict');
      expect(strict.errors).toEqual(places(errors));
      expect(strict.warnings).toEqual(places(warnings));
      const tolerant = read(predicateType, predicate, 'tolerant');
      expect(tolerant.errors).toEqual(places(errors.filter(({ code }) => !SOFT.has(code))));
      if (predicateType !== definition?.type) return;
      const { issues = [] } = definition['~standard'].validate(predicate);
      const pointers = issues.map(({ path }) => `/predicate${jsonPointer(...path)}`).sort();
      expect(pointers).toEqual(errors.map(({ pointer }) => pointer).sort());
    });
  });
});

function read(predicateType: string, predicate: object, mode: 'strict' | 'tolerant') {
  const text = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: 'ab'.repeat(32) } }],
    predicateType,
    predicate,
  });
  let findings: readonly Finding[] = [];
  let value: unknown;
  try {
    const statement = narrow(parseStatement(text, { mode }), definitions, { mode });
    findings = statement.warnings;
    value = statement.predicate;
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    findings = error.findings;
    expect(findings.some(({ severity }) => severity === 'error')).toBe(true);
  }
  const of = (kind: string) => places(findings.filter(({ severity }) => severity === kind));
  return { errors: of('error'), warnings: of('warning'), value };
}

function places(list: readonly Place[]): string[] {
  return list.map(({ code, pointer }) => `${code} ${pointer}`).sort();
}

function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, member: unknown) => member ?? undefined);
}
