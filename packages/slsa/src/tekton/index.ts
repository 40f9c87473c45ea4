/**
 * Provenance of Tekton runs as Tekton Chains makes it: type hints, every format, the exact bytes to sign.
 *
 * @packageDocumentation
 */
export { SlsaError, type SlsaErrorCode } from '../errors.js';
export { TEKTON_DEFECTS, type TektonDefect } from './compat.js';
export { parseDigestString, type DigestString } from './digest-string.js';
export { formatDuration } from './duration.js';
export { formatRun, type FormatOptions, type TektonFormat, type TektonProvenance } from './format.js';
export { parseImageReference, simpleSigningText, type TektonImage } from './image-reference.js';
export { normalise } from './normalise.js';
export { artifactUris, ociArtifacts, type OciArtifact, type OciArtifactOptions } from './oci-artifacts.js';
export { paramValue, paramValueOfText, type ParamValue } from './param-value.js';
export { formatQuantity } from './quantity.js';
export { parseRun, runKeys, type RunKeys, type TektonRun } from './run.js';
