import { matchBuilderId, parseBuilderId } from '../builder-id.js';
import { SlsaError } from '../errors.js';
import { parseWorkflowIdentity, type SignerIdentity } from './signer.js';

/** A level of the build track. */
export type BuildLevel = 0 | 1 | 2 | 3;

/** Which signers a rule is about. Names compare whole, never by a beginning or an end. */
export type SignerPattern =
  | {
      /** Keys, by their identity. */
      readonly keys: readonly string[];
    }
  | {
      /** A workflow, without its ref. */
      readonly workflow: string;
      /** Its identity provider. */
      readonly issuer: string;
    }
  | {
      /** Any workflow of a repository, by the URL of the repository. */
      readonly repository: string;
      /** Its identity provider. */
      readonly issuer: string;
    }
  | {
      /** The subject alternative name of a certificate. */
      readonly san: string;
      /** Its identity provider. */
      readonly issuer: string;
    };

/** Which builders the signers of a rule may speak for. */
export type BuilderPattern =
  | {
      /** The builder with this id; without a version, at any version. */
      readonly id: string;
    }
  /** The workflow that signs. */
  | 'same-as-signer'
  /** Builders that the signer runs for others: the expected one, or one in the signer's own repository. */
  | 'delegated';

/** A pair of signer and builder, and how far it is trusted. Plain data: it may come from a file. */
export interface TrustRule {
  /** Who signs. */
  readonly signer: SignerPattern;
  /** For which builder. */
  readonly builder: BuilderPattern;
  /** The highest level that is believed. */
  readonly maxLevel: BuildLevel;
  /** Whether signer and builder must be at a release tag, `vMAJOR.MINOR.PATCH`. Default `false`. */
  readonly requireReleaseTag?: boolean;
  /** Whether runners that are not GitHub's own will do. Default `false`. */
  readonly allowSelfHosted?: boolean;
}

/**
 * Whether a signer is one that a pattern is about.
 *
 * @param signer - who signed
 * @param pattern - of a rule
 */
export function matchSigner(signer: SignerIdentity, pattern: SignerPattern): boolean {
  if ('keys' in pattern) return signer.kind === 'key' && pattern.keys.includes(signer.identity);
  if (signer.kind !== 'certificate' || signer.issuer !== pattern.issuer) return false;
  if ('san' in pattern) return signer.san === pattern.san;
  const workflow = parseWorkflowIdentity(signer.san);
  if (workflow === undefined) return false;
  if ('repository' in pattern) return workflow.repository === pattern.repository;
  return `${workflow.repository}/${workflow.path}` === pattern.workflow;
}

/**
 * Whether a signer may speak for a builder by a pattern.
 *
 * @param signer - who signed
 * @param builderId - the builder that provenance names
 * @param pattern - of a rule that is about the signer
 * @param expected - the builder that the caller wants to see
 */
export function matchBuilder(
  signer: SignerIdentity,
  builderId: string,
  pattern: BuilderPattern,
  expected: string | undefined,
): boolean {
  if (pattern === 'same-as-signer') return signer.kind === 'certificate' && signer.san === builderId;
  if (pattern !== 'delegated') return sameBuilder(builderId, pattern.id);
  if (expected !== undefined) return sameBuilder(builderId, expected);
  const repository =
    signer.kind === 'certificate' ? parseWorkflowIdentity(signer.san)?.repository : undefined;
  return repository !== undefined && parseWorkflowIdentity(builderId)?.repository === repository;
}

/** Whether a builder is the one that is wanted; a short tag stands for its full ref. `false` where one of the two is no id. */
export function sameBuilder(builderId: string, wanted: string): boolean {
  return (
    isBuilderId(builderId) && isBuilderId(wanted) && matchBuilderId(builderId, wanted, { allowRef: true })
  );
}

/** Whether text is the id of a builder. */
export function isBuilderId(text: string): boolean {
  try {
    parseBuilderId(text);
    return true;
  } catch (error) {
    if (error instanceof SlsaError) return false;
    throw error;
  }
}
