/**
 * SLSA provenance and verification summaries: what they say, how to make them, and whether they are good enough. Ready-made
 * lists of whom to trust are in `@sealwright/slsa/trust`, the formats of Tekton Chains in `@sealwright/slsa/tekton`.
 *
 * @packageDocumentation
 */
export { SlsaError, type ProvenanceCode, type SlsaErrorCode, type VsaCode } from './errors.js';
export * from './predicate-types.js';
export {
  duplicateTrack,
  formatLevel,
  joinLevels,
  meetLevels,
  ownLevels,
  parseLevel,
  satisfies,
  SLSA_TRACKS,
  type SlsaResult,
  type SlsaTrack,
  type TrackInfo,
} from './levels.js';
export { type BuilderId, type BuilderMatchOptions, matchBuilderId, parseBuilderId } from './builder-id.js';
export { type GitSource, matchSource, normalizeSource, splitSource } from './git-source.js';
export { isReleaseTag, matchVersionedTag } from './versioned-tag.js';
export { type BuildType, defineBuildType } from './provenance/build-type.js';
export {
  type Converted,
  type ConvertOptions,
  convertV01ToV02,
  convertV02ToV1,
} from './provenance/convert.js';
export {
  createProvenance,
  createProvenanceV01,
  createProvenanceV02,
  type OldProvenanceInput,
  type ProvenanceInput,
} from './provenance/create.js';
export {
  type Completeness,
  type ConfigSource,
  parseProvenance,
  type ProvenanceOptions,
  type ProvenancePointers,
  type ProvenanceStatement,
  type ProvenanceVersion,
  type ProvenanceView,
} from './provenance/view.js';
export { allPass, type Check } from './verify/check.js';
export {
  certificateIdentity,
  type CertificateIdentity,
  type FulcioClaims,
  type FulcioExtensionTexts,
  type KeyIdentity,
  keyIdentities,
  parseWorkflowIdentity,
  type SignerIdentity,
  type WorkflowIdentity,
} from './verify/signer.js';
export type { BuilderPattern, BuildLevel, SignerPattern, TrustRule } from './verify/trust-rule.js';
export type {
  ParameterExpectations,
  ProvenanceExpectations,
  ProvenancePolicy,
  TektonExpectations,
} from './verify/expectations.js';
export { provenanceOf, type VerifiedOptions, type VerifiedProvenance } from './verify/verified.js';
export { buildLevel } from './verify/builder-checks.js';
export { type SourceClaim, sourceClaims } from './verify/source.js';
export { appraiseProvenance, bestOf, type ProvenanceVerdict } from './verify/appraise.js';
export { createSummary, levelsOf, type SummaryAttestation, type SummaryInput } from './vsa/create.js';
export {
  parseSummary,
  type Summary,
  summaryOf,
  type SummaryOptions,
  type VerifiedSummary,
} from './vsa/summary.js';
export {
  appraiseSummary,
  type SummaryExpectations,
  type SummaryPolicy,
  type SummaryVerdict,
  type VerifierRule,
} from './vsa/appraise.js';
export { type CloudBuildEntry, type CloudBuildFile, parseCloudBuild } from './cloud-build/parse.js';
export {
  type CloudBuildKey,
  type CloudBuildVerdict,
  preferredCloudBuild,
  verifyCloudBuild,
} from './cloud-build/verify.js';
export {
  appraiseNpm,
  NPM_PUBLISH_V01,
  type NpmAttestations,
  type NpmPolicy,
  type NpmVerdict,
} from './npm/appraise.js';
export { npmPurl } from './npm/purl.js';
