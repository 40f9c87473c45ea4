/**
 * Collateral prepared once: every signature in it is checked when it is made, and every date each time it is used.
 *
 * @module
 */
import { encodeHex, equalBytes } from '@sealwright/bytes';
import { Anchors, readCrl } from './certificates.js';
import type { Collateral } from './collateral.js';
import { checkDocuments, checkPckList, checkRootList, type DateRules } from './collateral-check.js';
import { Proofs, provePckIssuer } from './proofs.js';
import { intelTrustAnchor, type TdxTrustAnchor } from './roots.js';

/** Collateral whose signatures were checked. Only {@link prepareCollateral} makes one. It remembers the PCK chains of the last 64 platforms. */
export class PreparedCollateral {
  /** The kind of platform that it is for: FMSPC, 12 hexadecimal digits. */
  readonly fmspc: string;
  /** The provisioning certification enclave that it is for: 4 hexadecimal digits. */
  readonly pceId: string;
  /** Number of the TCB info's round of evaluation. */
  readonly tcbEvaluationDataNumber: number;
  /** The moment after which something in it has expired and it has to be fetched again, milliseconds since 1970. */
  readonly expires: number;
  /**
   * What is known to be genuine.
   *
   * @internal
   */
  readonly proofs: Proofs;

  /**
   * Use {@link prepareCollateral}.
   *
   * @param proofs - of everything in it
   * @param facts - about its documents
   * @internal
   */
  constructor(
    proofs: Proofs,
    facts: Pick<PreparedCollateral, 'fmspc' | 'pceId' | 'tcbEvaluationDataNumber' | 'expires'>,
  ) {
    this.fmspc = facts.fmspc;
    this.pceId = facts.pceId;
    this.tcbEvaluationDataNumber = facts.tcbEvaluationDataNumber;
    this.expires = facts.expires;
    this.proofs = proofs;
    Object.defineProperty(this, 'proofs', { enumerable: false });
  }
}

/**
 * Check everything in a set of collateral that does not depend on a quote.
 *
 * @param collateral - as received
 * @param options - trusted roots, Intel's own unless given, and the time: what has expired is refused
 * @throws {@link TdxQuoteError} with the first check that failed.
 *
 * @example
 * ```ts
 * const collateral = await prepareCollateral(parseCollateral(json), { at: new Date() });
 * console.log(collateral.fmspc, new Date(collateral.expires));
 * ```
 */
export async function prepareCollateral(
  collateral: Collateral,
  options: { readonly at: Date; readonly anchors?: readonly TdxTrustAnchor[] },
): Promise<PreparedCollateral> {
  const at = options.at.getTime();
  if (Number.isNaN(at)) throw new TypeError('the time of a check is a valid date');
  const rules: DateRules = {
    chain: at,
    rootCrl: at,
    pckCrl: at,
    tcbInfo: at,
    qeIdentity: at,
    allowExpired: false,
    skipRevocation: false,
  };
  const proofs = new Proofs(collateral, new Anchors(options.anchors ?? [intelTrustAnchor()]));
  const issuer = await provePckIssuer(collateral.pckCrlIssuerChain, proofs.anchors);
  const root = await checkRootList(proofs, issuer.anchor, rules);
  const pck = readCrl(collateral.pckCrl, 'pck');
  // A list of another authority is of no use to this one, but may be to a quote.
  if (equalBytes(pck.issuer, issuer.intermediate.subject)) await checkPckList(proofs, issuer, rules);
  const documents = await checkDocuments(proofs, issuer.anchor, root.list, rules);
  const { tcbInfo, qeIdentity, certificates } = documents;
  return new PreparedCollateral(proofs, {
    fmspc: encodeHex(tcbInfo.fmspc),
    pceId: encodeHex(tcbInfo.pceId),
    tcbEvaluationDataNumber: tcbInfo.tcbEvaluationDataNumber,
    expires: Math.min(
      ...[root.list, pck].map(({ thisUpdate, nextUpdate }) => nextUpdate ?? thisUpdate),
      ...[tcbInfo, qeIdentity, ...certificates].map(({ notAfter }) => notAfter),
    ),
  });
}
