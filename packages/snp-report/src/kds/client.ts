import { type Bytes, decodeUtf8, encodeHex } from '@sealwright/bytes';
import { decodePem, type PemBlock } from '@sealwright/der';
import type { SnpCertificates } from '../chain.js';
import { SnpReportError } from '../errors.js';
import type { SnpReport } from '../parse.js';
import type { SnpProduct } from '../tcb.js';
import { getDocument, type SnpFetch, type SnpKdsPatience } from './http.js';
import {
  SNP_KDS,
  snpCertChainUrl,
  snpCrlUrl,
  snpStorePaths,
  snpVcekName,
  type SnpVcekName,
  snpVcekUrl,
} from './urls.js';

/** Somewhere that VCEKs come from. */
export interface SnpVcekSource {
  /**
   * Give a VCEK.
   *
   * @param name - which one
   * @returns DER; `undefined` when this source has none
   */
  vcek(name: SnpVcekName): Promise<Bytes | undefined>;
}

/** Remembers documents: in memory, on a disk, in a database. What it gives back is verified like any other. */
export interface SnpKdsCache {
  /**
   * Give what is remembered.
   *
   * @param url - the address of the document
   */
  get(url: string): Promise<Bytes | undefined>;
  /**
   * Remember a document.
   *
   * @param url - its address
   * @param document - what was there
   */
  set(url: string, document: Bytes): Promise<void>;
}

/** How to reach the service, and what to remember. */
export interface SnpKdsOptions extends SnpKdsPatience {
  /** Makes requests. */
  readonly fetch: SnpFetch;
  /** Where it is served. Default {@link SNP_KDS}. */
  readonly baseUrl?: string;
  /** Remembers certificates, which never change; lists are not put there. Default: nothing is remembered. */
  readonly cache?: SnpKdsCache;
}

/** Certificates above a leaf. */
export type SnpIssuers = Pick<SnpCertificates, 'intermediate' | 'root'>;

/** A client of AMD's key distribution service. It believes nothing that it is given: verification is the caller's. */
export class SnpKdsClient implements SnpVcekSource {
  readonly #options: SnpKdsOptions;
  readonly #baseUrl: string;
  readonly #underway = new Map<string, Promise<Bytes | undefined>>();

  /**
   * Make a client.
   *
   * @param options - how to reach the service, and what to remember
   */
  constructor(options: SnpKdsOptions) {
    this.#options = options;
    this.#baseUrl = options.baseUrl ?? SNP_KDS;
  }

  /**
   * Get a VCEK.
   *
   * @param name - which one
   * @returns DER; `undefined` when AMD has none of this name
   * @throws `SnpReportError` `ERR_SNP_KDS_UNAVAILABLE` or `ERR_SNP_KDS_RESPONSE`.
   */
  async vcek(name: SnpVcekName): Promise<Bytes | undefined> {
    return await this.#cached(snpVcekUrl(name, this.#baseUrl), MAX_CERTIFICATE);
  }

  /**
   * Get the certificates above a leaf.
   *
   * @param product - product line
   * @param signer - the kind of leaf
   * @throws `SnpReportError` `ERR_SNP_KDS_UNAVAILABLE` or `ERR_SNP_KDS_RESPONSE`.
   */
  async issuers(product: SnpProduct, signer: 'VCEK' | 'VLEK'): Promise<SnpIssuers> {
    const text = await this.#cached(snpCertChainUrl(product, signer, this.#baseUrl), MAX_CHAIN);
    const [intermediate, root, ...more] = text === undefined ? [] : readPem(text);
    if (intermediate === undefined || root === undefined || more.length > 0)
      throw new SnpReportError('ERR_SNP_KDS_RESPONSE', 'expected two certificates');
    return { intermediate: intermediate.bytes, root: root.bytes };
  }

  /**
   * Get the newest revocation list.
   *
   * @param product - product line
   * @param signer - the kind of leaf
   * @throws `SnpReportError` `ERR_SNP_KDS_UNAVAILABLE` or `ERR_SNP_KDS_RESPONSE`.
   */
  async crl(product: SnpProduct, signer: 'VCEK' | 'VLEK'): Promise<Bytes> {
    const list = await this.#once(snpCrlUrl(product, signer, this.#baseUrl), MAX_LIST);
    if (list === undefined)
      throw new SnpReportError('ERR_SNP_KDS_RESPONSE', 'the key service has no such revocation list');
    return list;
  }

  async #cached(url: string, most: number): Promise<Bytes | undefined> {
    const { cache } = this.#options;
    const remembered = await cache?.get(url);
    if (remembered !== undefined) return remembered;
    const document = await this.#once(url, most);
    if (document !== undefined) await cache?.set(url, document);
    return document;
  }

  /** Callers that want the same document at the same time share one request. */
  async #once(url: string, most: number): Promise<Bytes | undefined> {
    const underway = this.#underway.get(url);
    if (underway !== undefined) return await underway;
    const request = getDocument(this.#options.fetch, url, most, this.#options);
    this.#underway.set(url, request);
    try {
      return await request;
    } finally {
      this.#underway.delete(url);
    }
  }
}

/**
 * A folder of VCEKs, laid out as Confidential Containers do.
 *
 * @param read - reads a file below the folder by its relative path; `undefined` when there is none
 */
export function snpOfflineStore(read: (path: string) => Promise<Bytes | undefined>): SnpVcekSource {
  return {
    async vcek(name) {
      const [exact, any] = snpStorePaths(name);
      return (await read(exact)) ?? (await read(any));
    },
  };
}

/**
 * Remember documents in memory.
 *
 * @param most - how many; the one that was not used for longest is forgotten
 */
export function snpMemoryCache(most = 1024): SnpKdsCache {
  const documents = new Map<string, Bytes>();
  return {
    async get(url) {
      const found = documents.get(url);
      if (found === undefined) return undefined;
      documents.delete(url);
      documents.set(url, found);
      return found.slice();
    },
    async set(url, document) {
      documents.delete(url);
      documents.set(url, document.slice());
      const [oldest] = documents.keys();
      if (documents.size > most && oldest !== undefined) documents.delete(oldest);
    },
  };
}

/**
 * Get the VCEK of a report from the first source that has it.
 *
 * @param report - a decoded report
 * @param sources - tried in order
 * @param product - for a version 2 report, which does not say
 * @throws `SnpReportError` `ERR_SNP_KDS_NOT_FOUND`, what `snpVcekName` throws, and what the sources throw.
 */
export async function findSnpVcek(
  report: SnpReport,
  sources: readonly SnpVcekSource[],
  product?: SnpProduct,
): Promise<Bytes> {
  const name = snpVcekName(report, product);
  for (const source of sources) {
    const vcek = await source.vcek(name);
    if (vcek !== undefined) return vcek;
  }
  throw new SnpReportError(
    'ERR_SNP_KDS_NOT_FOUND',
    `no source has the VCEK of ${name.product} chip ${encodeHex(name.hardwareId).slice(0, 16)}`,
  );
}

function readPem(text: Bytes): PemBlock[] {
  try {
    return decodePem(decodeUtf8(text), { maxBytes: MAX_CHAIN });
  } catch (cause) {
    throw new SnpReportError('ERR_SNP_KDS_RESPONSE', 'expected certificates as PEM', { cause });
  }
}

const MAX_CERTIFICATE = 0x1_0000;
const MAX_CHAIN = 0x2_0000;
const MAX_LIST = 0x100_0000;
