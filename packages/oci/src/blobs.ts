/**
 * Blobs, up and down.
 *
 * @module
 */
import { type Bytes, chunksOf, copyBytes, encodeHex, joinBytes, readAll } from '@sealwright/bytes';
import { createDigest } from '@sealwright/crypto';
import { type ByteSource, heldBack, releaseSource, streamOf } from './byte-source.js';
import { contentCheck, mustBe, sha256 } from './content.js';
import { startDownload, type StartedDownload } from './download.js';
import { OciError } from './errors.js';
import { type ImageReference, isDigest } from './reference.js';
import { type CallOptions, expectStatus, type Transport } from './transport.js';

/** Told how far a transfer is: bytes so far, and of how many where that is known. */
export type Progress = (bytes: number, total: number | undefined) => void;

/** Caps of a read. */
export interface BlobOptions extends CallOptions {
  /** In bytes. Default 64 MiB; for a stream 64 GiB. */
  readonly maxBytes?: number;
  /** Told as bytes arrive. */
  readonly progress?: Progress;
}

/** How to write a blob from a stream. */
export interface UploadOptions extends CallOptions {
  /** Bytes of each request but the last; at least as many as the registry wants, up to 64 MiB. Default 8 MiB. */
  readonly chunkBytes?: number;
  /** Bytes of the blob. Default 64 GiB. */
  readonly maxBytes?: number;
  /** Told as bytes are taken by the registry. */
  readonly progress?: Progress;
}

/** A blob that was written. */
export interface UploadedBlob {
  /** `sha256:<hex>` of it. */
  readonly digest: string;
  /** Its bytes. */
  readonly size: number;
}

/** Get a blob at once. */
export async function getBlob(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  options: BlobOptions = {},
): Promise<Bytes> {
  const { maxBytes = MAX_BLOB, progress, ...call } = options;
  const target = blobOf(digest);
  const { chunks } = await startDownload(transport, { ...call, reference, target, maxBytes });
  const bytes = await readAll(chunks, maxBytes, 'a blob');
  mustBe(bytes, digest);
  progress?.(bytes.byteLength, bytes.byteLength);
  return bytes;
}

/** Get a blob as a stream, which fails instead of ending when the digest is another, its last part held back. */
export async function openBlob(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  options: BlobOptions = {},
): Promise<ReadableStream<Bytes>> {
  const { maxBytes = MAX_STREAM, progress, ...call } = options;
  const target = blobOf(digest);
  const started = await startDownload(transport, { ...call, reference, target, maxBytes });
  return streamOf(checkedChunks(started, digest, progress), (hadBegun) =>
    hadBegun ? undefined : started.abandon(),
  );
}

function checkedChunks(
  { total, chunks }: StartedDownload,
  digest: string,
  progress: Progress | undefined,
): AsyncGenerator<Bytes, void, void> {
  const check = contentCheck(digest);
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    check.update(chunk);
    size += chunk.byteLength;
    progress?.(size, total);
  };
  return heldBack(chunks, { take, end: check.end });
}

/** Whether a repository has a blob. */
export async function hasBlob(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  actions: string,
  options: CallOptions,
): Promise<boolean> {
  const call = { ...options, reference, actions, target: blobOf(digest), init: { method: 'HEAD' } };
  const response = await expectStatus(await transport.send(call), [200, 404]);
  await response.body?.cancel();
  return response.status === 200;
}

/** Where a blob is. What is no digest would be an address of something else. */
function blobOf(digest: string): string {
  if (!isDigest(digest)) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest');
  return `blobs/${digest}`;
}

/** Put a blob at once, unless it is there. */
export async function putBlob(
  transport: Transport,
  reference: ImageReference,
  bytes: Uint8Array,
  options: CallOptions = {},
): Promise<string> {
  const digest = sha256(bytes);
  if (await hasBlob(transport, reference, digest, 'pull,push', options)) return digest;
  const { target } = await startUpload(transport, reference, options);
  try {
    await finishUpload(transport, reference, target, digest, copyBytes(bytes), options);
    return digest;
  } catch (error) {
    await abandon(transport, reference, target, options);
    throw error;
  }
}

