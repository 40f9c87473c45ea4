/**
 * Where a layer waits until it is known to be genuine.
 *
 * @module
 */
import { type Bytes, copyBytes, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { OciError } from '../errors.js';

/**
 * A place for the parts of a layer, in order: a file, for layers that are too large for memory. It is given ciphertext only, and what it
 * gives back is checked against what it was given.
 */
export interface LayerSpool {
  /**
   * Keep a part behind those before it.
   *
   * @param part - ciphertext, at most 64 KiB
   */
  append(part: Bytes): Promise<void>;
  /** The parts from the start, each as long as it was when it was appended. May be asked for more than once. */
  parts(): AsyncIterable<Uint8Array>;
  /** Forget everything. Called once, when the layer was read to its end, or failed, or was given up. */
  discard(): Promise<void>;
}

/** Where a layer waits, believed to give back what it was given. */
export interface Waiting {
  append(bytes: Uint8Array): Promise<void>;
  parts(): AsyncGenerator<Bytes, void, void>;
  discard(): Promise<void>;
}

/** In memory, which needs no checking. */
export function waitInMemory(): Waiting {
  let kept: Bytes[] = [];
  return {
    append: async (bytes) => void kept.push(copyBytes(bytes)),
    parts: async function* () {
      yield* kept;
    },
    discard: async () => {
      kept = [];
    },
  };
}

/** A spool that notices when its store gives back something else than it was given. */
export class CheckedSpool implements Waiting {
  readonly #spool: LayerSpool;
  readonly #digests: Bytes[] = [];

  constructor(spool: LayerSpool) {
    this.#spool = spool;
  }

  /** Keep some bytes, cut into parts. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.byteLength; from += PART_BYTES) {
      const part = copyBytes(bytes.subarray(from, from + PART_BYTES));
      this.#digests.push(digest('sha256', part));
      await this.#spool.append(part);
    }
  }

  /** What was kept, checked part by part. */
  async *parts(): AsyncGenerator<Bytes, void, void> {
    let index = 0;
    for await (const part of this.#spool.parts()) {
      const copy = copyBytes(part); // a store that changes its buffer later changes nothing here
      const expected = this.#digests[index];
      if (expected === undefined || !equalBytes(digest('sha256', copy), expected)) throw changed();
      index += 1;
      yield copy;
    }
    if (index !== this.#digests.length) throw changed();
  }

  /** Forget everything. */
  async discard(): Promise<void> {
    this.#digests.splice(0);
    await this.#spool.discard();
  }
}

function changed(): OciError {
  return new OciError('ERR_OCI_DIGEST', 'the spool gave back something else than it was given');
}

const PART_BYTES = 1 << 16;
