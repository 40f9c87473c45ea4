/**
 * Signature files as containers/image writes them, in `dir:` images and lookaside stores.
 *
 * @module
 */
import {
  BytesError,
  concatBytes,
  decodeBase64,
  encodeBase64,
  encodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { SigstoreSignature } from './evidence.js';

/**
 * Read a signature file: a NUL and a word for its format, then the signature; OpenPGP is written without.
 *
 * @param bytes - at most 4 MiB
 * @returns a cosign signature, or `undefined` where the file holds OpenPGP
 * @throws {@link CosignError} `ERR_COSIGN_PAYLOAD` for a format that is not known, or damaged.
 */
export function parseSignatureFile(bytes: Uint8Array): SigstoreSignature | undefined {
  if (bytes[0] !== 0) return undefined;
  if (!equalBytes(bytes.subarray(0, MARK.length), MARK)) throw fault('unknown format of a signature file');
  const json = read(bytes.subarray(MARK.length));
  const { mimeType, payload, annotations } = isJsonObject(json) ? json : {};
  const texts = annotations ?? {};
  if (typeof mimeType !== 'string' || typeof payload !== 'string' || !isTexts(texts)) {
    throw fault('expected mimeType, payload and annotations');
  }
  return { mediaType: mimeType, payload: decode(payload), annotations: texts };
}

/**
 * Write a cosign signature as such a file.
 *
 * @param signature - to write
 */
export function encodeSignatureFile({ mediaType, payload, annotations }: SigstoreSignature): Uint8Array {
  const json = { mimeType: mediaType, payload: encodeBase64(payload), annotations };
  return concatBytes(MARK, encodeUtf8(JSON.stringify(json)));
}

function read(bytes: Uint8Array): unknown {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_PAYLOAD', 'the signature file is no JSON', { cause });
  }
}

function decode(text: string): Uint8Array {
  try {
    return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw fault('the payload is not base64');
  }
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((text) => typeof text === 'string');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_PAYLOAD', message);
}

const MARK = encodeUtf8('\0sigstore-json\n');
