import { copyBytes } from '@sealwright/bytes';
import { SNP_REPORT_BYTES } from './parse.js';
import type { VerifiedSnpReport } from './verify.js';

interface Remembered {
  /** A copy that nobody else holds. */
  readonly words: Uint32Array;
  /** What was given out. */
  readonly given: Uint32Array;
  readonly verified: VerifiedSnpReport;
}

/** Genuine reports that were used last, each beside a copy of its bytes that nobody else holds. */
export class ReportMemo {
  readonly #most: number;
  readonly #known = new Map<bigint, Remembered>();

  /**
   * Make a memo.
   *
   * @param most - how many reports to remember
   */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * What was verified before. Every byte has to be the same, and nobody may have changed what was given out.
   *
   * @param raw - a report
   */
  recall(raw: Uint8Array): VerifiedSnpReport | undefined {
    if (this.#known.size === 0 || raw.byteLength !== SNP_REPORT_BYTES) return undefined;
    const name = nameOf(raw);
    const found = this.#known.get(name);
    if (found === undefined) return undefined;
    const words = wordsOf(raw);
    if (!isSame(found.words, words) || !isSame(found.words, found.given)) return undefined;
    this.#known.delete(name);
    this.#known.set(name, found);
    return found.verified;
  }

  /**
   * Remember.
   *
   * @param verified - just now
   */
  keep(verified: VerifiedSnpReport): void {
    if (this.#most === 0) return;
    const name = nameOf(verified.raw);
    this.#known.delete(name);
    this.#known.set(name, {
      words: wordsOf(copyBytes(verified.raw)),
      given: wordsOf(verified.raw),
      verified,
    });
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#most && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Eight bytes of the signature: reports that share them push each other out, and nothing else comes of it. */
function nameOf(raw: Uint8Array): bigint {
  return new DataView(raw.buffer, raw.byteOffset).getBigUint64(0x2a0);
}

/** The bytes four at a time; a report is public, so a comparison may stop at the first difference. */
function wordsOf(raw: Uint8Array): Uint32Array {
  const { buffer, byteOffset } = raw.byteOffset % 4 === 0 ? raw : copyBytes(raw);
  return new Uint32Array(buffer, byteOffset, SNP_REPORT_BYTES / 4);
}

function isSame(one: Uint32Array, other: Uint32Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) if (one[index] !== other[index]) return false;
  return true;
}
