/**
 * Signatures of certificates and the like that held before. What is remembered is only that a key made a signature over some
 * bytes, which never changes; dates are for whoever asks.
 *
 * @module
 */
import { encodeHex } from '@sealwright/bytes';
import { createDigest, type PublicKey, type SignatureScheme, verify } from '@sealwright/crypto';

/** A bounded memory of signatures that held. It belongs to one verifier. */
export class SignatureMemo {
  readonly #held = new Set<string>();
  readonly #capacity: number;

  /**
   * Make one.
   *
   * @param capacity - how many to keep; the oldest go first. 0 keeps none.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Check a signature, unless it held before.
   *
   * @param key - whose signature
   * @param data - what was signed
   * @param signature - the signature
   * @param scheme - how
   */
  async verify(
    key: PublicKey,
    data: Uint8Array,
    signature: Uint8Array,
    scheme: SignatureScheme,
  ): Promise<boolean> {
    if (this.#capacity === 0) return verify(key, data, signature, { scheme });
    const name = nameOf(key, data, signature, scheme);
    if (this.#held.has(name)) return true;
    const held = await verify(key, data, signature, { scheme });
    if (!held) return false;
    if (this.#held.size >= this.#capacity) {
      const [oldest] = this.#held;
      if (oldest !== undefined) this.#held.delete(oldest);
    }
    this.#held.add(name);
    return true;
  }
}

function nameOf(key: PublicKey, data: Uint8Array, signature: Uint8Array, scheme: SignatureScheme): string {
  const hasher = createDigest('sha256');
  hasher.update(data);
  hasher.update(signature);
  return `${scheme}:${key.fingerprint}:${data.byteLength}:${encodeHex(hasher.digest())}`;
}
