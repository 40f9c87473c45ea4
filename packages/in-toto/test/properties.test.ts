import { encodeUtf8 } from '@sealwright/bytes';
import { JsonError, parseJson } from '@sealwright/json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createStatement,
  encodeEnvelope,
  type DsseEnvelope,
  InTotoError,
  parseEnvelope,
  parseStatement,
  readBundleLines,
} from '../src/index.js';
import * as exported from '../src/predicates/index.js';
import { narrow, type Predicate } from '../src/predicates/index.js';

const definitions = Object.values<unknown>(exported).filter(
  (value): value is Predicate => typeof value === 'object' && value !== null && '~standard' in value,
);
const STATEMENT = createStatement({
  subject: [
    { name: 'a', uri: 'https://example.com/a', digest: { sha256: 'ab'.repeat(32), custom: 'x' } },
    { content: 'SGVsbG8=', digest: { gitCommit: 'cd'.repeat(20) }, annotations: { deep: [{}, null, 1e3] } },
  ],
  predicateType: 'https://slsa.dev/provenance/v1',
  predicate: {
    buildDefinition: {
      buildType: 'https://example.com/t',
      externalParameters: { ref: 'é\u2028' },
      resolvedDependencies: [{ uri: 'git+https://example.com/r', digest: { sha1: 'ef'.repeat(20) } }],
    },
    runDetails: {
      builder: { id: 'https://example.com/b', version: { core: '1' } },
      metadata: { startedOn: '2024-05-01T10:00:00Z' },
    },
  },
}).bytes;
const ENVELOPE = encodeUtf8(
  encodeEnvelope({
    payloadType: 'application/vnd.in-toto+json',
    payload: STATEMENT.slice(0, 60),
    signatures: [{ keyid: 'k', sig: STATEMENT.slice(0, 30), unknown: {} }],
  } satisfies DsseEnvelope),
);

/** `SEALWRIGHT_MUTATIONS=1000000` runs longer. Every run of one length is the same. */
const { process } = globalThis as { process?: { env: Record<string, string | undefined> } }; // not in browsers
const MUTATIONS = Number(process?.env['SEALWRIGHT_MUTATIONS'] ?? 10_000);

/** A few edits of bytes: overwrite, delete, or repeat what stands elsewhere. */
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'delete', 'repeat'),
    at: fc.nat(),
    length: fc.nat({ max: 12 }),
    byte: fc.oneof(fc.constantFrom(...encodeUtf8('"{}[],:\\0-e')), fc.nat({ max: 255 })),
  }),
  { minLength: 1, maxLength: 3 },
);
type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

function mutated(valid: Uint8Array, changes: Edits): Uint8Array {
  let bytes = [...valid];
  for (const { kind, at, length, byte } of changes) {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    if (kind === 'set') bytes[place] = byte;
    else if (kind === 'delete') bytes.splice(place, length);
    else bytes = [...bytes.slice(0, place + length), ...bytes.slice(place)];
  }
  return Uint8Array.from(bytes);
}

function readsOrRefuses(
  read: () => unknown,
  refusal: typeof InTotoError | typeof JsonError = InTotoError,
): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof refusal)) throw error;
  }
}

describe('readers', () => {
  it(
    `answer ${MUTATIONS} mutated statements and envelopes with a value or an InTotoError`,
    { timeout: 3_600_000 },
    () => {
      fc.assert(
        fc.property(edits, fc.constantFrom('strict' as const, 'tolerant' as const), (changes, mode) => {
          const statement = mutated(STATEMENT, changes);
          const options = { mode, acceptMisspelt: mode === 'tolerant' };
          readsOrRefuses(() => narrow(parseStatement(statement, options), definitions, { mode }));
          readsOrRefuses(() => parseEnvelope(mutated(ENVELOPE, changes), { mode }));
          readsOrRefuses(() => parseJson(statement), JsonError);
        }),
        { numRuns: MUTATIONS, seed: 1 },
      );
    },
  );

  it('answer a statement in which any one value is replaced by any other', () => {
    const whole: unknown = JSON.parse(new TextDecoder().decode(STATEMENT));
    fc.assert(
      fc.property(fc.nat({ max: countValues(whole) - 1 }), fc.jsonValue({ maxDepth: 2 }), (at, value) => {
        const text = JSON.stringify(replaced(whole, at, value));
        for (const mode of ['strict', 'tolerant'] as const)
          readsOrRefuses(() => narrow(parseStatement(text, { mode }), definitions, { mode }));
      }),
      { numRuns: 2000 },
    );
  });

  it('answer any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        readsOrRefuses(() => parseStatement(bytes));
        readsOrRefuses(() => parseEnvelope(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('are thrown with all that was found, named by the first error', () => {
    fc.assert(
      fc.property(edits, (changes) => {
        try {
          parseStatement(mutated(STATEMENT, changes));
        } catch (error) {
          if (!(error instanceof InTotoError)) throw error;
          const first = error.findings.find(({ severity }) => severity === 'error');
          expect(first).toMatchObject({ code: error.code, pointer: error.pointer, message: error.message });
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('do not throw for a line of a bundle, whatever it is and however it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(edits, { maxLength: 4 }),
        fc.integer({ min: 1, max: 300 }),
        async (all, size) => {
          const lines = all.flatMap((changes) => [...mutated(ENVELOPE, changes), 0x0a]);
          const bytes = Uint8Array.from(lines);
          const chunks: Uint8Array[] = [];
          for (let at = 0; at < bytes.byteLength; at += size) chunks.push(bytes.subarray(at, at + size));
          let count = 0;
          for await (const { line } of readBundleLines(streamOf(chunks))) {
            count += 1;
            expect(line).toBe(count);
          }
          expect(count).toBe(lines.filter((byte) => byte === 0x0a).length);
        },
      ),
    );
  });
});

describe.each(definitions)('the predicate $type', (definition) => {
  it('answers any value at all with itself or issues', () => {
    const keys = fc.constantFrom('scanner', 'verifier', 'id', 'name', 'materials', 'metadata', '__proto__');
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), tie('object')),
      object: fc.dictionary(keys, tie('any'), { maxKeys: 4 }),
    })).any;
    fc.assert(
      fc.property(value, (given) => {
        const result = definition['~standard'].validate(given);
        if (result.issues === undefined) expect(result.value).toEqual(given);
        else expect(result.issues.length).toBeGreaterThan(0);
      }),
    );
  });
});

/** How many values there are in a value, itself included. */
function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countValues(inner), 1);
}

/** A copy with the value at a place, counted in the order of writing, replaced. */
function replaced(value: unknown, at: number, by: unknown): unknown {
  let count = -1;
  const put = (member: unknown): unknown => {
    count += 1;
    if (count === at) return by;
    if (Array.isArray(member)) return member.map(put);
    if (typeof member !== 'object' || member === null) return member;
    return Object.fromEntries(Object.entries(member).map(([name, inner]) => [name, put(inner)]));
  };
  return put(value);
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
