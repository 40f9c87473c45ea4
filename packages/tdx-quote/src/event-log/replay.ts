/**
 * Replay: what registers hold when a log is true.
 *
 * @module
 */
import { type Bytes, concatBytes, equalBytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { TdxQuoteError } from '../errors.js';
import {
  digestBytes,
  EV_NO_ACTION,
  type EventDigestAlgorithm,
  type EventLog,
  type LoggedEvent,
} from './parse.js';

/**
 * Replay a log of a TD: value = SHA-384(value ‖ digest), from 48 zero bytes.
 *
 * @param log - decoded
 * @returns value by register index, 1 for RTMR0 to 4 for RTMR3; an index without events is missing, its register is zero
 * @throws {@link TdxQuoteError} `ERR_TDX_EVENTLOG_NO_SHA384`.
 */
export function replayEventLog(log: EventLog): Map<number, Bytes> {
  if (!log.header.algorithms.includes('sha384'))
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_NO_SHA384', 'the log has no SHA-384 digests', { offset: 0 });
  return replay(log.events, 'sha384', () => new Uint8Array(48));
}

/**
 * Replay a log of a TPM.
 *
 * @param log - decoded
 * @param algorithm - of the bank
 * @returns value by PCR; a PCR without events is missing. PCR 0 begins with the locality that the log names
 * @throws {@link TdxQuoteError} `ERR_TDX_EVENTLOG_UNKNOWN_ALGORITHM` when the log does not have the bank.
 */
export function replayPcrs(log: EventLog, algorithm: EventDigestAlgorithm): Map<number, Bytes> {
  if (!log.header.algorithms.includes(algorithm))
    throw new TdxQuoteError('ERR_TDX_EVENTLOG_UNKNOWN_ALGORITHM', `the log has no ${algorithm} digests`, {
      offset: 0,
    });
  const locality = startupLocality(log);
  return replay(log.events, algorithm, (pcr) => {
    const value = new Uint8Array(digestBytes(algorithm));
    if (pcr >= 17 && pcr <= 22) value.fill(0xff);
    if (pcr === 0) value[value.length - 1] = locality;
    return value;
  });
}

/** A register of a TD, as its log and its quote have it. */
export interface RtmrCheck {
  /** Which of the four. */
  readonly rtmr: 0 | 1 | 2 | 3;
  /** Whether the log gives the value of the quote. */
  readonly ok: boolean;
  /** What the log gives. */
  readonly replayed: Bytes;
  /** What the quote says. */
  readonly quoted: Bytes;
}

/** What a log covers. */
export interface RtmrOptions {
  /** Whether the log has the events of run time too, so that RTMR3 counts. Default: if it has any for RTMR3, or `runtimeDigests` are given. */
  readonly complete?: boolean;
  /** SHA-384 digests that were extended into RTMR3 after those of the log. */
  readonly runtimeDigests?: readonly Uint8Array[];
}

/**
 * Compare a log with the registers of a verified quote. RTMR3 is extended at run time, and firmware logs do not have it.
 *
 * @param log - decoded
 * @param body - of the quote
 * @param options - what the log covers
 * @returns one check for each register compared
 * @throws {@link TdxQuoteError} `ERR_TDX_EVENTLOG_NO_SHA384`.
 */
export function compareRtmrs(
  log: EventLog,
  body: Readonly<Record<'rtmr0' | 'rtmr1' | 'rtmr2' | 'rtmr3', Bytes>>,
  options: RtmrOptions = {},
): RtmrCheck[] {
  const values = replayEventLog(log);
  const { runtimeDigests = [] } = options;
  if (runtimeDigests.some(({ byteLength }) => byteLength !== 48))
    throw new TypeError('a digest of run time has 48 bytes');
  const last = runtimeDigests.reduce(
    (value: Bytes, each) => digest('sha384', concatBytes(value, each)),
    values.get(4) ?? new Uint8Array(48),
  );
  const complete = options.complete ?? (values.has(4) || runtimeDigests.length > 0);
  const registers = ([0, 1, 2, 3] as const).slice(0, complete ? 4 : 3);
  return registers.map((rtmr) => {
    const replayed = rtmr === 3 ? last : (values.get(rtmr + 1) ?? new Uint8Array(48));
    const quoted = body[`rtmr${rtmr}`];
    return { rtmr, ok: equalBytes(replayed, quoted), replayed, quoted };
  });
}

/**
 * The register of a TD that stands for a PCR.
 *
 * @param pcr - of a TPM
 * @returns index as in a log: 0 MRTD, 1 to 4 RTMR0 to RTMR3
 */
export function registerOfPcr(pcr: number): number {
  if (pcr === 0) return 0;
  if (pcr === 1 || pcr === 7) return 1;
  if (pcr >= 2 && pcr <= 6) return 2;
  return pcr >= 8 && pcr <= 15 ? 3 : 4;
}

function replay(
  events: readonly LoggedEvent[],
  algorithm: EventDigestAlgorithm,
  first: (index: number) => Bytes,
): Map<number, Bytes> {
  const values = new Map<number, Bytes>();
  for (const { index, type, digests, offset } of events) {
    if (type === EV_NO_ACTION || index === NO_REGISTER) continue;
    const own = digests.find((each) => each.algorithm === algorithm);
    if (own === undefined)
      throw new TdxQuoteError(
        algorithm === 'sha384' ? 'ERR_TDX_EVENTLOG_NO_SHA384' : 'ERR_TDX_EVENTLOG_UNKNOWN_ALGORITHM',
        `an event has no ${algorithm} digest`,
        { offset },
      );
    values.set(index, digest(algorithm, concatBytes(values.get(index) ?? first(index), own.digest)));
  }
  return values;
}

/** The locality from which the TPM was started, 0 unless the log says so. */
function startupLocality({ events }: EventLog): number {
  const event = events.find(
    ({ index, type, data }) =>
      index === 0 &&
      type === EV_NO_ACTION &&
      data.byteLength === LOCALITY.byteLength + 1 &&
      equalBytes(data.subarray(0, LOCALITY.byteLength), LOCALITY),
  );
  return event?.data.at(-1) ?? 0;
}

const NO_REGISTER = 0xffff_ffff;
const LOCALITY: Bytes = new TextEncoder().encode('StartupLocality\0');
