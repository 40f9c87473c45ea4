import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Statement, Subject } from '@sealwright/in-toto';
import { type DescriptorWith, statementOf, vsaV1, type VsaV1Predicate } from '@sealwright/in-toto/predicates';
import { asSlsaError, SlsaError } from '../errors.js';
import { formatLevel, parseLevel } from '../levels.js';
import type { VSA_V1 } from '../predicate-types.js';
import type { ProvenanceVerdict } from '../verify/appraise.js';

/** What a summary is to say. */
export interface SummaryInput {
  /** What was verified; for source its digest is a `gitCommit`, and its annotations may list `sourceRefs`. */
  readonly subject: readonly Subject[];
  /** Who verified. */
  readonly verifier: VsaV1Predicate['verifier'];
  /** When. */
  readonly timeVerified: Date;
  /** Where a consumer would fetch it. */
  readonly resourceUri: string;
  /** By which policy; a digest should be there. */
  readonly policy: DescriptorWith<'uri'>;
  /** All attestations that were used. */
  readonly inputs?: readonly SummaryAttestation[];
  /** What came of it. */
  readonly verdict: {
    /** Whether it passed. */
    readonly ok: boolean;
    /** The results, such as those of {@link levelsOf}; not used when it did not pass. */
    readonly levels: readonly string[];
  };
  /** How many dependencies have which level. Left out it claims nothing; empty it says that there are none. */
  readonly dependencyLevels?: Readonly<Record<string, number>>;
}

/** An attestation that was used. */
export interface SummaryAttestation {
  /** The bytes of its envelope. */
  readonly bytes: Uint8Array;
  /** Where it can be had. */
  readonly uri?: string;
}

/**
 * Make a verification summary: a statement whose `bytes` are to be signed. Each input is recorded with the SHA-256 of its
 * envelope, and a failure has no level.
 *
 * @param input - what it is to say
 * @throws {@link SlsaError} where it is not what a strict reader takes: `PREDICATE_…`, `INTOTO_…`, `VSA_DUPLICATE_TRACK`,
 * `VSA_RESERVED_PREFIX`; `VSA_NOT_PASSED` for a failed level in a summary that passes
 * @example
 * ```ts
 * const statement = createSummary({
 *   subject: [{ name: 'app.tgz', digest: { sha256: 'ab'.repeat(32) } }],
 *   verifier: { id: 'https://example.com/verifier' },
 *   timeVerified: new Date('2026-11-20T10:00:00Z'),
 *   resourceUri: 'https://example.com/app.tgz',
 *   policy: { uri: 'https://example.com/policy' },
 *   verdict: { ok: true, levels: ['SLSA_BUILD_LEVEL_2'] },
 * });
 * console.log(statement.predicate.verificationResult); // PASSED
 * ```
 */
export function createSummary(input: SummaryInput): Statement<typeof VSA_V1, VsaV1Predicate> {
  const {
    subject,
    verifier,
    timeVerified,
    resourceUri,
    policy,
    inputs = [],
    verdict,
    dependencyLevels,
  } = input;
  if (verdict.ok && verdict.levels.some((level) => parseLevel(level).kind === 'failed'))
    throw new SlsaError('VSA_NOT_PASSED', 'a summary that passes has no failed level', {
      pointer: '/predicate/verifiedLevels',
    });
  if (Number.isNaN(timeVerified.getTime()))
    throw new SlsaError('PREDICATE_BAD_TIMESTAMP', 'not a date', { pointer: '/predicate/timeVerified' });
  const inputAttestations = inputs.map(({ bytes, uri }) => ({
    ...(uri === undefined ? {} : { uri }),
    digest: { sha256: encodeHex(digest('sha256', bytes)) },
  }));
  const predicate: VsaV1Predicate = {
    verifier,
    timeVerified: `${timeVerified.toISOString().slice(0, -5)}Z`,
    resourceUri,
    policy,
    ...(inputAttestations.length === 0 ? {} : { inputAttestations }),
    verificationResult: verdict.ok ? 'PASSED' : 'FAILED',
    verifiedLevels: verdict.ok ? verdict.levels : ['FAILED'],
    ...(dependencyLevels === undefined ? {} : { dependencyLevels }),
    slsaVersion: '1.2',
  };
  return asSlsaError(() => statementOf(vsaV1).create({ subject, predicate }));
}

/**
 * The results that a verdict about provenance gives.
 *
 * @param verdict - from {@link appraiseProvenance}
 */
export function levelsOf(verdict: ProvenanceVerdict): readonly string[] {
  return verdict.ok ? [formatLevel('BUILD', verdict.level)] : ['FAILED'];
}
