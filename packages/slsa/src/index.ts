/**
 * SLSA provenance: the names of its versions and the one error of this package. The formats of Tekton Chains are in
 * `@sealwright/slsa/tekton`.
 *
 * @packageDocumentation
 */
export { SlsaError, type SlsaErrorCode } from './errors.js';
export { PROVENANCE_V02, PROVENANCE_V1 } from './predicate-types.js';
