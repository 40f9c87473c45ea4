import { expect } from 'vitest';
import {
  type Clock,
  createRegistryClient,
  parseReference,
  type RegistryClientOptions,
} from '../src/index.js';

export const IMAGE = parseReference('registry.example:5000/team/app:1');
export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
export const BODY = bytes('{"schemaVersion":2}');

/** Time that passes when somebody waits, and no sooner. */
export function quickClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    sleep: async (milliseconds, signal) => {
      // a deadline that is given up is no wait
      await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      now += milliseconds;
      waits.push(milliseconds);
    },
  };
}

/** Answers of a registry, one after another, the last one again and again. */
export function answers(...given: readonly (Response | Error | (() => Response))[]) {
  const asked: Request[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    const next = given[Math.min(asked.length, given.length - 1)];
    asked.push(request);
    if (next instanceof Error) throw next;
    return typeof next === 'function' ? next() : (next?.clone() ?? new Response(null, { status: 404 }));
  };
  return { asked, fetch };
}

export const client = (options: RegistryClientOptions) =>
  createRegistryClient({ clock: quickClock(), random: () => 0.5, ...options });
export const ok = (): Response => new Response(BODY.slice(), { headers: { 'content-type': MANIFEST } });
