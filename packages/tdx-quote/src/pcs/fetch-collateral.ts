/**
 * Collateral from Intel's provisioning certification service, or from a service that caches it.
 *
 * @module
 */
import { type Bytes, encodeHex } from '@sealwright/bytes';
import { readCertificates, readPem } from '../certificates.js';
import type { Collateral } from '../collateral.js';
import { TdxQuoteError } from '../errors.js';
import { readPckFacts } from '../pck.js';
import type { Quote } from '../quote.js';
import { ask, crlOf, type Fetch, issuerChain, textOf } from './response.js';
import { cutSignedText } from './signed-text.js';

/** Which platform collateral is for. */
export interface CollateralSubject {
  /** What kind of quote it is to judge. */
  readonly tee: 'tdx' | 'sgx';
  /** The kind of platform, 6 bytes. */
  readonly fmspc: Bytes;
  /** Who issued the PCK certificate. */
  readonly ca: 'platform' | 'processor';
}

/** Where and how to ask. */
export interface PcsOptions {
  /** Who asks. */
  readonly fetch: Fetch;
  /** The service. Default `https://api.trustedservices.intel.com`. */
  readonly baseUrl?: string;
  /** Where the root's revocation list is. Default Intel's own place, or with another `baseUrl` that of a caching service. */
  readonly rootCrlUrl?: string;
  /** Stops the requests. */
  readonly signal?: AbortSignal;
}

/** Which edition of the documents to ask for. */
export interface CollateralEdition {
  /** `early` gives rounds of evaluation as soon as they appear, `standard` a year later. Default `standard`, as the service's. */
  readonly update?: 'early' | 'standard';
  /** A round of evaluation; not together with `update`. */
  readonly tcbEvaluationDataNumber?: number;
}

/**
 * Find out which collateral a quote needs.
 *
 * @param quote - with its PCK chain
 * @throws {@link TdxQuoteError} `ERR_TDX_PCK_CHAIN_MISSING`, or what is malformed in the chain.
 */
export function collateralSubject(quote: Quote): CollateralSubject {
  const { certification } = quote;
  const [leaf, issuer] =
    certification.type === 4 || certification.type === 5 ? readCertificates(readPem(certification.pem)) : [];
  if (leaf === undefined)
    throw new TdxQuoteError('ERR_TDX_PCK_CHAIN_MISSING', 'the quote does not bring its PCK certificate');
  const { fmspc, platformInstanceId } = readPckFacts(leaf);
  // A leaf alone does not name its authority in full, but only the Platform CA writes an instance.
  const isPlatform =
    issuer === undefined
      ? platformInstanceId !== undefined
      : issuer.commonName?.includes('Processor') !== true;
  return { tee: quote.tee, fmspc, ca: isPlatform ? 'platform' : 'processor' };
}

/**
 * Fetch collateral. Nothing in the answers is believed: `verifyQuote` or `prepareCollateral` check it.
 *
 * @param subject - from {@link collateralSubject}
 * @param options - the service, and which edition
 * @throws {@link TdxQuoteError} `ERR_TDX_COLLATERAL_UNAVAILABLE`, whose `detail` is the status of a refusal.
 *
 * @example
 * ```ts
 * const collateral = await fetchCollateral(collateralSubject(parseQuote(bytes)), { fetch });
 * console.log(encodeCollateral(collateral));
 * ```
 */
export async function fetchCollateral(
  subject: CollateralSubject,
  options: PcsOptions & CollateralEdition,
): Promise<Collateral> {
  const { tee, fmspc, ca } = subject;
  const edition = editionQuery(options);
  const get = (path: string, query: Readonly<Record<string, string>>): ReturnType<typeof ask> =>
    ask(options.fetch, pcsUrl(options, path, query), options.signal);
  const [tcb, qe, pck, root] = await Promise.all([
    get(`${tee}/certification/v4/tcb`, { fmspc: encodeHex(fmspc), ...edition }),
    get(`${tee}/certification/v4/qe/identity`, edition),
    get('sgx/certification/v4/pckcrl', { ca, encoding: 'der' }),
    ask(options.fetch, rootCrlUrl(options), options.signal),
  ]);
  const tcbInfo = cutSignedText(textOf(tcb), 'tcbInfo');
  const qeIdentity = cutSignedText(textOf(qe), 'enclaveIdentity');
  return {
    rootCaCrl: crlOf(root),
    pckCrl: crlOf(pck),
    pckCrlIssuerChain: issuerChain(pck, ['SGX-PCK-CRL-Issuer-Chain']),
    tcbInfo: tcbInfo.text,
    tcbInfoSignature: tcbInfo.signature,
    tcbInfoIssuerChain: issuerChain(tcb, ['TCB-Info-Issuer-Chain', 'SGX-TCB-Info-Issuer-Chain']),
    qeIdentity: qeIdentity.text,
    qeIdentitySignature: qeIdentity.signature,
    qeIdentityIssuerChain: issuerChain(qe, ['SGX-Enclave-Identity-Issuer-Chain']),
  };
}

/** The URL of a document of the service. */
export function pcsUrl(
  { baseUrl = INTEL }: PcsOptions,
  path: string,
  query: Readonly<Record<string, string>>,
): URL {
  const url = new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

function rootCrlUrl(options: PcsOptions): URL {
  if (options.rootCrlUrl !== undefined) return new URL(options.rootCrlUrl);
  if (options.baseUrl === undefined || options.baseUrl === INTEL) return new URL(INTEL_ROOT_CRL);
  return pcsUrl(options, 'sgx/certification/v4/rootcacrl', {});
}

function editionQuery({ update, tcbEvaluationDataNumber: round }: CollateralEdition): Record<string, string> {
  if (round !== undefined) {
    if (update !== undefined) throw new TypeError('ask for a round of evaluation or for an update, not both');
    return { tcbEvaluationDataNumber: String(round) };
  }
  return update === undefined ? {} : { update };
}

const INTEL = 'https://api.trustedservices.intel.com';
const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der';
