import type { Statement, StatementOptions, VerifiedPayload } from '@sealwright/in-toto';
import { narrow, vsaV1, type VsaV1Predicate } from '@sealwright/in-toto/predicates';
import { asSlsaError, SlsaError } from '../errors.js';
import { VSA_V1 } from '../predicate-types.js';
import { keyIdentities, type SignerIdentity } from '../verify/signer.js';
import { statementFrom } from '../verify/verified.js';

declare const verified: unique symbol;

/** A verification summary, version 1. */
export type Summary = Statement<typeof VSA_V1, VsaV1Predicate>;

/** A summary whose signature was checked. Only {@link summaryOf} makes one. */
export interface VerifiedSummary {
  /** Marks that the signatures were checked. */
  readonly [verified]: true;
  /** What it says. */
  readonly statement: Summary;
  /** Who signed. */
  readonly signers: readonly SignerIdentity[];
}

/** How to read a summary. */
export interface SummaryOptions {
  /** Who signed, where it is more than a key. Default: the keys that signed. */
  readonly signers?: readonly SignerIdentity[];
  /** Caps of the statement. */
  readonly limits?: NonNullable<StatementOptions['limits']>;
}

/**
 * Read a verification summary out of a statement. Only version 1 is read: the older ones have other levels.
 *
 * @param statement - from `parseStatement` of `@sealwright/in-toto`
 * @throws {@link SlsaError} `VSA_PREDICATE_TYPE`; `VSA_NOT_PASSED` for a result that is no result; `PREDICATE_…`, `VSA_…`
 */
export function parseSummary(statement: Statement<string, object>): Summary {
  const { predicateType } = statement;
  if (predicateType !== VSA_V1)
    throw new SlsaError('VSA_PREDICATE_TYPE', `expected ${VSA_V1}`, { pointer: '/predicateType' });
  try {
    // an object of JSON: what is not one was refused by whoever read the statement
    return asSlsaError(() => narrow(statement as Statement, [vsaV1], { mode: 'tolerant' }));
  } catch (error) {
    const result = '/predicate/verificationResult';
    if (!(error instanceof SlsaError) || error.code !== 'PREDICATE_BAD_ENUM' || error.pointer !== result)
      throw error;
    const { message, pointer, findings } = error;
    throw new SlsaError('VSA_NOT_PASSED', message, { pointer, findings, cause: error });
  }
}

/**
 * Read a verification summary out of a payload whose signatures were checked.
 *
 * @param payload - from `verifyEnvelope` of `@sealwright/in-toto`
 * @param options - who signed
 * @throws {@link SlsaError} as {@link parseSummary}
 */
export function summaryOf(payload: VerifiedPayload, options: SummaryOptions = {}): VerifiedSummary {
  const statement = parseSummary(statementFrom(payload, options.limits));
  const signers = options.signers ?? keyIdentities(payload);
  const result: Omit<VerifiedSummary, typeof verified> = { statement, signers };
  return result as VerifiedSummary; // the brand has no value
}
