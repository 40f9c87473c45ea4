/**
 * Keys, imported once.
 *
 * @module
 */
import * as platform from '#platform';
import { type Bytes, copyBytes, encodeHex, encodeUtf8, Secret } from '@sealwright/bytes';
import {
  decodePem,
  DerError,
  encodePem,
  encodeSpki,
  type KeyKind,
  parsePkcs8,
  parseSpki,
  pkcs8FromEcPrivateKey,
  pkcs8FromRsaPrivateKey,
} from '@sealwright/der';
import { sha2 } from './digest.js';
import { CryptoError } from './errors.js';
import { type Jwk, pkcs8FromJwk, spkiFromJwk } from './jwk.js';
import type { PlatformPrivateKey, PlatformPublicKey } from './platform/platform.js';
import { isOnCurve } from './point.js';

/** A public key. Only {@link importPublicKey} and a {@link PrivateKey} make one. */
export class PublicKey implements PlatformPublicKey {
  /** The kind of key. */
  readonly kind: KeyKind;
  /** Size of the modulus in bits; `undefined` for curves. */
  readonly bits: number | undefined;
  /** The DER of its SubjectPublicKeyInfo. */
  readonly spki: Bytes;
  /**
   * What the platform keeps of it.
   *
   * @internal
   */
  handle: unknown;
  #fingerprint: string | undefined;

  /**
   * Use {@link importPublicKey}.
   *
   * @param spki - its SubjectPublicKeyInfo
   * @param kind - the kind of key
   * @param bits - size of the modulus
   * @internal
   */
  constructor(spki: Uint8Array, kind: KeyKind, bits?: number) {
    this.kind = kind;
    this.bits = bits;
    this.spki = copyBytes(spki);
    Object.defineProperty(this, 'handle', { enumerable: false });
  }

  /** What makes two keys the same: hex SHA-256 of the SubjectPublicKeyInfo. */
  get fingerprint(): string {
    this.#fingerprint ??= encodeHex(sha2('sha256', this.spki));
    return this.#fingerprint;
  }
}

/** A private key. It prints as `[secret]`. Only {@link importPrivateKey} and {@link generateKeyPair} make one. */
export class PrivateKey {
  /** The kind of key. */
  readonly kind: KeyKind;
  /** The public part, derived from the private one. */
  readonly publicKey: PublicKey;
  readonly #platformKey: PlatformPrivateKey;

  private constructor(platformKey: PlatformPrivateKey, publicKey: PublicKey) {
    this.kind = platformKey.kind;
    this.publicKey = publicKey;
    this.#platformKey = platformKey;
    Object.defineProperty(this, INSPECT, { value: () => '[secret]' });
  }

  /**
   * Use {@link importPrivateKey}.
   *
   * @param pkcs8 - its unencrypted PKCS#8, which the key then owns
   * @internal
   */
  static async load(pkcs8: Bytes): Promise<PrivateKey> {
    const platformKey: PlatformPrivateKey = { kind: parsePkcs8(pkcs8).kind, pkcs8, handle: undefined };
    return new PrivateKey(platformKey, keyOf(await platform.publicOf(platformKey)));
  }

  /**
   * What the platform keeps of it.
   *
   * @internal
   */
  get platformKey(): PlatformPrivateKey {
    return this.#platformKey;
  }

  /** Always `[secret]`. */
  toString(): string {
    return '[secret]';
  }

  /** Always `[secret]`. */
  toJSON(): string {
    return '[secret]';
  }
}

/**
 * Import a public key.
 *
 * @param input - SubjectPublicKeyInfo as DER; PEM with one `PUBLIC KEY` or `RSA PUBLIC KEY` block; or a JWK
 * @throws {@link CryptoError} `ERR_CRYPTO_KEY`, also for a point that is not on its curve, or `ERR_CRYPTO_UNSUPPORTED`.
 *
 * @example
 * ```ts
 * const pem = exportPublicPem((await generateKeyPair('ed25519')).publicKey);
 * console.log(importPublicKey(pem).kind); // ed25519
 * ```
 */
export function importPublicKey(input: Uint8Array | string | Jwk): PublicKey {
  return keyOrRefusal('a public key', () => checkedKey(publicDer(input)));
}

/**
 * Import a public key in the form that certificates hold. As {@link importPublicKey}, which for a bundle brings the other forms along.
 *
 * @param spki - SubjectPublicKeyInfo as DER
 * @throws {@link CryptoError} `ERR_CRYPTO_KEY` or `ERR_CRYPTO_UNSUPPORTED`.
 */
export function importSpki(spki: Uint8Array): PublicKey {
  return keyOrRefusal('a public key', () => checkedKey(spki));
}

function checkedKey(spki: Uint8Array): PublicKey {
  const key = keyOf(spki);
  if (!platform.checkPublic(key))
    throw new CryptoError('ERR_CRYPTO_KEY', 'the platform knows another kind of key');
  return key;
}

