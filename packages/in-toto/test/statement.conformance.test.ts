import { decodeHex } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  type DigestSet,
  encodeStatement,
  type Finding,
  InTotoError,
  isTimestamp,
  matchDigests,
  parseEnvelope,
  parsePayloadType,
  parseResourceDescriptor,
  parseStatement,
  type StatementOptions,
} from '../src/index.js';

interface Place {
  code: string;
  pointer: string;
}
interface Expectation {
  ok: boolean;
  errors: Place[];
  warnings?: Place[];
}

const area = vectorArea('in-toto');
const rows = <T>(file: string): T[] => (area.present ? area.json<T[]>(file) : []);
const SOFT: ReadonlySet<string> = new Set([
  'INTOTO_RD_EMPTY',
  'INTOTO_BAD_BASE64',
  'INTOTO_BAD_DIGEST_ENCODING',
  'INTOTO_BAD_DIGEST_LENGTH',
]);

describe.skipIf(!area.present)(`statements of ${area.name}`, () => {
  it.each(rows<{ name: string; statement: unknown; expect: Expectation }>('statements.json'))(
    'statement $name',
    (row) => {
      const text = JSON.stringify(row.statement);
      expectFound(() => parseStatement(text).warnings, row.expect);
      expectFound(
        () => parseStatement(text, { mode: 'tolerant' }).warnings,
        softened(row.expect, (place) => place.code === 'INTOTO_AMBIGUOUS_KEY'),
      );
      if (!row.expect.ok) return;
      const statement = parseStatement(text);
      expect(parseStatement(encodeStatement(statement))).toEqual({
        ...statement,
        bytes: encodeStatement(statement),
      });
      expect(({} as { polluted?: true }).polluted).toBeUndefined();
      const given = row.statement as { subject: unknown; predicate?: unknown };
      expect(JSON.stringify(statement.subject)).toBe(JSON.stringify(given.subject));
      expect(JSON.stringify(statement.predicate)).toBe(JSON.stringify(given.predicate ?? {}));
    },
  );

  it.each(
    rows<{
      name: string;
      text?: string;
      hex?: string;
      generate?: { prefix: string; repeat: string; count: number; suffixRepeat: string; suffix: string };
      expect: Expectation;
    }>('statement-text.json'),
  )('text $name', ({ text, hex, generate: g, expect: expected }) => {
    const input =
      g === undefined
        ? (text ?? decodeHex(hex ?? ''))
        : g.prefix + g.repeat.repeat(g.count) + g.suffixRepeat.repeat(g.count) + g.suffix;
    expectFound(() => parseStatement(input).warnings, expected);
    if (expected.ok && typeof input === 'string')
      expect(new TextDecoder().decode(parseStatement(input).bytes)).toBe(input);
    if (expected.errors.every(({ code }) => code === 'INTOTO_AMBIGUOUS_KEY'))
      expect(() => parseStatement(input, { mode: 'tolerant' })).not.toThrow();
  });

  it.each(rows<{ name: string; descriptor: never; expect: Expectation }>('resource-descriptors.json'))(
    'descriptor $name',
    ({ descriptor, expect: expected }) => {
      expectFound(() => parseResourceDescriptor(descriptor).warnings, expected);
      expectFound(
        () => parseResourceDescriptor(descriptor, { mode: 'tolerant' }).warnings,
        softened(expected, () => false),
      );
    },
  );

  it.each(rows<{ text: string; valid: boolean }>('timestamps.json'))('timestamp $text', ({ text, valid }) => {
    expect(isTimestamp(text)).toBe(valid);
  });

  it.each(rows<{ payloadType: string; inToto: boolean; predicate?: string }>('payload-types.json'))(
    'payload type $payloadType',
    ({ payloadType, inToto, predicate }) => {
      expect(parsePayloadType(payloadType)).toEqual(inToto ? { predicate } : undefined);
    },
  );

  it.each(
    rows<{
      name: string;
      a: DigestSet;
      b: DigestSet;
      acceptable: string[];
      match: boolean;
      matchedBy?: string;
    }>('digest-match.json'),
  )('digests $name', ({ a, b, acceptable: accept, match, matchedBy }) => {
    expect(matchDigests(a, b, { accept }) !== undefined).toBe(match);
    expect(matchDigests(a, b, { accept })).toBe(matchedBy);
    expect(matchDigests(b, a, { accept })).toBe(matchedBy);
  });
});

