/**
 * Signatures of certificates and the like that held before. What is remembered is only that a key made a signature over some
 * bytes, which never changes; dates are for whoever asks.
 *
 * @module
 */
import { concatBytes, encodeHex } from '@sealwright/bytes';
import { type PublicKey, sha2, type SignatureScheme, verify } from '@sealwright/crypto';
import type { ChainCertificate } from './chain.js';

/** As many as the certificates of a busy builder; 4 KiB each at most. */
const MAX_CERTIFICATES = 256;

/** Checks signatures of certificates and the like, each as often as it sees fit. */
export interface SignatureChecks {
  /**
   * Check a signature.
   *
   * @param key - whose signature
   * @param data - what was signed
   * @param signature - the signature
   * @param scheme - how
   */
  verify(key: PublicKey, data: Uint8Array, signature: Uint8Array, scheme: SignatureScheme): Promise<boolean>;
}

/**
 * The checks of one appraisal: a chain that is looked at for several moments has its signatures checked once. They are known by
 * the arrays themselves, which costs nothing.
 */
export class ChecksOnce implements SignatureChecks {
  readonly #checks: SignatureChecks;
  readonly #held = new Map<Uint8Array, readonly [PublicKey, Uint8Array, SignatureScheme]>();

  constructor(checks: SignatureChecks) {
    this.#checks = checks;
  }

  async verify(
    key: PublicKey,
    data: Uint8Array,
    signature: Uint8Array,
    scheme: SignatureScheme,
  ): Promise<boolean> {
    const [heldKey, heldData, heldScheme] = this.#held.get(signature) ?? [];
    if (heldKey === key && heldData === data && heldScheme === scheme) return true;
    if (!(await this.#checks.verify(key, data, signature, scheme))) return false;
    this.#held.set(signature, [key, data, scheme]);
    return true;
  }
}

/** A bounded memory of signatures that held. It belongs to one verifier. */
export class SignatureMemo implements SignatureChecks {
  readonly #held = new Set<string>();
  readonly #certificates = new Map<string, ChainCertificate>();
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
    const oldest = this.#held.size >= this.#capacity ? oldestOf(this.#held) : undefined;
    if (oldest !== undefined) this.#held.delete(oldest);
    this.#held.add(name);
    return true;
  }

  /**
   * Decode a certificate, unless it was decoded before. What a certificate says never changes; nothing is verified.
   *
   * @param der - the certificate
   * @param read - decodes one
   */
  certificate(der: Uint8Array, read: (der: Uint8Array) => ChainCertificate): ChainCertificate {
    if (this.#capacity === 0) return read(der);
    const name = encodeHex(sha2('sha256', der));
    const known = this.#certificates.get(name);
    if (known !== undefined) return known;
    const decoded = read(der);
    const oldest = this.#certificates.size >= MAX_CERTIFICATES ? oldestOf(this.#certificates) : undefined;
    if (oldest !== undefined) this.#certificates.delete(oldest);
    this.#certificates.set(name, decoded);
    return decoded;
  }
}

/** The first of a collection, which is the oldest. */
function oldestOf<T>(kept: { keys(): Iterator<T> }): T | undefined {
  const { value, done } = kept.keys().next();
  return done === true ? undefined : value;
}

function nameOf(key: PublicKey, data: Uint8Array, signature: Uint8Array, scheme: SignatureScheme): string {
  const hash = sha2('sha256', concatBytes(data, signature));
  return `${scheme}:${key.fingerprint}:${data.byteLength}:${encodeHex(hash)}`;
}