/** A key as its structure says; whether it is one is not checked. */
function keyOf(spki: Uint8Array): PublicKey {
  const { kind, bits, publicKey } = parseSpki(spki);
  if (kind === 'rsa' && (bits === undefined || bits < MIN_RSA_BITS || bits > MAX_RSA_BITS))
    throw new CryptoError('ERR_CRYPTO_UNSUPPORTED', `an RSA key has ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits`);
  if (kind !== 'rsa' && kind !== 'ed25519' && !isOnCurve(kind, publicKey))
    throw new CryptoError('ERR_CRYPTO_KEY', 'the point of a key is not on its curve');
  return new PublicKey(spki, kind, bits);
}

/**
 * Import a private key, unencrypted.
 *
 * @param input - PKCS#8 as DER; PEM with one `PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE KEY` block; or a JWK with `d`
 * @throws {@link CryptoError} `ERR_CRYPTO_KEY` or `ERR_CRYPTO_UNSUPPORTED`.
 */
export async function importPrivateKey(input: Uint8Array | string | Jwk): Promise<PrivateKey> {
  const pkcs8 = keyOrRefusal('a private key', () => privateDer(input));
  try {
    return await PrivateKey.load(copyBytes(pkcs8));
  } catch (cause) {
    throw refusal('a private key', cause);
  }
}

/** How to make a key pair. */
export interface GenerateOptions {
  /** Size of an RSA modulus. Default 3072. */
  readonly bits?: 2048 | 3072 | 4096;
}

/**
 * Make a key pair.
 *
 * @param kind - the kind of key
 * @param options - for RSA
 */
export async function generateKeyPair(kind: KeyKind, options: GenerateOptions = {}): Promise<PrivateKey> {
  return PrivateKey.load(await platform.generate(kind, options.bits ?? 3072));
}

/**
 * Write a public key as PEM, label `PUBLIC KEY`.
 *
 * @param key - the key
 */
export function exportPublicPem(key: PublicKey): string {
  return encodePem('PUBLIC KEY', key.spki);
}

/**
 * Give a private key away as unencrypted PKCS#8.
 *
 * @param key - the key
 * @returns DER, in memory of its own
 */
export function exportPkcs8(key: PrivateKey): Secret {
  return Secret.of(key.platformKey.pkcs8);
}

/**
 * Give a private key away as unencrypted PEM, label `PRIVATE KEY`.
 *
 * @param key - the key
 * @returns the text in UTF-8
 */
export function exportPkcs8Pem(key: PrivateKey): Secret {
  return Secret.of(encodeUtf8(encodePem('PRIVATE KEY', key.platformKey.pkcs8)));
}

function publicDer(input: Uint8Array | string | Jwk): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (typeof input !== 'string') return spkiFromJwk(input);
  const { label, bytes } = onlyBlock(input);
  if (label === 'PUBLIC KEY') return bytes;
  if (label === 'RSA PUBLIC KEY') return encodeSpki('rsa', bytes);
  throw new CryptoError('ERR_CRYPTO_KEY', 'expected PEM with the label PUBLIC KEY or RSA PUBLIC KEY');
}

function privateDer(input: Uint8Array | string | Jwk): Uint8Array {
  if (input instanceof Uint8Array) return input;
  if (typeof input !== 'string') return pkcs8FromJwk(input);
  const { label, bytes } = onlyBlock(input);
  if (label === 'PRIVATE KEY') return bytes;
  if (label === 'EC PRIVATE KEY') return pkcs8FromEcPrivateKey(bytes);
  if (label === 'RSA PRIVATE KEY') return pkcs8FromRsaPrivateKey(bytes);
  throw new CryptoError(
    'ERR_CRYPTO_KEY',
    'expected PEM with the label PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY',
  );
}

/** The one block that matters. OpenSSL writes `EC PARAMETERS` in front of an EC key. */
function onlyBlock(pem: string): { label: string; bytes: Bytes } {
  const blocks = decodePem(pem).filter((block) => block.label !== 'EC PARAMETERS');
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) {
    throw new CryptoError('ERR_CRYPTO_KEY', `expected one PEM block, found ${blocks.length}`);
  }
  return block;
}

function keyOrRefusal<T>(what: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    throw refusal(what, cause);
  }
}

/** The platform's own message might quote the key, so it is not repeated. */
function refusal(what: string, cause: unknown): CryptoError {
  if (cause instanceof CryptoError) return cause;
  if (cause instanceof DerError) {
    const code = cause.code === 'ERR_DER_KEY' ? 'ERR_CRYPTO_UNSUPPORTED' : 'ERR_CRYPTO_KEY';
    return new CryptoError(code, `this is not ${what} that we take: ${cause.message}`, { cause });
  }
  return new CryptoError('ERR_CRYPTO_KEY', `this is not ${what}`);
}

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;
const INSPECT = Symbol.for('nodejs.util.inspect.custom');
