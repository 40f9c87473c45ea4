/**
 * One GET from a service that allows about one request in ten seconds: retried with patience, its answer bounded.
 *
 * @module
 */
import { type Bytes, BytesError, readAll } from '@sealwright/bytes';
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
  try {
    return await readAll(response.body ?? [], most, 'an answer');
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SnpReportError('ERR_SNP_KDS_RESPONSE', cause.message, { cause });
  }
}

const FIRST_DELAY = 10_000;
const LONGEST_DELAY = 30_000;
