/**
 * Prepared collateral for many quotes, fetched when it is first needed and again when it expires.
 *
 * @module
 */
import { encodeHex } from '@sealwright/bytes';
import { prepareCollateral, type PreparedCollateral } from '../prepared.js';
import type { Quote } from '../quote.js';
import type { TdxTrustAnchor } from '../roots.js';
import {
  type CollateralEdition,
  type CollateralSubject,
  collateralSubject,
  fetchCollateral,
  type PcsOptions,
} from './fetch-collateral.js';

/** How to fetch, how long to keep, whom to trust. */
export interface CollateralCacheOptions extends PcsOptions, CollateralEdition {
  /** Trusted roots; Intel's own unless given. */
  readonly anchors?: readonly TdxTrustAnchor[];
  /** Most seconds to keep collateral that has not expired. Default 604 800, a week. */
  readonly maxAgeSeconds?: number;
  /** Most kinds of platform to keep. Default 64. */
  readonly maxEntries?: number;
}

/** Keeps prepared collateral by kind of platform. */
export class CollateralCache {
  readonly #options: CollateralCacheOptions;
  readonly #entries = new Map<
    string,
    { readonly since: number; readonly prepared: Promise<PreparedCollateral> }
  >();

  /**
   * Make a cache.
   *
   * @param options - how to fetch, how long to keep, whom to trust
   */
  constructor(options: CollateralCacheOptions) {
    this.#options = options;
  }

  /**
   * Collateral for a quote. Two quotes of one kind of platform at once make one request. A failure is not kept.
   *
   * @param quote - with its PCK chain
   * @param at - the time
   * @throws `TdxQuoteError` for what {@link fetchCollateral} and `prepareCollateral` refuse.
   */
  async get(quote: Quote, at: Date): Promise<PreparedCollateral> {
    const subject = collateralSubject(quote);
    const key = `${subject.tee} ${encodeHex(subject.fmspc)} ${subject.ca}`;
    const known = this.#entries.get(key);
    if (known !== undefined && this.#isFresh(known.since, at)) {
      const prepared = await known.prepared;
      if (at.getTime() <= prepared.expires) return prepared;
    }
    const made = this.#make(subject, at);
    this.#entries.delete(key);
    this.#entries.set(key, { since: at.getTime(), prepared: made });
    made.catch(() => {
      if (this.#entries.get(key)?.prepared === made) this.#entries.delete(key);
    });
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size > (this.#options.maxEntries ?? 64))
      this.#entries.delete(oldest);
    return made;
  }

  #isFresh(since: number, at: Date): boolean {
    const age = at.getTime() - since;
    return age >= 0 && age <= 1000 * (this.#options.maxAgeSeconds ?? 604_800);
  }

  async #make(subject: CollateralSubject, at: Date): Promise<PreparedCollateral> {
    const { anchors } = this.#options;
    const collateral = await fetchCollateral(subject, this.#options);
    return prepareCollateral(collateral, anchors === undefined ? { at } : { at, anchors });
  }
}
