import { TtrpcError } from './errors.js';

/**
 * Tell when a call has to stop: its time is over, or its caller lost interest.
 *
 * @returns what forgets about both.
 */
export function watch(
  timeout: number | undefined,
  signal: AbortSignal | undefined,
  stop: (reason: TtrpcError) => void,
): () => void {
  const cancel = (): void => stop(cancelled(signal));
  const expire = (): void => stop(new TtrpcError('ERR_TTRPC_DEADLINE', `no answer in ${timeout} ms`));
  const timer =
    timeout === undefined ? undefined : setTimeout(expire, Math.min(Math.ceil(timeout), MAX_TIMER_MS));
  signal?.addEventListener('abort', cancel, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  };
}

/** The error of a call whose caller's signal was aborted. */
export function cancelled(signal: AbortSignal | undefined): TtrpcError {
  return new TtrpcError('ERR_TTRPC_CANCELLED', 'the caller cancelled the call', { cause: signal?.reason });
}

/** Check the milliseconds that a caller gave. */
export function mustBeTimeout(timeout: number | undefined): void {
  if (timeout !== undefined && !(timeout > 0 && timeout <= MAX_TIMEOUT_MS)) {
    throw new TypeError(`a timeout is a number of milliseconds over 0, at most ${MAX_TIMEOUT_MS}`);
  }
}

/** The longest time that `timeout_nano` can say exactly enough: about 104 days. */
const MAX_TIMEOUT_MS = 9_000_000_000;
const MAX_TIMER_MS = 0x7fff_ffff;
