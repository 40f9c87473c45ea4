/**
 * What `cosign sign-blob --bundle` wrote before version 3.
 *
 * @module
 */
import { type Bytes, BytesError, decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { decodePem, DerError, encodePem } from '@sealwright/der';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { encodeRekorBundle, parseRekorBundle } from '../log/log-entry.js';
import { decodeWrappedBase64 } from '../wrapped-base64.js';
import type { BundleMaterial, SigstoreBundle } from './parse-bundle.js';

/**
 * Read an old local bundle: signature, certificate or key, and perhaps a log's promise.
 *
 * @param input - the JSON, at most 4 MiB
 * @returns as the verifier takes it
 * @throws {@link CosignError} `ERR_COSIGN_BUNDLE`.
 */
export function parseLegacyBundle(input: string | Uint8Array): SigstoreBundle {
  const json = parse(input);
  const { base64Signature, cert, rekorBundle } = isJsonObject(json) ? json : {};
  if (typeof base64Signature !== 'string') throw fault('expected base64Signature', '/base64Signature');
  return {
    version: 'none',
    material: materialOf(cert),
    logEntries: entriesOf(rekorBundle),
    timestamps: [],
    content: { kind: 'message', digest: undefined, signature: base64(base64Signature, '/base64Signature') },
  };
}

/**
 * Write an old local bundle.
 *
 * @param signature - as it is: of a file, or the whole envelope of an attestation
 * @param evidence - who signed, and the entry of a log
 * @returns JSON
 * @throws {@link CosignError} `ERR_COSIGN_LOG_ENTRY` for an entry without a promise.
 */
export function encodeLegacyBundle(
  signature: Uint8Array,
  { material, logEntries }: Pick<SigstoreBundle, 'material' | 'logEntries'>,
): string {
  const [entry] = logEntries;
  const pem = material.kind === 'certificate' ? encodePem('CERTIFICATE', material.certificate) : undefined;
  const head = {
    base64Signature: encodeBase64(signature),
    ...(pem === undefined ? {} : { cert: encodeBase64(encodeUtf8(pem)) }),
  };
  const text = JSON.stringify(head);
  return entry === undefined ? text : `${text.slice(0, -1)},"rekorBundle":${encodeRekorBundle(entry)}}`;
}

function entriesOf(rekorBundle: JsonValue | undefined): SigstoreBundle['logEntries'] {
  if (rekorBundle === undefined || rekorBundle === null) return [];
  if (isJsonObject(rekorBundle)) return [parseRekorBundle(rekorBundle)];
  throw fault('expected the promise of a log', '/rekorBundle');
}

/** Base64 of PEM; with a public key, or nothing, a trusted key decides. */
function materialOf(cert: JsonValue | undefined): BundleMaterial {
  if (cert === undefined || cert === null || cert === '') return { kind: 'publicKey', hint: '' };
  if (typeof cert !== 'string') throw fault('expected text', '/cert');
  try {
    const [block] = decodePem(decodeUtf8(base64(cert, '/cert')));
    if (block?.label === 'CERTIFICATE')
      return { kind: 'certificate', certificate: block.bytes, intermediates: [] };
    if (block !== undefined) return { kind: 'publicKey', hint: '' };
  } catch (error) {
    if (!(error instanceof DerError) && !(error instanceof BytesError)) throw error;
  }
  throw fault('expected a certificate or a public key as PEM', '/cert');
}

function parse(input: string | Uint8Array): JsonValue {
  try {
    return parseJson(input);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_BUNDLE', `expected JSON: ${cause.message}`, { cause });
  }
}

function base64(text: string, pointer: string): Bytes {
  try {
    return decodeWrappedBase64(text);
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    throw fault('expected base64', pointer);
  }
}

function fault(message: string, pointer: string): CosignError {
  return new CosignError('ERR_COSIGN_BUNDLE', message, { pointer });
}
