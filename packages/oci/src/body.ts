/**
 * Bodies of answers, read with a cap and at a pace.
 *
 * @module
 */
import { type Bytes, readAll } from '@sealwright/bytes';
import type { Clock } from './clock.js';
import { OciError } from './errors.js';

/** How slow an answer may be: one that drips is worse than none. */
export interface Pace {
  /** Milliseconds without any claim: to connect, to think, to stall. */
  readonly graceMilliseconds: number;
  /** What must arrive on average beyond that. */
  readonly bytesPerSecond: number;
}

/** What it takes to read a body. */
export interface BodyLimits {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/** A whole body. */
export async function readBody(response: Response, limits: BodyLimits): Promise<Bytes> {
  return readAll(bodyChunks(response, limits), limits.maxBytes, 'an answer');
}

/** The parts of a body. A body that says that it is too long is not read at all. */
export async function* bodyChunks(
  response: Response,
  limits: BodyLimits,
): AsyncGenerator<Uint8Array, void, void> {
  const { maxBytes, clock, pace, signal } = limits;
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const started = clock.now();
  let away = 0; // milliseconds that whoever reads took between parts
  let size = 0;
  let ended = false;
  try {
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLong(maxBytes);
    for (;;) {
      const allowed = pace.graceMilliseconds + (size * 1000) / pace.bytesPerSecond;
      const left = started + away + allowed - clock.now();
      const { done, value } = await within(partOf(reader, signal), left, clock, signal);
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) throw tooLong(maxBytes);
      const given = clock.now();
      yield value;
      away += clock.now() - given;
    }
    ended = true;
  } finally {
    if (!ended) void reader.cancel().catch(() => undefined); // a body that stalls may not answer to this either
  }
}

async function partOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (cause instanceof OciError) throw cause;
    throw cutShort({ cause });
  }
}

/** What is said of an answer that ended before its end. */
export function cutShort(options?: ErrorOptions): OciError {
  return new OciError('ERR_OCI_REGISTRY', "the registry's answer was cut short; try again", options);
}

/** A promise, unless it takes too long or is no longer wanted. */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (milliseconds <= 0) throw tooSlow();
  const over = new AbortController();
  const stop = (): void => over.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const timer = clock.sleep(milliseconds, over.signal).then(() => {
    throw tooSlow();
  });
  try {
    return await Promise.race([promise, timer]);
  } finally {
    signal?.removeEventListener('abort', stop);
    over.abort();
    timer.catch(() => undefined);
    promise.catch(() => undefined);
  }
}

function tooSlow(): OciError {
  return new OciError('ERR_OCI_TIMEOUT', 'the registry answers too slowly');
}

function tooLong(maxBytes: number): OciError {
  return new OciError('ERR_OCI_SIZE', `the registry's answer is over ${maxBytes} bytes`);
}
