import { encodeUtf8 } from '@sealwright/bytes';
import { createStatement, parseStatement } from '@sealwright/in-toto';
import { narrow, provenanceV01, provenanceV02 } from '@sealwright/in-toto/predicates';
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { taskRun } from '@sealwright/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appraiseProvenance,
  appraiseSummary,
  convertV01ToV02,
  convertV02ToV1,
  createSummary,
  matchVersionedTag,
  parseBuilderId,
  parseCloudBuild,
  parseProvenance,
  parseSummary,
  parseWorkflowIdentity,
  type ProvenanceExpectations,
  SlsaError,
  sourceClaims,
  splitSource,
  type VerifiedProvenance,
  type VerifiedSummary,
} from '../src/index.js';
import { formatRun, parseRun } from '../src/tekton/index.js';
import { githubGenerators, parseTrustRules, tekton } from '../src/trust/index.js';

const SEED = 20_261_121;
const { process } = globalThis as { process?: { env: Readonly<Record<string, string | undefined>> } }; // none in a browser
const MUTATIONS = Number(process?.env['SEALWRIGHT_MUTATIONS'] ?? 10_000);
const HEX = 'ab'.repeat(32);
const subject = [{ name: 'a', digest: { sha256: HEX }, annotations: { sourceRefs: ['refs/heads/main'] } }];
const source = { uri: 'git+https://github.com/a/b@refs/tags/v1.2.3', digest: { sha1: 'cd'.repeat(20) } };
const run = parseRun(JSON.stringify(taskRun({ image: 'registry.example.com/a/b', digest: `sha256:${HEX}` })));
const text = (predicateType: string, predicate: object): string =>
  new TextDecoder().decode(createStatement({ subject, predicateType, predicate }).bytes);
const STATEMENTS = [
  text('https://slsa.dev/provenance/v1', {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: { ref: 'refs/tags/v1.2.3', repository: 'https://github.com/a/b', path: 'c' },
      },
      internalParameters: { github: { event_name: 'push' } },
      resolvedDependencies: [source],
    },
    runDetails: {
      builder: { id: 'https://b@v1' },
      metadata: { invocationId: '7-1' },
      byproducts: [{ content: 'eA==' }],
    },
  }),
  text('https://slsa.dev/provenance/v0.2', {
    builder: { id: 'https://b' },
    buildType: 'https://t',
    invocation: {
      configSource: { ...source, entryPoint: 'x' },
      parameters: { a: 1 },
      environment: { github_run_id: '7' },
    },
    metadata: { buildInvocationID: '7-1', completeness: { parameters: true } },
    materials: [source],
  }),
  text('https://slsa.dev/provenance/v0.1', {
    builder: { id: 'https://b' },
    recipe: { type: 'https://t', definedInMaterial: 0, arguments: { a: 1 } },
    materials: [source],
  }),
  new TextDecoder().decode(formatRun(run, { format: 'slsa/v1' }).payload),
  new TextDecoder().decode(formatRun(run, { format: 'slsa/v2alpha4' }).payload),
  new TextDecoder().decode(
    createSummary({
      subject,
      verifier: { id: 'https://v' },
      timeVerified: new Date(0),
      resourceUri: 'https://r',
      policy: { uri: 'https://p' },
      verdict: { ok: true, levels: ['SLSA_BUILD_LEVEL_3'] },
    }).bytes,
  ),
];
const EXPECT: ProvenanceExpectations = {
  digest: `sha256:${HEX}`,
  builderId: 'https://b',
  buildType: 'https://t',
  source: 'github.com/a/b',
  commit: 'cd'.repeat(20),
  branch: 'main',
  versionedTag: 'v1',
  minLevel: 3,
  externalParameters: { equals: { a: 1 }, allowOnly: ['workflow', 'runSpec'] },
  tekton: {
    pipeline: { uri: 'x' },
    params: {},
    requirePinnedStepImages: true,
    serviceAccounts: ['a'],
    specMembers: [],
  },
};

