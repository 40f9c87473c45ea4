/**
 * Entries of the attestation agent (AAEL): what a guest of Confidential Containers measured at run time, into RTMR3.
 *
 * @module
 */
import { type Bytes, ByteReader, BytesError, ByteWriter, encodeUtf8 } from '@sealwright/bytes';

/** One entry. */
export interface AaelEntry {
  /** Who measured, such as `github.com/confidential-containers`. */
  readonly domain: string;
  /** What was done, such as `PullImage`. */
  readonly operation: string;
  /** With what: any text, often JSON. */
  readonly content: string;
}

/**
 * Read the data of an event of type EV_EVENT_TAG as an entry.
 *
 * @param data - of the event
 * @returns `undefined` for an event with another tag, or one that is cut short
 */
export function readAaelEntry(data: Bytes): AaelEntry | undefined {
  const reader = new ByteReader(data, { littleEndian: true });
  try {
    if (reader.u32() !== TAG) return undefined;
    const text = new TextDecoder('utf-8', { ignoreBOM: true })
      .decode(reader.view(reader.u32()))
      .replaceAll('\0', '');
    const [domain = '', operation = ''] = text.split(' ', 2);
    return { domain, operation, content: text.slice(domain.length + operation.length + 2) };
  } catch (error) {
    if (error instanceof BytesError) return undefined;
    throw error;
  }
}

/**
 * Write an entry as the data of an event of type EV_EVENT_TAG, whose hash is extended.
 *
 * @param entry - domain and operation must not have blanks, nothing must have line breaks
 */
export function encodeAaelEntry({ domain, operation, content }: AaelEntry): Bytes {
  if (/[\s\0]/.test(domain) || /[\s\0]/.test(operation) || /[\r\n\0]/.test(content))
    throw new TypeError('domain and operation have no blanks, and content no line breaks');
  const text = encodeUtf8(`${domain} ${operation} ${content}`);
  return new ByteWriter({ littleEndian: true }).u32(TAG).u32(text.byteLength).bytes(text).finish();
}

/** `AAEL`, read as a big-endian number and written as a little-endian one. */
const TAG = 0x4141_454c;
