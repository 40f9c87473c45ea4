/**
 * What ocicrypt writes beside an encrypted layer, in the open and wrapped for recipients.
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import { OciError, type OciErrorCode } from '../errors.js';
import { isDigest } from '../reference.js';

/** The annotation with the public options. */
export const PUBLIC_OPTIONS_ANNOTATION = 'org.opencontainers.image.enc.pubopts';
/** In front of the name of a recipient's scheme: `jwe`, `pgp`, `pkcs7`, `pkcs11`, `provider.<name>`. */
export const KEYS_ANNOTATION = 'org.opencontainers.image.enc.keys.';

/** What is wrapped for each recipient: whoever has it can read the layer. */
export interface PrivateLayerOptions {
  /** The AES-256 key, which is the HMAC key too. 32 bytes, secret. */
  readonly symkey: Bytes;
  /** The first counter block. 16 bytes. */
  readonly nonce: Bytes;
  /** The digest of the layer before it was encrypted, compressed as it was. */
  readonly digest: string;
}

/** Read the tag of the ciphertext. Options in the open could be changed by anyone, so none are taken. */
export function parsePublicOptions(annotation: string | undefined): Bytes {
  if (annotation === undefined) throw cipherFault('the layer has no public options, and so no tag');
  const json = object(bytesOf(annotation, 'ERR_OCI_CIPHER'), 'ERR_OCI_CIPHER');
  if (json['cipher'] !== CIPHER) throw cipherFault(`expected the cipher ${CIPHER}`);
  const options = json['cipheroptions'] ?? {};
  if (!isJsonObject(options) || Object.keys(options).length > 0) {
    throw cipherFault('cipher options in the open are not authenticated and are refused');
  }
  const { hmac } = json;
  if (typeof hmac !== 'string' || hmac === '') throw cipherFault('expected the tag of the layer');
  const tag = bytesOf(hmac, 'ERR_OCI_CIPHER');
  if (tag.byteLength !== 32) throw new OciError('ERR_OCI_HMAC', 'expected a tag of 32 bytes');
  return tag;
}

/** Write the public options, as ocicrypt does. */
export function encodePublicOptions(tag: Uint8Array): string {
  const json = { cipher: CIPHER, hmac: encodeBase64(tag), cipheroptions: {} };
  return encodeBase64(encodeUtf8(JSON.stringify(json)));
}

/** Read what a recipient unwrapped. */
export function parsePrivateOptions(bytes: Uint8Array): PrivateLayerOptions {
  const json = object(bytes, 'ERR_OCI_UNWRAP');
  const options = json['cipheroptions'];
  const symkey = sized(json['symkey'], 32, 'key');
  const nonce = sized(isJsonObject(options) ? options['nonce'] : undefined, 16, 'nonce');
  const { digest } = json;
  if (typeof digest !== 'string' || !isDigest(digest)) throw cipherFault('expected the digest of the layer');
  return { symkey, nonce, digest };
}

/** Write what is to be wrapped, as ocicrypt does. */
export function encodePrivateOptions({ symkey, nonce, digest }: PrivateLayerOptions): Bytes {
  const cipheroptions = { nonce: encodeBase64(nonce) };
  return encodeUtf8(JSON.stringify({ symkey: encodeBase64(symkey), digest, cipheroptions }));
}

/** Strict base64, its failure under a code of this package. */
export function bytesOf(text: string, code: OciErrorCode): Bytes {
  try {
    return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new OciError(code, 'expected base64');
  }
}

/** A JSON object, its failure under a code of this package. What was read is never quoted: it may be a key. */
export function object(bytes: Uint8Array, code: OciErrorCode): JsonObject {
  try {
    const json = parseJson(bytes, { maxBytes: MAX_JSON });
    if (isJsonObject(json)) return json;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
  }
  throw new OciError(code, 'expected a JSON object');
}

function sized(value: unknown, length: number, what: string): Bytes {
  const bytes = typeof value === 'string' ? bytesOf(value, 'ERR_OCI_CIPHER') : undefined;
  if (bytes?.byteLength === length) return bytes;
  throw cipherFault(`expected a ${what} of ${length} bytes`);
}

function cipherFault(message: string): OciError {
  return new OciError('ERR_OCI_CIPHER', message);
}

const CIPHER = 'AES_256_CTR_HMAC_SHA256';
const MAX_JSON = 1 << 16;
