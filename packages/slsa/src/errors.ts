import { type Finding, InTotoError, type InTotoErrorCode } from '@sealwright/in-toto';

/**
 * Why something was refused. Codes are public API: never renamed, never reused.
 *
 * Runs of Tekton:
 *
 * - `ERR_SLSA_RUN`: not a TaskRun or PipelineRun, or a member of another type than Tekton gives it
 * - `ERR_SLSA_FORMAT`: a format that does not exist
 * - `ERR_SLSA_IMAGE_ID`: a step or sidecar whose image id names no digest
 * - `ERR_SLSA_DIGEST`: text that is not a digest that Chains takes
 * - `ERR_SLSA_REFERENCE`: text that is not an image reference with a digest
 * - `ERR_SLSA_SCALAR`: a duration or quantity that Kubernetes does not take
 *
 * What this package reads besides provenance:
 *
 * - `ERR_SLSA_TRUST`: not a list of trust rules
 * - `ERR_SLSA_CLOUD_BUILD`: not what Cloud Build describes an image with
 *
 * Provenance: `ProvenanceCode`. Verification summaries: `VsaCode`. Envelopes, statements and the shape of predicates:
 * `InTotoErrorCode` of `@sealwright/in-toto`, whose error is the `cause` then.
 */
export type SlsaErrorCode =
  | 'ERR_SLSA_RUN'
  | 'ERR_SLSA_FORMAT'
  | 'ERR_SLSA_IMAGE_ID'
  | 'ERR_SLSA_DIGEST'
  | 'ERR_SLSA_REFERENCE'
  | 'ERR_SLSA_SCALAR'
  | 'ERR_SLSA_TRUST'
  | 'ERR_SLSA_CLOUD_BUILD'
  | InTotoErrorCode
  | ProvenanceCode
  | VsaCode;

/**
 * What provenance can fail.
 *
 * - `SLSA_PREDICATE_TYPE`: not a known type of provenance
 * - `SLSA_SUBJECT`: it is about another artifact
 * - `SLSA_UNTRUSTED_BUILDER`: nobody trusts the signer
 * - `SLSA_SIGNER_BUILDER_MISMATCH`: it names a builder that the signer may not speak for
 * - `SLSA_BUILDER`: not the builder that was expected
 * - `SLSA_BUILDER_REF`: the builder ran at something other than a release tag
 * - `SLSA_BUILD_TYPE`, `SLSA_SOURCE`, `SLSA_COMMIT`, `SLSA_BRANCH`, `SLSA_TAG`: not the one that was expected
 * - `SLSA_BAD_REF`, `SLSA_BAD_SEMVER`, `SLSA_BAD_URI`, `SLSA_BAD_BUILDER_ID`: text that is no such thing
 * - `SLSA_EXTERNAL_PARAMETER`: an external parameter that was not expected, or has another value
 * - `SLSA_LEVEL`: below the level asked for
 * - `SLSA_CERT_CLAIM`: certificate and predicate disagree
 * - `SLSA_PACKAGE_NAME`, `SLSA_PACKAGE_VERSION`, `SLSA_PACKAGE_SUBJECT_COUNT`: not that package
 * - `SLSA_GCB_TEXT`, `SLSA_GCB_SUMMARY`, `SLSA_GCB_KIND`: what Cloud Build shows is not what it signed
 * - `SLSA_TEKTON_UNPINNED_STEP`, `SLSA_TEKTON_INLINE_SPEC`, `SLSA_TEKTON_CONFIG`: how a Tekton run was configured
 * - `SLSA_CONVERT_MISSING`, `SLSA_CONVERT_RANGE`, `SLSA_CONVERT_CONFLICT`: has no equal in the other version
 */
