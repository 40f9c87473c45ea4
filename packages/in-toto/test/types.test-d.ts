/** What the types promise; the type checker runs this file, nothing else does. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { expectTypeOf } from 'vitest';
import {
  type AcceptedKey,
  matchSubjects,
  parseStatement,
  type Statement,
  type Subject,
  type VerifiedPayload,
  type VerifiedStatement,
  verifyEnvelope,
} from '../src/index.js';
import {
  boolean,
  bySchema,
  definePredicate,
  type Infer,
  link,
  list,
  map,
  narrow,
  object,
  oneOf,
  optional,
  type ProvenanceV1Predicate,
  provenanceV1,
  spdx2,
  statementOf,
  testResult,
  text,
  timestamp,
  vsaV1,
} from '../src/predicates/index.js';

declare const payload: VerifiedPayload;
declare const bytes: Uint8Array;
declare const statement: Statement;
declare const subject: readonly Subject[];

// a predicate type narrows by predicateType
const known = narrow(statement, [provenanceV1, vsaV1, link, testResult]);
if (known.predicateType === 'https://slsa.dev/provenance/v1') {
  expectTypeOf(known.predicate).toEqualTypeOf<ProvenanceV1Predicate>();
  expectTypeOf(known.predicate.buildDefinition.buildType).toBeString();
  // @ts-expect-error a member of another predicate
  void known.predicate.verifiedLevels;
} else if (known.predicateType === 'https://slsa.dev/verification_summary/v1') {
  expectTypeOf(known.predicate.verifiedLevels).toEqualTypeOf<readonly string[]>();
} else if (known.predicateType === 'https://in-toto.io/attestation/test-result/v0.1') {
  expectTypeOf(known.predicate.result).toEqualTypeOf<'PASSED' | 'WARNED' | 'FAILED'>();
} else {
  expectTypeOf(known.predicateType).toEqualTypeOf<'https://in-toto.io/attestation/link/v0.3'>();
  expectTypeOf(known.predicate.name).toBeString();
}
// @ts-expect-error a type that nobody asked for
if (known.predicateType === 'https://example.com/other/v1') void known;
const aliased = narrow(statement, [spdx2]);
expectTypeOf(aliased.predicateType).toEqualTypeOf<
  'https://spdx.dev/Document' | 'https://spdx.dev/Document/v2.3'
>();

// a custom predicate infers, from end to end
const review = definePredicate({
  type: 'https://example.com/review/v1',
  name: 'review',
  check: object({
    reviewer: text,
    verdict: oneOf('yes', 'no'),
    at: optional(timestamp),
    lines: list(map(boolean)),
  }),
});
interface Review {
  readonly reviewer: string;
  readonly verdict: 'yes' | 'no';
  readonly at?: string;
  readonly lines: readonly Readonly<Record<string, boolean>>[];
}
expectTypeOf(review.type).toEqualTypeOf<'https://example.com/review/v1'>();
expectTypeOf<Infer<typeof review>>().toExtend<Review>();
expectTypeOf<Review>().toExtend<Infer<typeof review>>();
const reviews = statementOf(review);
const made = reviews.create({ subject, predicate: { reviewer: 'ada', verdict: 'yes', lines: [] } });
expectTypeOf(made.predicate.verdict).toEqualTypeOf<'yes' | 'no'>();
expectTypeOf(made.predicateType).toEqualTypeOf<'https://example.com/review/v1'>();
// @ts-expect-error a member is missing
reviews.create({ subject, predicate: { reviewer: 'ada', lines: [] } });
// @ts-expect-error another type
reviews.create({ subject, predicate: { reviewer: 'ada', verdict: 'maybe', lines: [] } });
const mixed = statementOf(review, provenanceV1).parse(bytes);
if (mixed.predicateType === 'https://example.com/review/v1')
  expectTypeOf(mixed.predicate.reviewer).toBeString();
else expectTypeOf(mixed.predicate.runDetails.builder.id).toBeString();

// definitions are Standard Schemas, and Standard Schemas make definitions
expectTypeOf(review).toExtend<StandardSchemaV1<unknown, Review>>();
expectTypeOf(provenanceV1).toExtend<StandardSchemaV1<unknown, ProvenanceV1Predicate>>();
expectTypeOf<StandardSchemaV1.InferOutput<typeof review>['verdict']>().toEqualTypeOf<'yes' | 'no'>();
declare const schema: StandardSchemaV1<{ count: string }, { count: number }>;
const counted = definePredicate({ type: 'https://example.com/count/v1', check: bySchema(schema) });
expectTypeOf<Infer<typeof counted>>().toEqualTypeOf<{ count: number }>();

// what was not verified does not pass for what was
declare function appraise(given: VerifiedStatement): void;
declare function appraiseProvenance(
  given: VerifiedStatement<'https://slsa.dev/provenance/v1', ProvenanceV1Predicate>,
): void;
appraise(parseStatement(payload));
appraiseProvenance(statementOf(provenanceV1).parse(payload));
appraiseProvenance(narrow(parseStatement(payload), [provenanceV1]));
expectTypeOf(parseStatement(payload).verified.accepted).toEqualTypeOf<readonly AcceptedKey[]>();
expectTypeOf(verifyEnvelope).returns.resolves.toEqualTypeOf<VerifiedPayload>();
// @ts-expect-error bytes were not verified
appraise(parseStatement(bytes));
// @ts-expect-error nor was text
appraise(parseStatement('{}'));
// @ts-expect-error nor what was read from bytes
appraiseProvenance(statementOf(provenanceV1).parse(bytes));
// @ts-expect-error nor what was narrowed from it
appraiseProvenance(narrow(parseStatement(bytes), [provenanceV1]));
// @ts-expect-error nobody makes a verified payload by hand
const forged: VerifiedPayload = { payload: bytes, payloadType: '', accepted: [], skipped: [] };
void forged;
void matchSubjects(parseStatement(payload), {});
