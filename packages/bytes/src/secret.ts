import { type Bytes, copyBytes } from './bytes.js';

/**
 * Bytes that must not be seen: they print as `[secret]` in messages, logs, JSON and inspectors, and can be wiped.
 *
 * Wiping overwrites this copy; JavaScript engines may have made others that nobody can reach.
 *
 * @example
 * ```ts
 * const secret = Secret.of(encodeUtf8('correct horse'));
 * console.log(JSON.stringify({ secret })); // {"secret":"[secret]"}
 * console.log(secret.expose().length); // 13
 * secret.wipe();
 * console.log(secret.wiped); // true
 * ```
 */
export class Secret {
  #bytes: Bytes;
  #wiped = false;

  private constructor(bytes: Bytes) {
    this.#bytes = bytes;
    Object.defineProperty(this, INSPECT, { value: () => REDACTED });
  }

  /**
   * Keep a copy of some bytes as a secret.
   *
   * @param bytes - copied; wipe the original if nobody else needs it
   */
  static of(bytes: Uint8Array): Secret {
    return new Secret(copyBytes(bytes));
  }

  /**
   * The bytes themselves, not a copy: valid until {@link Secret.wipe}.
   *
   * @throws `TypeError` after the secret was wiped, which is a mistake of the program.
   */
  expose(): Bytes {
    if (this.#wiped) throw new TypeError('this secret was wiped');
    return this.#bytes;
  }

  /** Overwrite the bytes with zeros and forget them. Wiping twice is fine. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#bytes = new Uint8Array();
    this.#wiped = true;
  }

  /** Whether the bytes are gone. */
  get wiped(): boolean {
    return this.#wiped;
  }

  /** Always `[secret]`. */
  toString(): string {
    return REDACTED;
  }

  /** Always `[secret]`. */
  toJSON(): string {
    return REDACTED;
  }
}

const REDACTED = '[secret]';
/** What Node's inspector asks an object for. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
