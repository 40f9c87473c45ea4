/**
 * Collateral: what Intel publishes about platforms, as one flat object of JSON that several projects exchange.
 *
 * @module
 */
import { type Bytes, encodeHex } from '@sealwright/bytes';
import { type JsonValue, parseJson } from '@sealwright/json';
import { TdxQuoteError } from './errors.js';
import { Members } from './members.js';

/** What Intel publishes, as received. Nothing is verified. */
export interface Collateral {
  /** Revocation list of the root, DER. */
  readonly rootCaCrl: Bytes;
  /** Revocation list of the authority that issued the PCK certificate, DER. */
  readonly pckCrl: Bytes;
  /** That authority and the root, PEM. */
  readonly pckCrlIssuerChain: string;
  /** The exact text of the TCB info. */
  readonly tcbInfo: string;
  /** 64 bytes, r and s big-endian, over that text. */
  readonly tcbInfoSignature: Bytes;
  /** Signer and root, PEM. */
  readonly tcbInfoIssuerChain: string;
  /** The exact text of the QE identity. */
  readonly qeIdentity: string;
  /** 64 bytes, r and s big-endian, over that text. */
  readonly qeIdentitySignature: Bytes;
  /** Signer and root, PEM. */
  readonly qeIdentityIssuerChain: string;
  /** PCK certificate, its authority and the root, PEM: for quotes that do not bring them along. */
  readonly pckCertificateChain?: string;
}

/**
 * Read collateral from its flat JSON form: `root_ca_crl`, `pck_crl` and the signatures in hex, the documents as texts, the chains as PEM.
 *
 * @param json - the text, its UTF-8, or the decoded object; at most 32 MiB
 * @throws {@link TdxQuoteError} `ERR_TDX_COLLATERAL_MALFORMED`, with a JSON pointer.
 */
export function parseCollateral(json: string | Uint8Array | JsonValue): Collateral {
  const value = typeof json === 'string' || json instanceof Uint8Array ? decode(json) : json;
  const members = new Members(value, 'ERR_TDX_COLLATERAL_MALFORMED');
  const chain = members.get('pck_certificate_chain');
  return {
    rootCaCrl: members.hexOfAnySize('root_ca_crl'),
    pckCrl: members.hexOfAnySize('pck_crl'),
    pckCrlIssuerChain: members.text('pck_crl_issuer_chain'),
    tcbInfo: members.text('tcb_info'),
    tcbInfoSignature: members.hex('tcb_info_signature', 64),
    tcbInfoIssuerChain: members.text('tcb_info_issuer_chain'),
    qeIdentity: members.text('qe_identity'),
    qeIdentitySignature: members.hex('qe_identity_signature', 64),
    qeIdentityIssuerChain: members.text('qe_identity_issuer_chain'),
    ...(chain === undefined || chain === null
      ? {}
      : { pckCertificateChain: members.text('pck_certificate_chain') }),
  };
}

/**
 * Write collateral in the form that {@link parseCollateral} reads.
 *
 * @param collateral - what to write
 */
export function encodeCollateral(collateral: Collateral): string {
  return JSON.stringify({
    pck_crl_issuer_chain: collateral.pckCrlIssuerChain,
    root_ca_crl: encodeHex(collateral.rootCaCrl),
    pck_crl: encodeHex(collateral.pckCrl),
    tcb_info_issuer_chain: collateral.tcbInfoIssuerChain,
    tcb_info: collateral.tcbInfo,
    tcb_info_signature: encodeHex(collateral.tcbInfoSignature),
    qe_identity_issuer_chain: collateral.qeIdentityIssuerChain,
    qe_identity: collateral.qeIdentity,
    qe_identity_signature: encodeHex(collateral.qeIdentitySignature),
    pck_certificate_chain: collateral.pckCertificateChain,
  });
}

function decode(json: string | Uint8Array): JsonValue {
  try {
    return parseJson(json, { maxBytes: 0x200_0000 });
  } catch (cause) {
    throw new TdxQuoteError('ERR_TDX_COLLATERAL_MALFORMED', 'collateral is not JSON', { pointer: '', cause });
  }
}
