import type { Bytes } from '@sealwright/bytes';
import type { KeyKind } from '@sealwright/der';
import type { DigestAlgorithm, SchemeParts, SignatureHash } from '../algorithms.js';

/** A hash under way. */
export interface Hasher {
  /**
   * Add bytes.
   *
   * @param chunk - any length
   */
  update(chunk: Uint8Array): void;
  /** Finish. No more bytes can be added. */
  digest(): Bytes;
}

/** A stream cipher under way. */
export interface StreamCipher {
  /**
   * Encrypt or decrypt the bytes that follow.
   *
   * @param chunk - any length
   * @returns as many bytes
   */
  update(chunk: Uint8Array): Bytes;
}

/** A public key as a platform wants to be given it. `handle` is where it may keep what it imported. */
export interface PlatformPublicKey {
  readonly kind: KeyKind;
  readonly spki: Bytes;
  handle: unknown;
}

/** A private key as a platform wants to be given it. */
export interface PlatformPrivateKey {
  readonly kind: KeyKind;
  readonly pkcs8: Bytes;
  handle: unknown;
}

/** What one run-time environment does for the package. Signatures of ECDSA are strict DER or r‖s of the curve's width, as told. */
export interface Platform {
  digest(algorithm: DigestAlgorithm, data: Uint8Array): Bytes;
  /** As `digest`, for hashes that every platform has. */
  sha2(hash: SignatureHash, data: Uint8Array): Bytes;
  createDigest(algorithm: DigestAlgorithm): Hasher;
  hmac(hash: SignatureHash, key: Uint8Array, data: Uint8Array): Bytes;
  createHmac(hash: SignatureHash, key: Uint8Array): Hasher;
  randomBytes(length: number): Bytes;
  /** Throws, or gives false, for a public key that is none; points of NIST's curves are looked at before. */
  checkPublic(key: PlatformPublicKey): boolean;
  generate(kind: KeyKind, bits: number): Promise<Bytes>;
  /** The SPKI of a private key, derived and not taken from what the file claims. */
  publicOf(key: PlatformPrivateKey): Promise<Bytes>;
  sign(
    key: PlatformPrivateKey,
    scheme: SchemeParts,
    data: Uint8Array,
    encoding: 'der' | 'raw',
  ): Promise<Bytes>;
  verifyEcdsa(
    key: PlatformPublicKey,
    hash: SignatureHash,
    data: Uint8Array,
    signature: Uint8Array,
    encoding: 'der' | 'raw',
  ): Promise<boolean>;
  /** Every other family. */
  verify(
    key: PlatformPublicKey,
    scheme: SchemeParts,
    data: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
  ecdh(key: PlatformPrivateKey, peer: PlatformPublicKey): Promise<Bytes>;
  oaepEncrypt(key: PlatformPublicKey, hash: 'sha1' | 'sha256', data: Uint8Array): Promise<Bytes>;
  oaepDecrypt(key: PlatformPrivateKey, hash: 'sha1' | 'sha256', data: Uint8Array): Promise<Bytes>;
  gcmSeal(key: Uint8Array, iv: Uint8Array, data: Uint8Array, aad: Uint8Array): Bytes;
  /** Throws when the tag does not hold. */
  gcmOpen(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Bytes;
  ctr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Bytes;
  createCtr(key: Uint8Array, iv: Uint8Array): StreamCipher;
  scrypt(password: Uint8Array, salt: Uint8Array, cost: ScryptCost): Promise<Bytes>;
}

/** What scrypt costs and gives (RFC 7914). */
export interface ScryptCost {
  /** CPU and memory cost, a power of two. Memory is 128 × N × r bytes. */
  readonly N: number;
  /** Block size. */
  readonly r: number;
  /** Parallelisation. */
  readonly p: number;
  /** How many bytes to derive. */
  readonly length: number;
}
