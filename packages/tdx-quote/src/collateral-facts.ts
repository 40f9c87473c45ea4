/**
 * What collateral says about itself: when it was issued, when it expires, which round of evaluation it belongs to.
 *
 * @module
 */
import type { CertificateList } from '@sealwright/der';
import type { Documents, Lists } from './collateral-check.js';
import { momentOf } from './members.js';
import type { PckChain } from './proofs.js';
import type { TdxTrustAnchor } from './roots.js';

/** The collateral that a verification rested on. */
export interface CollateralFacts {
  /** Whether any of it had expired, which only `dangerouslyAllowExpiredCollateral` lets pass. */
  readonly expired: boolean;
  /** First date of issue of all certificates, lists and documents, RFC 3339 in UTC. */
  readonly earliestIssueDate: string;
  /** Last date of issue, RFC 3339 in UTC. */
  readonly latestIssueDate: string;
  /** When the first of them expires, RFC 3339 in UTC. */
  readonly earliestExpirationDate: string;
  /** Number of the TCB info's round of evaluation: verifiers with different rounds disagree on the status. */
  readonly tcbEvaluationDataNumber: number;
  /** Number of the QE identity's round of evaluation. */
  readonly qeTcbEvaluationDataNumber: number;
  /** Number of the root's revocation list; `undefined` when it has none or none was asked. */
  readonly rootCrlNumber: bigint | undefined;
  /** Number of the PCK's revocation list; `undefined` when it has none or none was asked. */
  readonly pckCrlNumber: bigint | undefined;
  /** The key of the root, as a SubjectPublicKeyInfo. */
  readonly rootKey: TdxTrustAnchor['spki'];
}

/** Facts of collateral that has not expired. */
export function collateralFacts(
  chain: PckChain,
  lists: Lists | undefined,
  { tcbInfo, qeIdentity, certificates }: Documents,
): CollateralFacts {
  const dated = [chain.leaf, chain.intermediate, chain.root, ...certificates, tcbInfo, qeIdentity];
  const crls = lists === undefined ? [] : [lists.root, lists.pck];
  const issued = [...dated.map(({ notBefore }) => notBefore), ...crls.map(({ thisUpdate }) => thisUpdate)];
  const expires = [
    ...dated.map(({ notAfter }) => notAfter),
    ...crls.map(({ thisUpdate, nextUpdate }) => nextUpdate ?? thisUpdate),
  ];
  return {
    expired: false,
    earliestIssueDate: momentOf(Math.min(...issued)),
    latestIssueDate: momentOf(Math.max(...issued)),
    earliestExpirationDate: momentOf(Math.min(...expires)),
    tcbEvaluationDataNumber: tcbInfo.tcbEvaluationDataNumber,
    qeTcbEvaluationDataNumber: qeIdentity.tcbEvaluationDataNumber,
    rootCrlNumber: crlNumber(lists?.root),
    pckCrlNumber: crlNumber(lists?.pck),
    rootKey: chain.anchor.spki,
  };
}

function crlNumber(list: CertificateList | undefined): bigint | undefined {
  const number = list?.number;
  return number?.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