export type ProvenanceCode =
  | 'SLSA_PREDICATE_TYPE'
  | 'SLSA_SUBJECT'
  | 'SLSA_UNTRUSTED_BUILDER'
  | 'SLSA_SIGNER_BUILDER_MISMATCH'
  | 'SLSA_BUILDER'
  | 'SLSA_BUILDER_REF'
  | 'SLSA_BUILD_TYPE'
  | 'SLSA_SOURCE'
  | 'SLSA_COMMIT'
  | 'SLSA_BRANCH'
  | 'SLSA_TAG'
  | 'SLSA_BAD_REF'
  | 'SLSA_BAD_SEMVER'
  | 'SLSA_BAD_URI'
  | 'SLSA_BAD_BUILDER_ID'
  | 'SLSA_EXTERNAL_PARAMETER'
  | 'SLSA_LEVEL'
  | 'SLSA_CERT_CLAIM'
  | 'SLSA_PACKAGE_NAME'
  | 'SLSA_PACKAGE_VERSION'
  | 'SLSA_PACKAGE_SUBJECT_COUNT'
  | 'SLSA_GCB_TEXT'
  | 'SLSA_GCB_SUMMARY'
  | 'SLSA_GCB_KIND'
  | 'SLSA_TEKTON_UNPINNED_STEP'
  | 'SLSA_TEKTON_INLINE_SPEC'
  | 'SLSA_TEKTON_CONFIG'
  | 'SLSA_CONVERT_MISSING'
  | 'SLSA_CONVERT_RANGE'
  | 'SLSA_CONVERT_CONFLICT';

/**
 * What a verification summary can fail.
 *
 * - `VSA_PREDICATE_TYPE`: not a version of it that is accepted
 * - `VSA_SUBJECT`, `VSA_VERIFIER`, `VSA_RESOURCE`, `VSA_LEVEL`, `VSA_POLICY`, `VSA_SOURCE_REF`: not what was expected
 * - `VSA_NOT_PASSED`: the verification failed, or the summary contradicts itself
 * - `VSA_TOO_OLD`: older than allowed, or without a time
 * - `VSA_BAD_EXPECTATION`: the caller expects nothing that can be checked
 * - `VSA_DUPLICATE_TRACK`: two levels of one track
 * - `VSA_RESERVED_PREFIX`: a name of one's own that begins with `SLSA_`
 */
export type VsaCode =
  | 'VSA_PREDICATE_TYPE'
  | 'VSA_SUBJECT'
  | 'VSA_VERIFIER'
  | 'VSA_RESOURCE'
  | 'VSA_NOT_PASSED'
  | 'VSA_LEVEL'
  | 'VSA_POLICY'
  | 'VSA_TOO_OLD'
  | 'VSA_SOURCE_REF'
  | 'VSA_BAD_EXPECTATION'
  | 'VSA_DUPLICATE_TRACK'
  | 'VSA_RESERVED_PREFIX';

/** The one error that this package throws on bad input. */
export class SlsaError extends Error {
  /** Always `SlsaError`, which survives two copies of the package in one program. */
  override readonly name = 'SlsaError';
  /** What to switch on; the message is for people and may change. */
  readonly code: SlsaErrorCode;
  /** The member at fault, as a JSON pointer, where the fault has a place. */
  readonly pointer: string | undefined;
  /** Everything found in a statement, warnings too; the first error is also `code` and `pointer`. Empty for other faults. */
  readonly findings: readonly Finding[];

  /**
   * Make an error.
   *
   * @param code - what to switch on
   * @param message - what was expected and what was found
   * @param options - the place of the fault, what caused it, and all that was found
   */
  constructor(
    code: SlsaErrorCode,
    message: string,
    options: { pointer?: string | undefined; cause?: unknown; findings?: readonly Finding[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.pointer = options.pointer;
    this.findings = options.findings ?? [];
  }
}

/** Run a function of `@sealwright/in-toto`; its errors become ours, with the same code, place and findings. */
export function asSlsaError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    const { code, message, pointer, findings } = error;
    throw new SlsaError(code === 'INTOTO_PREDICATE_TYPE' ? 'SLSA_PREDICATE_TYPE' : code, message, {
      pointer,
      findings,
      cause: error,
    });
  }
}
