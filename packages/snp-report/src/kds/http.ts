/**
 * One GET from a service that allows about one request in ten seconds: retried with patience, its answer bounded.
 *
 * @module
 */
import { type Bytes, concatBytes } from '@sealwright/bytes';
import { SnpReportError } from '../errors.js';

/** How to reach the service. The platform's `fetch` fits. */
export type SnpFetch = (url: string) => Promise<Response>;

/** What waiting and time are made of. */
export interface SnpKdsPatience {
  /** Waits for so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Now, milliseconds since 1970 or any other moment. */
  readonly now: () => number;
  /** The longest to try for, in milliseconds. Default two minutes. */
  readonly limit?: number;
}

/** Get a document; `undefined` when there is none. */
export async function getDocument(
  fetch: SnpFetch,
  url: string,
  most: number,
  { sleep, now, limit = 120_000 }: SnpKdsPatience,
): Promise<Bytes | undefined> {
  const last = now() + limit;
  for (let delay = FIRST_DELAY; ; delay = Math.min(delay * 2, LONGEST_DELAY)) {
    const answer = await attempt(fetch, url, most);
    if (typeof answer !== 'string') return answer.bytes;
    if (now() + delay > last)
      throw new SnpReportError('ERR_SNP_KDS_UNAVAILABLE', `the key service gave no answer: ${answer}`);
    await sleep(delay);
  }
}

/** A text says why another attempt makes sense. */
async function attempt(
  fetch: SnpFetch,
  url: string,
  most: number,
): Promise<string | { readonly bytes: Bytes | undefined }> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch {
    return 'it cannot be reached';
  }
  const { status } = response;
  if (status === 200) return { bytes: await readBody(response, most) };
  await response.body?.cancel();
  if (status === 404) return { bytes: undefined };
  if (status === 429 || status >= 500) return `status ${status}`;
  throw new SnpReportError('ERR_SNP_KDS_RESPONSE', `the key service answered with status ${status}`);
}

async function readBody(response: Response, most: number): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    length += part.value.byteLength;
    if (length > most) {
      await reader?.cancel();
      throw new SnpReportError('ERR_SNP_KDS_RESPONSE', `expected an answer of at most ${most} bytes`);
    }
    chunks.push(part.value);
  }
  return concatBytes(...chunks);
}

const FIRST_DELAY = 10_000;
const LONGEST_DELAY = 30_000;
