/** Everything went as it should. */
export const EXIT_OK = 0;

/** Something failed while running. */
export const EXIT_FAILURE = 1;

/** The flags or the configuration are wrong: nothing was started, and trying again gives the same. */
export const EXIT_USAGE = 2;

/** Flags or configuration that cannot be used. The message names the flag, or the key and its line, and what it takes. */
export class UsageError extends Error {
  /** Always `UsageError`. */
  override readonly name = 'UsageError';
}
