import { concatBytes, mustFit } from '@sealwright/bytes';
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
 * The body of an answer, up to a size.
 *
 * @param response - the answer
 * @param maxBytes - the size
 * @throws {@link @sealwright/bytes#BytesError} with `ERR_BYTES_LIMIT`
 */
export async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    length += part.value.byteLength;
    if (length > maxBytes) await reader?.cancel();
    if (length > maxBytes) break;
  }
  const body = concatBytes(...parts);
  mustFit(body, maxBytes, 'an answer');
  return body;
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
