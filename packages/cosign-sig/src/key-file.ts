/**
 * The encrypted private key file of cosign: PEM around JSON around a secretbox around PKCS#8.
 *
 * @module
 */
import { type Bytes, BytesError, decodeUtf8, encodeBase64, encodeUtf8, Secret } from '@sealwright/bytes';
import {
  CryptoError,
  exportPkcs8,
  importPrivateKey,
  type PrivateKey,
  randomBytes,
  scrypt,
  secretboxOpen,
  secretboxSeal,
} from '@sealwright/crypto';
import { encodePem } from '@sealwright/der';
import {
  goJsonOrdered,
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { CosignError } from './errors.js';
import { firstPemBlock } from './pem.js';
import { decodeWrappedBase64 } from './wrapped-base64.js';

/** The label of a key file: today's, and the one that cosign wrote before 2.0. */
export type KeyFileLabel = 'ENCRYPTED SIGSTORE PRIVATE KEY' | 'ENCRYPTED COSIGN PRIVATE KEY';

/** The costs of scrypt that a key file may name; `r` is always 8 and `p` always 1. cosign writes 65536, and wrote 32768. */
export type ScryptN = 32_768 | 65_536 | 131_072;

/** A password, used as the bytes that it is: no normalization, no trimming. A string stands for its UTF-8. May be empty. */
export type Password = string | Uint8Array | Secret;

/** What a key file says. Nothing has been decrypted yet. */
export interface KeyFile {
  /** The PEM label. */
  readonly label: KeyFileLabel;
  /** The cost of opening it: memory is 1024 times this, in bytes. */
  readonly scryptN: ScryptN;
  /** Salt of scrypt; 32 bytes in files that cosign writes. */
  readonly salt: Bytes;
  /** 24 bytes. */
  readonly nonce: Bytes;
  /** The tag of 16 bytes, then the encrypted PKCS#8. */
  readonly ciphertext: Bytes;
}

/** How to write a key file. */
export interface EncryptOptions {
  /** Default `ENCRYPTED SIGSTORE PRIVATE KEY`, which cosign 2.0 and later write. */
  readonly label?: KeyFileLabel;
  /** Default 65536, as cosign writes. */
  readonly scryptN?: ScryptN;
}

/**
 * Read a key file without opening it. The costs of scrypt are compared with a fixed list here, before anybody pays them.
 *
 * @param pem - the text of the file; only its first PEM block counts
 * @throws {@link CosignError} `ERR_COSIGN_PEM`, `ERR_COSIGN_PEM_LABEL`, `ERR_COSIGN_KEY_FILE`, `ERR_COSIGN_KDF`,
 * `ERR_COSIGN_SCRYPT`, `ERR_COSIGN_CIPHER`, `ERR_COSIGN_NONCE`, `ERR_COSIGN_CIPHERTEXT` or `ERR_COSIGN_LIMIT`.
 */
export function parseKeyFile(pem: string): KeyFile {
  const { label, bytes } = firstPemBlock(pem);
  if (label !== SIGSTORE_LABEL && label !== COSIGN_LABEL) {
    throw new CosignError('ERR_COSIGN_PEM_LABEL', `expected a PEM block labelled ${SIGSTORE_LABEL}`);
  }
  const file = object(body(bytes), '');
  const kdf = object(file['kdf'], '/kdf');
  if (kdf['name'] !== 'scrypt')
    throw new CosignError('ERR_COSIGN_KDF', 'expected the kdf scrypt', at('/kdf/name'));
  const { N, r, p } = object(kdf['params'], '/kdf/params');
  if (!isScryptN(N) || r !== 8 || p !== 1) {
    throw new CosignError(
      'ERR_COSIGN_SCRYPT',
      'expected the scrypt costs N = 32768, 65536 or 131072, r = 8, p = 1',
      at('/kdf/params'),
    );
  }
  const cipher = object(file['cipher'], '/cipher');
  if (cipher['name'] !== 'nacl/secretbox') {
    throw new CosignError('ERR_COSIGN_CIPHER', 'expected the cipher nacl/secretbox', at('/cipher/name'));
  }
  const nonce = base64(cipher['nonce'], '/cipher/nonce');
  if (nonce.byteLength !== 24) {
    throw new CosignError(
      'ERR_COSIGN_NONCE',
      `a nonce is 24 bytes, not ${nonce.byteLength}`,
      at('/cipher/nonce'),
    );
  }
  const ciphertext = base64(file['ciphertext'], '/ciphertext');
  if (ciphertext.byteLength < 16) {
    throw new CosignError(
      'ERR_COSIGN_CIPHERTEXT',
      'the ciphertext is shorter than its tag',
      at('/ciphertext'),
    );
  }
  return { label, scryptN: N, salt: base64(kdf['salt'], '/kdf/salt'), nonce, ciphertext };
}

/**
 * Open a key file.
 *
 * @param pem - the text of the file
 * @param password - its password
 * @throws {@link CosignError} with the codes of {@link parseKeyFile}, `ERR_COSIGN_DECRYPT`, `ERR_COSIGN_PKCS8` or
 * `ERR_COSIGN_KEY_TYPE`.
 */
export async function decryptPrivateKey(pem: string | Secret, password: Password): Promise<PrivateKey> {
  const file = parseKeyFile(typeof pem === 'string' ? pem : keyText(pem));
  const key = await derive(password, file.salt, file.scryptN);
  let pkcs8: Bytes | undefined;
  try {
    pkcs8 = secretboxOpen(key, file.nonce, file.ciphertext);
    return await importPrivateKey(pkcs8);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    if (pkcs8 === undefined) {
      throw new CosignError('ERR_COSIGN_DECRYPT', 'the password is wrong or the file is damaged', { cause });
    }
    if (cause.code === 'ERR_CRYPTO_UNSUPPORTED') {
      throw new CosignError('ERR_COSIGN_KEY_TYPE', 'the key inside is of a type that is not supported', {
        cause,
      });
    }
    throw new CosignError('ERR_COSIGN_PKCS8', 'the file opens, but holds no PKCS#8 private key');
  } finally {
    key.fill(0);
    pkcs8?.fill(0);
  }
}

/**
 * Write a key file, with a fresh salt and nonce.
 *
 * @param key - the private key
 * @param password - may be empty, which protects nothing but is common
 * @param options - label and cost
 * @returns the PEM text in UTF-8
 */
export async function encryptPrivateKey(
  key: PrivateKey,
  password: Password,
  options: EncryptOptions = {},
): Promise<Secret> {
  const N = options.scryptN ?? 65_536;
  const salt = randomBytes(32);
  const nonce = randomBytes(24);
  const boxKey = await derive(password, salt, N);
  const pkcs8 = exportPkcs8(key);
  try {
    const json = goJsonOrdered({
      kdf: { name: 'scrypt', params: { N, r: 8, p: 1 }, salt: encodeBase64(salt) },
      cipher: { name: 'nacl/secretbox', nonce: encodeBase64(nonce) },
      ciphertext: encodeBase64(secretboxSeal(boxKey, nonce, pkcs8.expose())),
    });
    return Secret.of(encodeUtf8(encodePem(options.label ?? SIGSTORE_LABEL, encodeUtf8(json))));
  } finally {
    boxKey.fill(0);
    pkcs8.wipe();
  }
}

async function derive(password: Password, salt: Uint8Array, N: ScryptN): Promise<Bytes> {
  if (password instanceof Secret) return scrypt(password.expose(), salt, { N, r: 8, p: 1, length: 32 });
  const bytes = typeof password === 'string' ? encodeUtf8(password) : password;
  return scrypt(bytes, salt, { N, r: 8, p: 1, length: 32 });
}

function keyText(pem: Secret): string {
  try {
    return decodeUtf8(pem.expose());
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_PEM', 'a key file is UTF-8 text');
  }
}

function body(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxDepth: 8, maxBytes: 256 << 10 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_KEY_FILE', `the body is not JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue | undefined, pointer: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new CosignError('ERR_COSIGN_KEY_FILE', 'expected an object', at(pointer));
}

function base64(value: JsonValue | undefined, pointer: string): Bytes {
  if (typeof value !== 'string') throw new CosignError('ERR_COSIGN_KEY_FILE', 'expected base64', at(pointer));
  try {
    return decodeWrappedBase64(value);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_KEY_FILE', 'expected base64', { pointer, cause });
  }
}

function isScryptN(value: unknown): value is ScryptN {
  return value === 32_768 || value === 65_536 || value === 131_072;
}

function at(pointer: string): { pointer: string } {
  return { pointer };
}

const SIGSTORE_LABEL = 'ENCRYPTED SIGSTORE PRIVATE KEY';
const COSIGN_LABEL = 'ENCRYPTED COSIGN PRIVATE KEY';
