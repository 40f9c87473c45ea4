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
export type { ParameterIssue, ParameterResult, ParameterSchema } from './parameter-schema.js';
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
