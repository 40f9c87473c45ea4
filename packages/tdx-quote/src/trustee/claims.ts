/**
 * Claims that an attestation service of Confidential Containers publishes to policy engines.
 *
 * @module
 */
import { ByteWriter, encodeHex } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { parseSpki } from '@sealwright/der';
import type { JsonObject } from '@sealwright/json';
import { memoryOrder, tdAttributes } from '../attributes.js';
import { eventLogClaims } from '../event-log/claims.js';
import type { EventLog } from '../event-log/parse.js';
import type { PckFacts } from '../pck.js';
import type { TdQuote } from '../quote.js';
import type { TcbStatus } from '../tcb-status.js';
import type { VerifiedQuote } from '../verify.js';

/** What is known besides a quote. */
export interface TdxClaimOptions {
  /** From the PCK certificate, for a quote that was not verified. A verified one has it. */
  readonly pck?: PckFacts;
  /** The log of the same guest. Compare it with the quote first. */
  readonly eventLog?: EventLog;
}

/**
 * What a quote says, as claims. Nothing in them was checked unless the quote was verified.
 *
 * @param quote - decoded
 * @param options - what is known besides
 * @throws `TdxQuoteError` for an event log with an unknown type of event.
 */
export function tdxQuoteClaims(quote: TdQuote, options: TdxClaimOptions = {}): JsonObject {
  const { body, header, bodyType } = quote;
  const attributes = tdAttributes(body.tdAttributes);
  const instance = options.pck?.platformInstanceId;
  const versioned =
    header.version === 5 ? { type: little(bodyType, 2), size: little(quote.signed.byteLength - 54, 4) } : {};
  return {
    quote: { ...versioned, header: headerClaims(quote), body: bodyClaims(quote) },
    td_attributes: {
      debug: attributes.debug,
      septve_disable: attributes.septVeDisable,
      protection_keys: attributes.protectionKeys,
      key_locker: attributes.keyLocker,
      perfmon: attributes.perfmon,
    },
    report_data: encodeHex(body.reportData),
    init_data: encodeHex(body.mrConfigId),
    ...(instance === undefined ? {} : { platform_instance_id: encodeHex(instance.slice().reverse()) }),
    ...(options.eventLog === undefined ? {} : { uefi_event_logs: eventLogClaims(options.eventLog) }),
  };
}

/**
 * What a verified quote and its collateral say, as claims: those of {@link tdxQuoteClaims} and how up to date the platform is.
 *
 * @param quote - from `verifyQuote`
 * @param options - the log of the same guest
 * @throws `TdxQuoteError` for an event log with an unknown type of event.
 *
 * @example
 * ```ts
 * console.log(tdxVerifiedClaims(verified).tcb_status);
 * ```
 */
export function tdxVerifiedClaims(
  quote: VerifiedQuote<TdQuote>,
  options: Pick<TdxClaimOptions, 'eventLog'> = {},
): JsonObject {
  const { tcb, pck, collateral } = quote;
  const scalable = pck.sgxType !== 0;
  return {
    ...tdxQuoteClaims(quote, { ...options, pck }),
    tcb_status: STATUSES.has(tcb.status) ? 'TerminalStatus' : tcb.status,
    tcb_date: tcb.tcbDate,
    advisory_ids: [...tcb.advisoryIds],
    collateral_expiration_status: collateral.expired ? '1' : '0',
    earliest_issue_date: collateral.earliestIssueDate,
    latest_issue_date: collateral.latestIssueDate,
    earliest_expiration_date: collateral.earliestExpirationDate,
    pck_crl_num: Number(collateral.pckCrlNumber ?? 0n),
    root_ca_crl_num: Number(collateral.rootCrlNumber ?? 0n),
    tcb_eval_num: collateral.tcbEvaluationDataNumber,
    platform_provider_id: encodeHex(pck.ppid),
    sgx_type: SGX_TYPES[pck.sgxType] ?? 'Unknown',
    ...(scalable
      ? {
          is_dynamic_platform: pck.dynamicPlatform ?? false,
          is_cached_keys: pck.cachedKeys ?? false,
          is_smt_enabled: pck.smtEnabled ?? false,
        }
      : {}),
    root_key_id: encodeHex(sha2('sha384', parseSpki(collateral.rootKey).publicKey)),
  };
}

function headerClaims({ header }: TdQuote): JsonObject {
  return {
    version: little(header.version, 2),
    att_key_type: little(header.attestationKeyType, 2),
    tee_type: little(header.teeType, 4),
    reserved: little(header.qeSvn, 2) + little(header.pceSvn, 2),
    vendor_id: encodeHex(header.qeVendorId),
    user_data: encodeHex(header.userData),
  };
}

function bodyClaims({ body }: TdQuote): JsonObject {
  const { teeTcbSvn2, mrServiceTd } = body;
  return {
    tcb_svn: encodeHex(body.teeTcbSvn),
    mr_seam: encodeHex(body.mrSeam),
    mrsigner_seam: encodeHex(body.mrSignerSeam),
    seam_attributes: encodeHex(memoryOrder(body.seamAttributes)),
    td_attributes: encodeHex(memoryOrder(body.tdAttributes)),
    xfam: encodeHex(memoryOrder(body.xfam)),
    mr_td: encodeHex(body.mrTd),
    mr_config_id: encodeHex(body.mrConfigId),
    mr_owner: encodeHex(body.mrOwner),
    mr_owner_config: encodeHex(body.mrOwnerConfig),
    rtmr_0: encodeHex(body.rtmr0),
    rtmr_1: encodeHex(body.rtmr1),
    rtmr_2: encodeHex(body.rtmr2),
    rtmr_3: encodeHex(body.rtmr3),
    report_data: encodeHex(body.reportData),
    ...(teeTcbSvn2 === undefined ? {} : { tee_tcb_svn2: encodeHex(teeTcbSvn2) }),
    ...(mrServiceTd === undefined ? {} : { mr_servicetd: encodeHex(mrServiceTd) }),
  };
}

/** Hex of a number's bytes, the low one first. */
function little(value: number, size: 2 | 4): string {
  const writer = new ByteWriter({ littleEndian: true });
  return encodeHex((size === 2 ? writer.u16(value) : writer.u32(value)).finish());
}

/** What the vendor's library calls terminal. */
const STATUSES: ReadonlySet<TcbStatus> = new Set<TcbStatus>(['Revoked']);
const SGX_TYPES: readonly string[] = ['Standard', 'Scalable', 'Scalable with Integrity'];
