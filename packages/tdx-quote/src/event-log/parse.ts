/**
 * Event logs of confidential guests and of TPMs: the crypto-agile format of the TCG PC Client Platform Firmware Profile, which CCEL
 * uses too. All integers little-endian.
 *
 * @module
 */
import { type Bytes, ByteReader, BytesError, copyBytes, equalBytes } from '@sealwright/bytes';
import { TdxQuoteError } from '../errors.js';

/** A digest algorithm of an event log. */
export type EventDigestAlgorithm = 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** One digest of an event. */
export interface EventDigest {
  /** How it was made. */
  readonly algorithm: EventDigestAlgorithm;
  /** What was extended into the register. */
  readonly digest: Bytes;
}

/** One event. Its data is a hint: what was measured is the digest. */
export interface LoggedEvent {
  /** Where it begins in the log, in bytes. */
  readonly offset: number;
  /** Register. In a log of a TD: 0 MRTD, 1 to 4 RTMR0 to RTMR3; in one of a TPM the PCR. */
  readonly index: number;
  /** Type; see `eventTypeName`. */
  readonly type: number;
  /** One for each algorithm of the log, as a rule. */
  readonly digests: readonly EventDigest[];
  /** What the digests are about, or a hint of it. */
  readonly data: Bytes;
}

/** The event at the front of a log, which says how to read the others. */
export interface EventLogHeader {
  /** 0 client, 1 server. */
  readonly platformClass: number;
  /** Major version of the specification. */
  readonly specMajor: number;
  /** Minor version of the specification. */
  readonly specMinor: number;
  /** Errata of the specification. */
  readonly errata: number;
  /** Size of a machine word: 1 for 32 bits, 2 for 64. */
  readonly uintnSize: number;
  /** The algorithms that events may have digests of. */
  readonly algorithms: readonly EventDigestAlgorithm[];
  /** As the vendor likes. */
  readonly vendorInfo: Bytes;
}

/** A decoded log. */
export interface EventLog {
  /** From the first event. */
  readonly header: EventLogHeader;
  /** The other events, in order. */
  readonly events: readonly LoggedEvent[];
  /** How many bytes header and events took; padding follows. */
  readonly consumedBytes: number;
}

/** Caps on a log. */
export interface EventLogOptions {
  /** Most bytes looked at. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Most events. Default 65 536. */
  readonly maxEvents?: number;
}

/**
 * Decode an event log. It ends at the end of the bytes, or where eight bytes of zeros or of ones stand instead of an event.
 *
 * @param bytes - the log, such as `/sys/firmware/acpi/tables/data/CCEL`; the result shares no memory with them
 * @param options - caps
 * @throws {@link TdxQuoteError} `ERR_TDX_EVENTLOG_TRUNCATED`, `_BAD_HEADER`, `_UNKNOWN_ALGORITHM` or `_LIMIT`, with a byte offset.
 *
 * @example
 * ```ts
 * const log = parseEventLog(bytes);
 * for (const [index, value] of replayEventLog(log)) console.log(index, encodeHex(value));
 * ```
 */
export function parseEventLog(bytes: Uint8Array, options: EventLogOptions = {}): EventLog {
  const { maxBytes = 0x100_0000, maxEvents = 0x1_0000 } = options;
  if (bytes.byteLength > maxBytes)
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_LIMIT', `a log has at most ${maxBytes} bytes`);
  const raw = copyBytes(bytes);
  const reader = new ByteReader(raw, { littleEndian: true, what: 'an event log' });
  return readingWithin(reader, () => {
    const header = readHeader(reader);
    const events: LoggedEvent[] = [];
    while (reader.remaining > 0 && !isEnd(raw, reader.offset)) {
      if (events.length >= maxEvents)
        throw new TdxQuoteError('ERR_TDX_EVENTLOG_LIMIT', `a log has at most ${maxEvents} events`, {
          offset: reader.offset,
        });
      events.push(readEvent(reader, header.algorithms));
    }
    return { header, events, consumedBytes: reader.offset };
  });
}

/** The digest size of an algorithm, in bytes. */
export function digestBytes(algorithm: EventDigestAlgorithm): number {
  return SIZES[algorithm];
}

