/**
 * Predicate types: those that the framework vetted, each a value of its own, and what it takes to define others.
 *
 * @packageDocumentation
 */
export { bySchema, type AnyStandardSchema, type SchemaIssue, type SchemaResult } from './by-schema.js';
export type { Check, CheckContext } from './check.js';
export {
  list,
  map,
  object,
  optional,
  refine,
  warnMisspelt,
  type Checked,
  type Members,
  type ObjectOf,
  type OptionalCheck,
} from './composites.js';
export { cyclonedx, type CycloneDxPredicate } from './cyclonedx.js';
export { descriptor, descriptorWith, digestSet, type DescriptorWith } from './descriptors.js';
export { InTotoError } from '../errors.js';
export { linkV1, type LinkV1Artifacts, type LinkV1Predicate } from './link-v1.js';
export { link, type LinkPredicate } from './link.js';
export {
  narrow,
  statementOf,
  type NarrowOptions,
  type StatementOf,
  type StatementOfInput,
  type StatementReader,
  type VerifiedStatementOf,
} from './narrow.js';
export { definePredicate, type Infer, type Predicate, type PredicateInput } from './predicate.js';
export { provenanceV01, type ProvenanceV01Predicate } from './provenance-v01.js';
export { provenanceV02, type ProvenanceV02Metadata, type ProvenanceV02Predicate } from './provenance-v02.js';
export { provenanceV1, type ProvenanceV1Predicate } from './provenance-v1.js';
export { reference, type ReferencePredicate } from './reference.js';
export { releaseV01, type ReleaseV01Predicate } from './release-v01.js';
export { releaseV02, type ReleaseV02Predicate } from './release-v02.js';
export { runtimeTrace, type RuntimeTraceLog, type RuntimeTracePredicate } from './runtime-trace.js';
export {
  anyObject,
  anyText,
  anyValue,
  boolean,
  count,
  integer,
  oneOf,
  purl,
  text,
  timestamp,
  uri,
} from './scalars.js';
export { scai, type ScaiAttribute, type ScaiPredicate } from './scai.js';
export { spdx2, type Spdx2Predicate } from './spdx2.js';
export { spdx3, type Spdx3Predicate } from './spdx3.js';
export type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.js';
export { svrV01, type SvrV01Predicate } from './svr-v01.js';
export { svrV02, type SvrV02Predicate } from './svr-v02.js';
export { testResult, type TestResultPredicate } from './test-result.js';
export { vsaV01 } from './vsa-v01.js';
export { vsaV02, type VsaV02Predicate } from './vsa-v02.js';
export type { VsaV0Level, VsaV0Predicate } from './vsa-v0-shape.js';
export { vsaV1, type VsaV1Predicate } from './vsa-v1.js';
export { vulnsV01 } from './vulns-v01.js';
export { vulnsV02 } from './vulns-v02.js';
export type { VulnsPredicate, VulnsResult } from './vulns-shape.js';
