/**
 * Rounds of evaluation: which numbers TCB info may be asked for, and when each began.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import { verifyEcdsa } from '@sealwright/crypto';
import { parseJson } from '@sealwright/json';
import { Anchors } from '../certificates.js';
import { checkSigner } from '../collateral-check.js';
import { TdxQuoteError } from '../errors.js';
import { Members, millisecondsOf } from '../members.js';
import { proveSigner } from '../proofs.js';
import { intelTrustAnchor, type TdxTrustAnchor } from '../roots.js';
import { type PcsOptions, pcsUrl } from './fetch-collateral.js';
import { ask, issuerChain, textOf } from './response.js';
import { cutSignedText } from './signed-text.js';

/** One round. */
export interface EvaluationNumber {
  /** Its number. */
  readonly tcbEvaluationDataNumber: number;
  /** When the weakness that it is about became public, RFC 3339 in UTC. */
  readonly tcbRecoveryEventDate: string;
  /** The date of its levels, RFC 3339 in UTC. */
  readonly tcbDate: string;
}

/** All rounds that the service offers. */
export interface EvaluationNumbers {
  /** When the list was issued, RFC 3339 in UTC. */
  readonly issueDate: string;
  /** When the next one is due, RFC 3339 in UTC. */
  readonly nextUpdate: string;
  /** The rounds, as listed. */
  readonly numbers: readonly EvaluationNumber[];
}

/**
 * Fetch the rounds of evaluation and check who signed them. Revocation of the signer is not looked at: that is for the collateral.
 *
 * @param tee - what kind of quote they are for
 * @param options - the service, the time and trusted roots, Intel's own unless given
 * @throws {@link TdxQuoteError} `ERR_TDX_COLLATERAL_UNAVAILABLE`, or what is wrong with the list.
 */
export async function fetchEvaluationNumbers(
  tee: 'tdx' | 'sgx',
  options: PcsOptions & { readonly at: Date; readonly anchors?: readonly TdxTrustAnchor[] },
): Promise<EvaluationNumbers> {
  const at = options.at.getTime();
  const url = pcsUrl(options, `${tee}/certification/v4/tcbevaluationdatanumbers`, {});
  const answer = await ask(options.fetch, url, options.signal);
  const { text, signature } = cutSignedText(textOf(answer), 'tcbEvaluationDataNumbers');
  const chain = issuerChain(answer, ['TCB-Evaluation-Data-Numbers-Issuer-Chain']);
  const signer = await proveSigner(chain, new Anchors(options.anchors ?? [intelTrustAnchor()]));
  checkSigner(signer, undefined, at, false);
  if (!(await verifyEcdsa(signer.key, 'sha256', encodeUtf8(text), signature, 'raw')))
    throw new TdxQuoteError(
      'ERR_TDX_TCB_EVALUATION_NUMBERS_SIGNATURE_INVALID',
      'the list is not signed by its signer',
    );
  const members = new Members(parseJson(text), 'ERR_TDX_TCB_EVALUATION_NUMBERS_MALFORMED');
  if (members.text('id') !== tee.toUpperCase())
    throw new TdxQuoteError(
      'ERR_TDX_TCB_EVALUATION_NUMBERS_MISMATCH',
      `the list is not for ${tee.toUpperCase()}`,
    );
  const [issueDate, nextUpdate] = [members.moment('issueDate'), members.moment('nextUpdate')];
  if (at < millisecondsOf(issueDate))
    throw new TdxQuoteError(
      'ERR_TDX_TCB_EVALUATION_NUMBERS_NOT_YET_VALID',
      `the list is valid from ${issueDate}`,
    );
  if (at > millisecondsOf(nextUpdate))
    throw new TdxQuoteError(
      'ERR_TDX_TCB_EVALUATION_NUMBERS_EXPIRED',
      `the list was valid until ${nextUpdate}`,
    );
  return {
    issueDate,
    nextUpdate,
    numbers: members.list('tcbEvalNumbers', 1024).map((round) => ({
      tcbEvaluationDataNumber: round.integer('tcbEvaluationDataNumber', 0xffff_ffff),
      tcbRecoveryEventDate: round.moment('tcbRecoveryEventDate'),
      tcbDate: round.moment('tcbDate'),
    })),
  };
}
