/**
 * Evidence of TDX guests as Confidential Containers exchange it.
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64, encodeBase64 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { TdxQuoteError } from '../errors.js';

/** What a guest sends. */
export interface TdxEvidence {
  /** The quote, undecoded. */
  readonly quote: Bytes;
  /** The event log, undecoded; `undefined` when the guest has none. */
  readonly eventLog: Bytes | undefined;
}

/**
 * Read evidence: an object of `quote` and `cc_eventlog`, in base64.
 *
 * @param json - the text, its UTF-8, or the decoded object; at most 32 MiB
 * @throws {@link TdxQuoteError} `ERR_TDX_EVIDENCE_MALFORMED`, with a JSON pointer.
 *
 * @example
 * ```ts
 * const { quote, eventLog } = parseTdxEvidence(evidence);
 * console.log(parseQuote(quote).tee, eventLog?.byteLength);
 * ```
 */
export function parseTdxEvidence(json: string | Uint8Array | JsonValue): TdxEvidence {
  const value = typeof json === 'string' || json instanceof Uint8Array ? decode(json) : json;
  if (!isJsonObject(value)) throw malformed('expected an object', '');
  const log = value['cc_eventlog'];
  return {
    quote: readBase64(value, 'quote'),
    eventLog: log === undefined || log === null ? undefined : readBase64(value, 'cc_eventlog'),
  };
}

/**
 * Write evidence.
 *
 * @param evidence - quote and event log, undecoded
 */
export function encodeTdxEvidence({
  quote,
  eventLog,
}: {
  readonly quote: Uint8Array;
  readonly eventLog?: Uint8Array | undefined;
}): string {
  return JSON.stringify({
    cc_eventlog: eventLog === undefined ? null : encodeBase64(eventLog),
    quote: encodeBase64(quote),
  });
}

function decode(json: string | Uint8Array): JsonValue {
  try {
    return parseJson(json, { maxBytes: 0x200_0000 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw malformed('evidence is not JSON', cause.pointer ?? '', cause);
  }
}

function readBase64(value: JsonObject, name: 'quote' | 'cc_eventlog'): Bytes {
  const text = value[name];
  try {
    if (typeof text === 'string') return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw malformed('expected base64', `/${name}`, cause);
  }
  throw malformed('expected base64', `/${name}`);
}

function malformed(message: string, pointer: string, cause?: unknown): TdxQuoteError {
  return new TdxQuoteError('ERR_TDX_EVIDENCE_MALFORMED', message, { pointer, cause });
}
