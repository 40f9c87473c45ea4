/**
 * Intel's provisioning certification service and services that cache it, by a `fetch` that is given.
 *
 * @packageDocumentation
 */
export { CollateralCache, type CollateralCacheOptions } from './collateral-cache.js';
export {
  type EvaluationNumber,
  type EvaluationNumbers,
  fetchEvaluationNumbers,
} from './evaluation-numbers.js';
export {
  type CollateralEdition,
  type CollateralSubject,
  collateralSubject,
  fetchCollateral,
  type PcsOptions,
} from './fetch-collateral.js';
export { fetchPckCertificateChain } from './pck-certificate.js';
export type { Fetch } from './response.js';
export { TdxQuoteError, type TdxQuoteErrorCode } from '../errors.js';