describe.skipIf(!area.present)(`real statements of ${area.name}`, () => {
  const MISSPELT = { acceptMisspelt: true };
  const found = (input: string | Uint8Array, options?: StatementOptions): string[] => {
    const places = (list: readonly Finding[]) => list.map(({ code, pointer }) => `${code} ${pointer}`).sort();
    try {
      return places(parseStatement(input, options).warnings);
    } catch (error) {
      if (error instanceof InTotoError) return places(error.findings);
      throw error;
    }
  };

  const files = area.list('real');
  const lacks = (...names: string[]) => names.some((name) => !files.includes(name));

  it.skipIf(lacks('gitsign-commit-type-misspelt.json'))('a misspelt _type', () => {
    const text = area.text('real', 'gitsign-commit-type-misspelt.json');
    expect(found(text)).toEqual(['INTOTO_MISSING_FIELD /_type', 'INTOTO_MISSPELT_FIELD /type']);
    expect(found(text, MISSPELT)).toEqual(['INTOTO_MISSPELT_FIELD /type']);
    const { version, predicateType } = parseStatement(text, MISSPELT);
    expect([version, predicateType]).toEqual(['v1', 'https://gitsign.sigstore.dev/predicate/git/v0.1']);
  });

  it.skipIf(lacks('chainloop-v0.2-statement.json'))('two misspelt members', () => {
    const text = area.text('real', 'chainloop-v0.2-statement.json');
    const warnings = ['INTOTO_MISSPELT_FIELD /predicate_type', 'INTOTO_MISSPELT_FIELD /type'];
    const errors = ['INTOTO_MISSING_FIELD /_type', 'INTOTO_MISSING_FIELD /predicateType'];
    expect(found(text)).toEqual([...errors, ...warnings]);
    expect(found(text, MISSPELT)).toEqual(['INTOTO_BAD_URI /predicate_type', ...warnings]);
  });

  it.skipIf(lacks('cosign-custom-predicate.sigstore.json', 'witness-collection.json'))(
    'a custom predicate in a bundle, and one with unknown algorithms',
    () => {
      const bundle = area.json<{ dsseEnvelope: unknown }>('real', 'cosign-custom-predicate.sigstore.json');
      const { payload } = parseEnvelope(JSON.stringify(bundle.dsseEnvelope));
      expect(found(payload)).toEqual([]);
      expect(Object.keys(parseStatement(payload).predicate)).toEqual(['Data', 'Timestamp']);
      expect(found(parseEnvelope(area.text('real', 'witness-collection.json')).payload)).toEqual([]);
    },
  );

  it.skipIf(lacks('payload-bad-base64.json', 'payload-not-json.json'))('payloads that are none', () => {
    const refused = (file: string, mode: 'strict' | 'tolerant') => {
      try {
        return found(parseEnvelope(area.text('real', file), { mode }).payload);
      } catch (error) {
        return error instanceof InTotoError ? [`${error.code} ${error.pointer}`] : [];
      }
    };
    expect(refused('payload-bad-base64.json', 'strict')).toEqual(['DSSE_BAD_BASE64 /payload']);
    expect(refused('payload-bad-base64.json', 'tolerant')).toEqual(['INTOTO_MALFORMED_JSON ']);
    expect(refused('payload-not-json.json', 'strict')).toEqual(['INTOTO_MALFORMED_JSON ']);
  });
});

function softened(expected: Expectation, dropped: (place: Place) => boolean): Expectation {
  const soft = (place: Place) => SOFT.has(place.code) && !place.pointer.startsWith('/subject');
  const errors = expected.errors.filter((place) => !soft(place) && !dropped(place));
  const warnings = [...(expected.warnings ?? []), ...expected.errors.filter(soft)];
  return { ok: errors.length === 0, errors, warnings };
}

function expectFound(run: () => readonly Finding[], expected: Expectation): void {
  let findings: readonly Finding[] = [];
  let failed = false;
  try {
    findings = run();
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    failed = true;
    findings = error.findings;
    expect(findings.find(({ severity }) => severity === 'error')).toMatchObject({
      code: error.code,
      pointer: error.pointer,
    });
  }
  const places = (list: readonly Place[]) => list.map(({ code, pointer }) => `${code} ${pointer}`).sort();
  const of = (kind: string) => places(findings.filter(({ severity }) => severity === kind));
  expect(of('error')).toEqual(places(expected.errors));
  if (expected.warnings !== undefined) expect(of('warning')).toEqual(places(expected.warnings));
  expect(failed).toBe(!expected.ok);
}
