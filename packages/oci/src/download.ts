/**
 * Bytes of a blob, taken up again where an answer breaks off.
 *
 * @module
 */
import { bodyChunks, cutShort } from './body.js';
import { OciError } from './errors.js';
import type { ImageReference } from './reference.js';
import { type CallOptions, expectStatus, type Transport } from './transport.js';

/** What to get. */
export interface Download extends CallOptions {
  readonly reference: ImageReference;
  /** Below `/v2/<repository>/`. */
  readonly target: string;
  readonly maxBytes: number;
}

/** A download that has begun. */
export interface StartedDownload {
  /** How many bytes the registry says that there are; `undefined` where it does not. */
  readonly total: number | undefined;
  /** The bytes, in parts and in order; they are not compared with any digest. */
  readonly chunks: AsyncGenerator<Uint8Array, void, void>;
  /** Say that no byte will be read. */
  abandon(): Promise<void>;
}

/** Ask for a blob. */
export async function startDownload(transport: Transport, download: Download): Promise<StartedDownload> {
  const { reference, target, maxBytes: _, ...options } = download;
  const response = await transport.send({ ...options, reference, actions: 'pull', target });
  await expectStatus(response, [200]);
  return {
    total: lengthOf(response),
    chunks: resumed(transport, download, response),
    abandon: async () => response.body?.cancel(),
  };
}

async function* resumed(
  transport: Transport,
  download: Download,
  first: Response,
): AsyncGenerator<Uint8Array, void, void> {
  const { maxBytes, signal } = download;
  const total = lengthOf(first);
  let response: Response | undefined = first;
  let size = 0;
  let failures = 0;
  let sinceFailure = 0;
  let skip = 0;
  while (response !== undefined) {
    try {
      const limits = transport.limits(maxBytes - size + skip, signal);
      for await (const chunk of whole(response, limits)) {
        const rest = chunk.subarray(Math.min(skip, chunk.byteLength));
        skip -= chunk.byteLength - rest.byteLength;
        size += rest.byteLength;
        sinceFailure += rest.byteLength;
        if (rest.byteLength > 0) yield rest;
      }
      if (skip > 0) throw cutShort();
      return;
    } catch (error) {
      if (!(error instanceof OciError) || error.code !== 'ERR_OCI_REGISTRY') throw error;
      failures = sinceFailure < ENOUGH ? failures + 1 : 1;
      sinceFailure = 0;
      if (size === total) return; // only its end was lost
      if (failures >= transport.attempts) throw error;
    }
    await transport.backOff(failures, signal);
    response = await continueAt(transport, download, size);
    skip = response?.status === 200 ? size : 0;
  }
}

/** A body that ends before its length breaks off too. */
async function* whole(
  response: Response,
  limits: Parameters<typeof bodyChunks>[1],
): AsyncGenerator<Uint8Array, void, void> {
  const length = lengthOf(response);
  let size = 0;
  for await (const chunk of bodyChunks(response, limits)) {
    size += chunk.byteLength;
    yield chunk;
  }
  if (length !== undefined && size < length) throw cutShort();
}

/** The rest of the blob (206), all of it again (200) from registries that do not know ranges, or nothing (416) where there is no more. */
async function continueAt(
  transport: Transport,
  download: Download,
  offset: number,
): Promise<Response | undefined> {
  const { reference, target, maxBytes: _, ...options } = download;
  const init = offset === 0 ? {} : { headers: { range: `bytes=${offset}-` } };
  const response = await transport.send({ ...options, reference, actions: 'pull', target, init });
  if (response.status === 416 && response.headers.get('content-range') === `bytes */${offset}`) {
    await response.body?.cancel();
    return undefined;
  }
  await expectStatus(response, [200, 206]);
  if (response.status === 200) return response;
  if (response.headers.get('content-range')?.startsWith(`bytes ${offset}-`) === true) return response;
  await response.body?.cancel();
  throw new OciError('ERR_OCI_REGISTRY', `the registry gave another part than the one from ${offset}`);
}

/** Of what is not encoded on its way: the length is that of the encoding. */
function lengthOf(response: Response): number | undefined {
  const length = response.headers.get('content-length');
  if (length === null || response.headers.has('content-encoding')) return undefined;
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Bytes after which a failure is a new one. */
const ENOUGH = 8 << 20;