/** Read, convert and appraise a statement as far as it goes; whatever goes wrong is a SlsaError. */
function everything(json: string): boolean {
  try {
    const statement = parseStatement(json, { mode: 'tolerant' });
    if (statement.predicateType.includes('summary')) {
      const signers = [{ kind: 'key', identity: 'k' }] as const;
      const summary = { statement: parseSummary(statement), signers } as unknown as VerifiedSummary; // for appraisal alone
      const expect = {
        subjectDigests: [`sha256:${HEX}`],
        verifierId: 'https://v',
        resourceUri: 'https://r',
        verifiedLevels: ['SLSA_BUILD_LEVEL_2'],
        maxAgeSeconds: 1,
        sourceRefs: ['refs/heads/main'],
        policyDigest: {},
      };
      const trust = [{ signer: { keys: ['k'] }, id: 'https://v' }];
      return appraiseSummary(summary, { trust, expect, now: new Date(0) }).checks.length > 0;
    }
    const view = parseProvenance(statement);
    sourceClaims(view);
    const san = 'https://github.com/a/b/.github/workflows/c@refs/heads/d';
    const issuer = 'https://token.actions.githubusercontent.com';
    const signers = [
      { kind: 'certificate', san, issuer, claims: { sourceRepository: 'https://github.com/a/b' } },
    ] as const;
    const provenance = { statement, view, signers } as unknown as VerifiedProvenance; // for appraisal alone
    const trust = [...githubGenerators(), ...tekton({ signer: { keys: ['k'] } })];
    const verdict = appraiseProvenance(provenance, { trust, expect: EXPECT });
    if (view.version === 'v0.2')
      convertV02ToV1(narrow(statement, [provenanceV02], { mode: 'tolerant' }).predicate, {
        buildType: 'https://t',
      });
    if (view.version === 'v0.1')
      convertV01ToV02(narrow(statement, [provenanceV01], { mode: 'tolerant' }).predicate);
    return verdict.checks.length > 0;
  } catch (error) {
    return error instanceof SlsaError || (error instanceof Error && error.name === 'InTotoError');
  }
}

describe('hostile input', () => {
  it('mutated statements are read, converted and appraised, or refused', () => {
    const edits = fc.array(
      fc.record({
        at: fc.nat(),
        length: fc.nat({ max: 9 }),
        put: fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '0', 'null', '\\', '@', 'é'),
      }),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...STATEMENTS), edits, (valid, changes) => {
        let json = valid;
        for (const { at, length, put } of changes) {
          const place = at % json.length;
          json = json.slice(0, place) + put + json.slice(place + length);
        }
        expect(everything(json)).toBe(true);
      }),
      { numRuns: MUTATIONS / 2, seed: SEED },
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...STATEMENTS),
        fc.nat(),
        fc.jsonValue({ maxDepth: 2 }),
        (valid, at, value) => {
          const whole = JSON.parse(valid) as JsonValue;
          const places = countValues(whole);
          expect(everything(JSON.stringify(replaced(whole, at % places, value as JsonValue)))).toBe(true);
        },
      ),
      { numRuns: MUTATIONS / 2, seed: SEED },
    );
  }, 600_000);

  it('any text is an identifier or none', () => {
    const readers = [
      (value: string) => parseBuilderId(value),
      (value: string) => splitSource(value),
      (value: string) => matchVersionedTag(value, value),
      (value: string) => parseWorkflowIdentity(value),
      (value: string) => parseCloudBuild(value),
      (value: string) => parseTrustRules(value),
    ];
    const parts = fc.array(
      fc.constantFrom(
        'git+',
        'https://',
        '/',
        '@',
        'refs/tags/',
        'v',
        '1',
        '.',
        '-',
        '+',
        'a',
        '[',
        '{',
        '"',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          parts.map((each) => each.join('')),
        ),
        (value) => {
          for (const read of readers) {
            try {
              read(value);
            } catch (error) {
              expect(error).toBeInstanceOf(SlsaError);
            }
          }
        },
      ),
      { numRuns: 2000, seed: SEED },
    );
  });

  it('long texts take no longer than their length', () => {
    const long = 'a'.repeat(1 << 20);
    expect(() => splitSource(long)).toThrow(SlsaError);
    expect(parseWorkflowIdentity(`https://${'/'.repeat(1 << 16)}@`)).toBeUndefined();
    expect(() => matchVersionedTag(`refs/tags/v${'1'.repeat(1 << 20)}`, 'v1')).toThrow(SlsaError);
    expect(() => parseCloudBuild(encodeUtf8('['.repeat(1 << 16)))).toThrow(SlsaError);
  });
});

function countValues(value: JsonValue): number {
  if (Array.isArray(value)) return 1 + value.reduce<number>((sum, each) => sum + countValues(each), 0);
  return isJsonObject(value)
    ? 1 + Object.values(value).reduce<number>((sum, each) => sum + countValues(each), 0)
    : 1;
}

function replaced(value: JsonValue, at: number, by: JsonValue): JsonValue {
  let left = at;
  const walk = (each: JsonValue): JsonValue => {
    left -= 1;
    if (left === -1) return by;
    if (Array.isArray(each)) return each.map(walk);
    if (!isJsonObject(each)) return each;
    return Object.fromEntries(Object.entries(each).map(([name, member]) => [name, walk(member)]));
  };
  return walk(value);
}
