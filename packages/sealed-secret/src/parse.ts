/**
 * The text form: `sealed.` and a JWS in compact serialisation (RFC 7515 section 7.1).
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64url, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import { SealedSecretError } from './errors.js';

/** What a sealed secret begins with. */
export const SEALED_PREFIX = 'sealed.';

/** The longest text taken, in bytes: what fits a Kubernetes Secret. */
const MAX_BYTES = 1 << 20;

/** The protected header, as far as it matters. */
export interface SealedSecretHeader {
  /** Always `ES256`. */
  readonly alg: 'ES256';
  /** Which key signed: a resource URI, or the name of a file beside the data hub. Chosen by whoever wrote the text. */
  readonly kid: string;
}

/** A sealed secret taken apart. Nothing was verified. */
export interface SealedSecret {
  /** The protected header. */
  readonly header: SealedSecretHeader;
  /** What the signature covers: the ASCII of the first two segments with a dot between them, as received. */
  readonly signed: Bytes;
  /** The payload as received. */
  readonly payload: Bytes;
  /** The signature as received; 64 bytes r‖s when it is well formed. */
  readonly signature: Bytes;
}

/**
 * Whether a text or the content of a file claims to be a sealed secret. It proves nothing.
 *
 * @param input - text or bytes
 *
 * @example
 * ```ts
 * console.log(looksSealed('sealed.e30.e30.'), looksSealed('a password')); // true false
 * ```
 */
export function looksSealed(input: string | Uint8Array): boolean {
  if (typeof input === 'string') return input.startsWith(SEALED_PREFIX);
  const prefix = encodeUtf8(SEALED_PREFIX);
  return prefix.every((byte, index) => input[index] === byte);
}

/**
 * Take a sealed secret apart.
 *
 * The prefix may be missing or repeated, as the data hub of Confidential Containers has it. White space anywhere is refused:
 * trim the content of a file first.
 *
 * @param input - the text, or its UTF-8; at most 1 MiB
 * @throws {@link SealedSecretError} `ERR_SEALED_FORMAT`, `ERR_SEALED_HEADER`, `ERR_SEALED_ALG` or `ERR_SEALED_KID`.
 */
export function parseSealedSecret(input: string | Uint8Array): SealedSecret {
  let text = textOf(input);
  while (text.startsWith(SEALED_PREFIX)) text = text.slice(SEALED_PREFIX.length);
  const segments = text.split('.', 4);
  const [header, payload, signature] = segments;
  if (header === undefined || payload === undefined || signature === undefined || segments.length !== 3) {
    throw new SealedSecretError('ERR_SEALED_FORMAT', 'expected three segments: header, payload, signature');
  }
  const headerBytes = segment(header, 'header');
  return {
    payload: segment(payload, 'payload'),
    signature: segment(signature, 'signature'),
    header: headerOf(headerBytes),
    signed: encodeUtf8(`${header}.${payload}`),
  };
}

/** The text of an input within the cap. */
export function textOf(input: string | Uint8Array): string {
  if (input.length > MAX_BYTES) {
    throw new SealedSecretError('ERR_SEALED_FORMAT', `a sealed secret is at most ${MAX_BYTES} bytes`);
  }
  if (typeof input === 'string') return input;
  try {
    return decodeUtf8(input);
  } catch (cause) {
    throw new SealedSecretError('ERR_SEALED_FORMAT', 'a sealed secret is UTF-8 text', { cause });
  }
}

function segment(text: string, what: string): Bytes {
  try {
    return decodeBase64url(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SealedSecretError(
      'ERR_SEALED_FORMAT',
      `the ${what} is base64url without padding or white space`,
      { cause },
    );
  }
}

function headerOf(bytes: Uint8Array): SealedSecretHeader {
  const header = headerObject(bytes);
  for (const name of ['crit', 'b64']) {
    if (Object.hasOwn(header, name)) {
      throw new SealedSecretError('ERR_SEALED_HEADER', `header member ${name} is not understood here`, {
        pointer: `/${name}`,
      });
    }
  }
  const { alg, kid } = header;
  if (alg !== 'ES256') {
    throw new SealedSecretError('ERR_SEALED_ALG', 'the algorithm of a sealed secret is ES256', {
      pointer: '/alg',
    });
  }
  if (typeof kid !== 'string' || kid === '') {
    throw new SealedSecretError('ERR_SEALED_KID', 'the header names the key that signed', {
      pointer: '/kid',
    });
  }
  return { alg, kid };
}

function headerObject(bytes: Uint8Array): JsonObject {
  try {
    const value = parseJson(bytes, { maxDepth: 8 });
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SealedSecretError('ERR_SEALED_FORMAT', 'the header is a JSON object', { cause });
  }
  throw new SealedSecretError('ERR_SEALED_FORMAT', 'the header is a JSON object');
}
