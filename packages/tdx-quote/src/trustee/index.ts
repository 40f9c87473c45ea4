/**
 * Evidence and claims of TDX guests, as Confidential Containers exchange them.
 *
 * @packageDocumentation
 */
export { type TdxClaimOptions, tdxQuoteClaims, tdxVerifiedClaims } from './claims.js';
export { encodeTdxEvidence, parseTdxEvidence, type TdxEvidence } from './evidence.js';
export { TdxQuoteError, type TdxQuoteErrorCode } from '../errors.js';
