/**
 * QE identity, version 2: what a quoting enclave must be (Intel provisioning certification service, version 4).
 *
 * @module
 */
import { type Bytes, equalBytes } from '@sealwright/bytes';
import type { JsonValue } from '@sealwright/json';
import { type DocumentHead, readHead } from './document.js';
import { TdxQuoteError } from './errors.js';
import type { SgxReportBody } from './sgx-report-body.js';
import { type IsvLevel, readIsvLevels } from './tcb-info.js';

/** Decoded identity of a quoting enclave. */
export interface QeIdentity extends DocumentHead {
  /** 4 bytes in memory order. */
  readonly miscSelect: Bytes;
  /** 4 bytes in memory order. */
  readonly miscSelectMask: Bytes;
  /** 16 bytes in memory order, flags then extended features. */
  readonly attributes: Bytes;
  /** 16 bytes in memory order. */
  readonly attributesMask: Bytes;
  /** 32 bytes. */
  readonly mrSigner: Bytes;
  /** The product. */
  readonly isvProdId: number;
  /** Its levels, the highest first. */
  readonly levels: readonly IsvLevel[];
}

/** Read a QE identity whose signature has been checked. */
export function readQeIdentity(value: JsonValue): QeIdentity {
  const { members, head } = readHead(value, 'QE_IDENTITY', 2);
  return {
    ...head,
    miscSelect: members.hex('miscselect', 4),
    miscSelectMask: members.hex('miscselectMask', 4),
    attributes: members.hex('attributes', 16),
    attributesMask: members.hex('attributesMask', 16),
    mrSigner: members.hex('mrsigner', 32),
    isvProdId: members.integer('isvprodid', 0xffff),
    levels: readIsvLevels(members),
  };
}

/**
 * Hold the report of a quoting enclave to an identity.
 *
 * @param report - decoded
 * @param identity - what it must be
 * @returns the level that it reaches
 */
export function checkQe(report: SgxReportBody, identity: QeIdentity): IsvLevel {
  if (!equalUnder(identity.miscSelectMask, report.raw.subarray(16, 20), identity.miscSelect))
    throw refusal('MISCSELECT_MISMATCH', 'another MISCSELECT than its identity');
  if (!equalUnder(identity.attributesMask, report.raw.subarray(48, 64), identity.attributes))
    throw refusal('ATTRIBUTES_MISMATCH', 'other attributes than its identity');
  if (!equalBytes(report.mrSigner, identity.mrSigner))
    throw refusal('MRSIGNER_MISMATCH', 'another signer than its identity');
  if (report.isvProdId !== identity.isvProdId)
    throw refusal('ISVPRODID_MISMATCH', `product ${report.isvProdId}, not ${identity.isvProdId}`);
  const level = identity.levels.find(({ isvSvn }) => isvSvn <= report.isvSvn);
  if (level === undefined)
    throw refusal(
      'TCB_NOT_SUPPORTED',
      `security version ${report.isvSvn}, below ${identity.levels.at(-1)?.isvSvn ?? 'every level'}`,
    );
  return level;
}

/** Compare public values of one size bit by bit where a mask has ones. */
export function equalUnder(mask: Uint8Array, actual: Uint8Array, expected: Uint8Array): boolean {
  let difference = 0;
  for (let index = 0; index < mask.byteLength; index += 1)
    difference |= ((actual[index] ?? 0) ^ (expected[index] ?? 0)) & (mask[index] ?? 0);
  return difference === 0;
}

function refusal(
  reason:
    | 'MISCSELECT_MISMATCH'
    | 'ATTRIBUTES_MISMATCH'
    | 'MRSIGNER_MISMATCH'
    | 'ISVPRODID_MISMATCH'
    | 'TCB_NOT_SUPPORTED',
  message: string,
): TdxQuoteError {
  return new TdxQuoteError(`ERR_TDX_QE_${reason}`, `the quoting enclave has ${message}`);
}
