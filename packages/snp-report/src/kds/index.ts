/**
 * AMD's key distribution service: addresses, a client over any `fetch`, caches, and stores that work without a network. What
 * comes from here is believed by nobody until it is verified.
 *
 * @packageDocumentation
 */
export {
  findSnpVcek,
  SnpKdsClient,
  snpMemoryCache,
  snpOfflineStore,
  type SnpIssuers,
  type SnpKdsCache,
  type SnpKdsOptions,
  type SnpVcekSource,
} from './client.js';
export type { SnpFetch, SnpKdsPatience } from './http.js';
export {
  parseSnpVcekUrl,
  SNP_KDS,
  snpCertChainUrl,
  snpCrlUrl,
  snpStorePaths,
  snpVcekName,
  snpVcekUrl,
  type SnpVcekName,
} from './urls.js';
export type { SnpCertificates } from '../chain.js';
export type { SnpFirmwareVersion, SnpReport } from '../parse.js';
export type { SnpProduct, SnpTcb } from '../tcb.js';