/** Put a blob from a stream, in requests of a bounded size. */
export async function uploadBlob(
  transport: Transport,
  reference: ImageReference,
  source: ByteSource,
  options: UploadOptions = {},
): Promise<UploadedBlob> {
  const { chunkBytes = CHUNK, maxBytes = MAX_STREAM, progress } = options;
  const hash = createDigest('sha256');
  let target: URL | undefined;
  let size = 0;
  try {
    const started = await startUpload(transport, reference, options);
    target = started.target;
    let last: Bytes = new Uint8Array();
    for await (const { chunk, final } of cut(source, Math.max(chunkBytes, started.minimum, 1))) {
      hash.update(chunk);
      if (size + chunk.byteLength > maxBytes) {
        throw new OciError('ERR_OCI_SIZE', `the blob is over ${maxBytes} bytes`);
      }
      if (final) last = chunk;
      else {
        target = await sendChunk(transport, reference, target, chunk, size, options);
        progress?.(size + chunk.byteLength, undefined);
      }
      size += chunk.byteLength;
    }
    const digest = `sha256:${encodeHex(hash.digest())}`;
    await finishUpload(transport, reference, target, digest, last, options, size - last.byteLength);
    progress?.(size, size);
    return { digest, size };
  } catch (error) {
    await releaseSource(source);
    if (target !== undefined) await abandon(transport, reference, target, options);
    throw error;
  }
}

/** Take a blob over from another repository of the registry; whether that worked. */
export async function mountBlob(
  transport: Transport,
  reference: ImageReference,
  digest: string,
  from: string,
  options: CallOptions = {},
): Promise<boolean> {
  if (!isDigest(digest)) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest');
  const query = new URLSearchParams({ mount: digest, from });
  const response = await transport.send({
    ...options,
    reference,
    actions: 'pull,push',
    mountFrom: from,
    target: `blobs/uploads/?${query.toString()}`,
    init: { method: 'POST' },
  });
  await expectStatus(response, [201, 202]);
  await response.body?.cancel();
  if (response.status === 201) return true;
  await abandon(transport, reference, locationOf(transport, reference, response, options), options);
  return false;
}

async function startUpload(
  transport: Transport,
  reference: ImageReference,
  options: CallOptions,
): Promise<{ target: URL; minimum: number }> {
  const call = {
    ...options,
    reference,
    actions: 'pull,push',
    target: 'blobs/uploads/',
    init: { method: 'POST' },
  };
  const response = await expectStatus(await transport.send(call), [202]);
  await response.body?.cancel();
  const minimum = Number(response.headers.get('oci-chunk-min-length') ?? 0);
  return {
    target: locationOf(transport, reference, response, options),
    minimum: minimum > 0 && minimum <= MAX_BLOB ? Math.ceil(minimum) : 0,
  };
}

/** Not made again as it is: a registry that took a part and lost its answer, or wants another part, is asked what it has. */
async function sendChunk(
  transport: Transport,
  reference: ImageReference,
  target: URL,
  chunk: Bytes,
  offset: number,
  options: CallOptions,
): Promise<URL> {
  const base = { ...options, reference, actions: 'pull,push' };
  const send = async (to: URL, bytes: Bytes, from: number): Promise<Response> => {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-range': `${from}-${from + bytes.byteLength - 1}`,
    };
    const init = { method: 'PATCH', headers, body: bytes };
    return expectStatus(await transport.send({ ...base, target: to, init, repeatable: false }), [202, 204]);
  };
  let response: Response;
  try {
    response = await send(target, chunk, offset);
  } catch (error) {
    if (!(error instanceof OciError) || !(isPassing(error) || error.status === 416)) throw error;
    response = await transport.send({ ...base, target });
    if (response.status !== 204 && response.status !== 202) throw error;
    const said = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1] ?? -1) + 1;
    const has = offset === 0 && said <= 1 ? 0 : said; // nothing and one byte are told alike
    const rest = copyBytes(chunk.subarray(Math.max(0, has - offset)));
    if (has < offset || has > offset + chunk.byteLength) throw error;
    if (rest.byteLength > 0) {
      const now = response.headers.has('location')
        ? locationOf(transport, reference, response, options)
        : target;
      await response.body?.cancel();
      response = await send(now, rest, has);
    }
  }
  await response.body?.cancel();
  return locationOf(transport, reference, response, options);
}

