/**
 * Key pairs as `cosign generate-key-pair` and `cosign import-key-pair` make them.
 *
 * @module
 */
import { decodeUtf8, encodeBase64, Secret } from '@sealwright/bytes';
import {
  CryptoError,
  digest,
  exportPublicPem,
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  type KeyKind,
  keySigner,
  type PrivateKey,
  type PublicKey,
  type Signer,
} from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import { CosignError } from './errors.js';
import { encryptPrivateKey, type EncryptOptions, type Password } from './key-file.js';
import { firstPemBlock } from './pem.js';

/** A key pair, in memory and as the two files. */
export interface CosignKeyPair {
  /** Contents of `cosign.key`, UTF-8, encrypted; write it with mode 0600. */
  readonly privatePem: Secret;
  /** Contents of `cosign.pub`. */
  readonly publicPem: string;
  /** The key itself. */
  readonly privateKey: PrivateKey;
}

/** How to make a key pair. */
export interface GenerateKeyPairOptions extends EncryptOptions {
  /** What will open the private key. */
  readonly password: Password;
  /** Default `ec-p256`, the only one that cosign generates. */
  readonly kind?: KeyKind;
}

/** How to take a key over. */
export interface ImportKeyPairOptions extends EncryptOptions {
  /** What will open the private key. */
  readonly password: Password;
}

/**
 * Make a key pair.
 *
 * @param options - password, kind and the form of the file
 *
 * @example
 * ```ts
 * const { privatePem, publicPem } = await generateCosignKeyPair({ password: 'correct horse', kind: 'ec-p384' });
 * console.log(`${privatePem}`, publicPem.slice(0, 26)); // [secret] -----BEGIN PUBLIC KEY-----
 * ```
 */
export async function generateCosignKeyPair(options: GenerateKeyPairOptions): Promise<CosignKeyPair> {
  return pairOf(await generateKeyPair(options.kind ?? 'ec-p256'), options);
}

/**
 * Take over an unencrypted private key: RSA of 2048, 3072 or 4096 bits, P-256, P-384, P-521 or Ed25519.
 *
 * @param pem - `PRIVATE KEY`, `EC PRIVATE KEY` or `RSA PRIVATE KEY`
 * @param options - password and the form of the file
 * @throws {@link CosignError} `ERR_COSIGN_PEM` or `ERR_COSIGN_PEM_LABEL`; `ERR_COSIGN_PKCS8` for a damaged key;
 * `ERR_COSIGN_KEY_TYPE` for another type or size.
 */
export async function importCosignKeyPair(
  pem: string | Secret,
  options: ImportKeyPairOptions,
): Promise<CosignKeyPair> {
  return pairOf(await plainPrivateKey(typeof pem === 'string' ? pem : decodeUtf8(pem.expose())), options);
}

/**
 * Read a public key file, such as `cosign.pub`.
 *
 * @param pem - first block `PUBLIC KEY` or `RSA PUBLIC KEY`
 * @throws {@link CosignError} `ERR_COSIGN_PEM`, `ERR_COSIGN_PEM_LABEL` or `ERR_COSIGN_KEY_TYPE`.
 */
export function parseCosignPublicKey(pem: string): PublicKey {
  const { label, bytes } = firstPemBlock(pem);
  if (label !== 'PUBLIC KEY' && label !== 'RSA PUBLIC KEY') {
    throw new CosignError('ERR_COSIGN_PEM_LABEL', 'expected a PEM block labelled PUBLIC KEY');
  }
  try {
    return importPublicKey(encodePem(label, bytes));
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new CosignError('ERR_COSIGN_KEY_TYPE', `this public key is not taken: ${cause.message}`, { cause });
  }
}

/**
 * A signer whose signatures stock `cosign verify --key` accepts: SHA-256 for every curve, PKCS#1 v1.5 with SHA-256, pure
 * Ed25519. Without a key id, as cosign writes none.
 *
 * @param key - the private key
 */
export function cosignSigner(key: PrivateKey): Signer {
  if (key.kind === 'ed25519') return keySigner(key);
  return keySigner(key, { scheme: key.kind === 'rsa' ? 'rsa-pkcs1-sha256' : 'ecdsa-sha256' });
}

/**
 * The hint that a Sigstore bundle gives about its key: base64 of the SHA-256 of the SubjectPublicKeyInfo.
 *
 * @param key - the public key
 */
export function bundleHint(key: PublicKey): string {
  return encodeBase64(digest('sha256', key.spki));
}

async function plainPrivateKey(pem: string): Promise<PrivateKey> {
  const { label, bytes } = firstPemBlock(pem);
  if (!IMPORTED.has(label)) {
    throw new CosignError('ERR_COSIGN_PEM_LABEL', 'expected PRIVATE KEY, EC PRIVATE KEY or RSA PRIVATE KEY');
  }
  try {
    const key = await importPrivateKey(label === EC_PARAMETERS ? pem : encodePem(label, bytes));
    const { bits } = key.publicKey;
    if (key.kind !== 'rsa' || (bits !== undefined && RSA_BITS.has(bits))) return key;
    throw new CosignError('ERR_COSIGN_KEY_TYPE', `an RSA key has 2048, 3072 or 4096 bits, not ${bits}`);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    const unsupported = cause.code === 'ERR_CRYPTO_UNSUPPORTED';
    throw new CosignError(
      unsupported ? 'ERR_COSIGN_KEY_TYPE' : 'ERR_COSIGN_PKCS8',
      unsupported ? 'a key of this type is not taken' : 'the private key is damaged',
    );
  }
}

async function pairOf(privateKey: PrivateKey, options: ImportKeyPairOptions): Promise<CosignKeyPair> {
  return {
    privatePem: await encryptPrivateKey(privateKey, options.password, options),
    publicPem: exportPublicPem(privateKey.publicKey),
    privateKey,
  };
}

const RSA_BITS = new Set([2048, 3072, 4096]);
/** OpenSSL writes these in front of an EC key; they are passed over, where cosign refuses the file. */
const EC_PARAMETERS = 'EC PARAMETERS';
const IMPORTED = new Set(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY', EC_PARAMETERS]);
