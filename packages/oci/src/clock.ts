/** Time, as far as a client of registries needs it. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /**
   * Wait.
   *
   * @param milliseconds - how long
   * @param signal - ends the wait early, by a rejection with its reason
   */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The time of the machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const wake = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', wake);
        resolve();
      }, milliseconds);
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