function readHeader(reader: ByteReader): EventLogHeader {
  reader.skip(4);
  const bad = (message: string, offset: number): TdxQuoteError =>
    new TdxQuoteError('ERR_TDX_EVENTLOG_BAD_HEADER', message, { offset });
  const type = reader.u32();
  if (type !== EV_NO_ACTION) throw bad(`the first event has type ${EV_NO_ACTION}, not ${type}`, 4);
  reader.skip(20);
  const size = reader.u32();
  const start = reader.offset;
  const data = new ByteReader(reader.view(size), { littleEndian: true });
  try {
    if (!equalBytes(data.view(16), SIGNATURE)) throw bad('the first event is not a Spec ID Event03', start);
    const platformClass = data.u32();
    const [specMinor, specMajor, errata, uintnSize] = [data.u8(), data.u8(), data.u8(), data.u8()];
    const algorithms = readAlgorithms(data, start);
    const vendorInfo = data.bytes(data.u8());
    data.end();
    return { platformClass, specMajor, specMinor, errata, uintnSize, algorithms, vendorInfo };
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw bad('the first event ends early or late', start + (cause.offset ?? 0));
  }
}

function readAlgorithms(data: ByteReader, start: number): EventDigestAlgorithm[] {
  const count = data.u32();
  if (count === 0 || count > ALGORITHMS.size)
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_BAD_HEADER', `a log has 1 to ${ALGORITHMS.size} algorithms`, {
      offset: start + data.offset - 4,
    });
  const algorithms: EventDigestAlgorithm[] = [];
  for (let index = 0; index < count; index += 1) {
    const offset = start + data.offset;
    const algorithm = algorithmOf(data.u16(), offset);
    const size = data.u16();
    if (size !== SIZES[algorithm] || algorithms.includes(algorithm))
      throw new TdxQuoteError(
        'ERR_TDX_EVENTLOG_BAD_HEADER',
        `${algorithm} is declared once, with ${SIZES[algorithm]} bytes, not ${size}`,
        { offset },
      );
    algorithms.push(algorithm);
  }
  return algorithms;
}

function readEvent(reader: ByteReader, algorithms: readonly EventDigestAlgorithm[]): LoggedEvent {
  const offset = reader.offset;
  const index = reader.u32();
  const type = reader.u32();
  const count = reader.u32();
  // The smallest digest has 20 bytes; a count that cannot fit is refused before the loop.
  if (count > reader.remaining / 22)
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_TRUNCATED', `a log does not have room for ${count} digests`, {
      offset,
    });
  const digests: EventDigest[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const at = reader.offset;
    const algorithm = algorithmOf(reader.u16(), at);
    if (!algorithms.includes(algorithm))
      throw new TdxQuoteError(
        'ERR_TDX_EVENTLOG_UNKNOWN_ALGORITHM',
        `the header does not declare ${algorithm}`,
        {
          offset: at,
        },
      );
    digests.push({ algorithm, digest: reader.bytes(SIZES[algorithm]) });
  }
  return { offset, index, type, digests, data: reader.bytes(reader.u32()) };
}

function algorithmOf(id: number, offset: number): EventDigestAlgorithm {
  const algorithm = ALGORITHMS.get(id);
  if (algorithm === undefined)
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_UNKNOWN_ALGORITHM', `unknown algorithm 0x${id.toString(16)}`, {
      offset,
    });
  return algorithm;
}

/** Whether padding begins here. */
function isEnd(raw: Bytes, offset: number): boolean {
  const next = raw.subarray(offset, offset + 8);
  const [first] = next;
  return next.byteLength === 8 && (first === 0x00 || first === 0xff) && next.every((byte) => byte === first);
}

function readingWithin<T>(reader: ByteReader, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_TRUNCATED', 'an event ends after the log', {
      offset: reader.offset,
      cause,
    });
  }
}

/** EV_NO_ACTION: an event that extends nothing. */
export const EV_NO_ACTION = 3;
const SIGNATURE: Bytes = new TextEncoder().encode('Spec ID Event03\0');
const ALGORITHMS: ReadonlyMap<number, EventDigestAlgorithm> = new Map([
  [0x0004, 'sha1'],
  [0x000b, 'sha256'],
  [0x000c, 'sha384'],
  [0x000d, 'sha512'],
  [0x0012, 'sm3'],
]);
const SIZES: Readonly<Record<EventDigestAlgorithm, number>> = {
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sm3: 32,
};