async function finishUpload(
  transport: Transport,
  reference: ImageReference,
  target: URL,
  digest: string,
  bytes: Bytes,
  options: CallOptions,
  offset = 0,
): Promise<void> {
  const url = new URL(target);
  // what stands in the address already may be signed, and is left to the letter
  url.search += `${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const range =
    offset === 0 || bytes.byteLength === 0
      ? {}
      : { 'content-range': `${offset}-${offset + bytes.byteLength - 1}` };
  const init = {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', ...range },
    body: bytes,
  };
  const call = { ...options, reference, actions: 'pull,push', target: url, init, repeatable: offset === 0 };
  try {
    const response = await expectStatus(await transport.send(call), [201, 204]);
    await response.body?.cancel();
  } catch (error) {
    // an answer that was lost: there is no such upload any more, because there is the blob
    const mayBeThere = error instanceof OciError && (isPassing(error) || error.status === 404);
    if (!mayBeThere || !(await hasBlob(transport, reference, digest, 'pull,push', options))) throw error;
  }
}

/** Tell the registry to forget what was uploaded. It may not care, and it may be why there is nothing to finish. */
async function abandon(
  transport: Transport,
  reference: ImageReference,
  target: URL,
  { insecure }: CallOptions, // and not the signal, which may be why
): Promise<void> {
  try {
    const init = { method: 'DELETE' };
    const response = await transport.send({
      ...(insecure === undefined ? {} : { insecure }),
      reference,
      actions: 'pull,push',
      target,
      init,
      repeatable: false,
    });
    await response.body?.cancel();
  } catch {
    // the failure that led here is the one to tell
  }
}

function locationOf(
  transport: Transport,
  reference: ImageReference,
  response: Response,
  options: CallOptions,
): URL {
  const location = response.headers.get('location');
  const home = transport.urlOf({ ...options, reference }, 'blobs/uploads/');
  if (location === null || !URL.canParse(location, home.href))
    throw new OciError('ERR_OCI_REGISTRY', 'the registry gave no place to upload to');
  const url = new URL(location, home);
  if (url.protocol === 'https:' || url.protocol === home.protocol) return url;
  throw new OciError('ERR_OCI_DENIED', 'the registry gave a place to upload to that is without TLS');
}

/** Parts of one size, the last of them shorter. */
async function* cut(
  source: ByteSource,
  size: number,
): AsyncGenerator<{ chunk: Bytes; final: boolean }, void, void> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(source)) {
    let rest = chunk;
    while (length + rest.byteLength > size) {
      const fits = rest.subarray(0, size - length);
      yield { chunk: joinBytes([...kept, fits]), final: false };
      rest = rest.subarray(fits.byteLength);
      kept = [];
      length = 0;
    }
    kept.push(copyBytes(rest));
    length += rest.byteLength;
  }
  yield { chunk: joinBytes(kept), final: true };
}

function isPassing({ code, status }: OciError): boolean {
  return (
    code === 'ERR_OCI_REGISTRY' && (status === undefined || status >= 500 || status === 408 || status === 429)
  );
}

const CHUNK = 8 << 20;
const MAX_BLOB = 64 << 20;
const MAX_STREAM = 2 ** 36;
