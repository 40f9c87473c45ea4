import type { Io } from './io.js';

/** How long cosign waits for a registry, too. */
export const PATIENCE_MILLISECONDS = 180_000;

/**
 * Tell a person what is waited for, once for each host, when it takes over a second.
 *
 * @param io - the world
 */
export function tellingWaits(io: Io): Io {
  const told = new Set<string>();
  return {
    ...io,
    fetch: async (request) => {
      if (!io.isTerminal()) return io.fetch(request);
      const { host } = new URL(request.url);
      const timer = setTimeout(() => {
        if (!told.has(host)) io.err(`waiting for ${host} …\n`);
        told.add(host);
      }, 1000);
      try {
        return await io.fetch(request);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * Read a duration as Go writes it, such as `1m30s`.
 *
 * @param text - of a flag
 * @returns milliseconds; `undefined` when it is no duration
 */
export function durationOf(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h)){1,4}$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS.get(unit ?? '') ?? 0), 0);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
