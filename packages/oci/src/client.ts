/**
 * A client of the OCI distribution specification 1.1.
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes, encodeHex, equalBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { answerChallenge } from './auth.js';
import type { RegistryCredentials } from './credentials.js';
import { OciError } from './errors.js';
import type { ImageReference } from './reference.js';

/** A manifest as a registry gave it. */
export interface RegistryManifest {
  /** Exactly as received. */
  readonly bytes: Bytes;
  /** Its media type. */
  readonly mediaType: string;
  /** `sha256:<hex>` of the bytes, computed here. */
  readonly digest: string;
}

/** How to reach registries. */
export interface RegistryClientOptions {
  /** Who carries requests. Default: the platform's `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Credentials for a registry, by its host and port; `undefined` asks without. Default: none. */
  readonly credentials?: (registry: string) => Promise<RegistryCredentials | undefined>;
  /** Registries to speak plain HTTP to. Loopback registries are spoken to in plain HTTP unless they are left out here. */
  readonly insecure?: (registry: string) => boolean;
}

/** Cap of a read. */
export interface BlobOptions {
  /** In bytes. Default 64 MiB. */
  readonly maxBytes?: number;
}

/** What a registry is asked. Every rejection is an {@link OciError}. */
export interface RegistryClient {
  /**
   * Get a manifest by digest, else by tag.
   *
   * @param reference - what to get; at most 4 MiB
   */
  getManifest(reference: ImageReference): Promise<RegistryManifest>;
  /**
   * Put a manifest under the tag of the reference, else under its own digest.
   *
   * @param reference - where to put it
   * @param bytes - the manifest
   * @param mediaType - its media type
   * @returns its digest
   */
  putManifest(reference: ImageReference, bytes: Uint8Array, mediaType: string): Promise<string>;
  /**
   * Get a blob, checked against its digest.
   *
   * @param reference - the repository
   * @param blobDigest - `sha256:<hex>`
   * @param options - cap
   */
  getBlob(reference: ImageReference, blobDigest: string, options?: BlobOptions): Promise<Bytes>;
  /**
   * Put a blob, unless the repository has it.
   *
   * @param reference - the repository
   * @param bytes - the blob
   * @returns its digest
   */
  putBlob(reference: ImageReference, bytes: Uint8Array): Promise<string>;
}

/**
 * Make a client. Tokens are remembered for as long as the client lives.
 *
 * @param options - how to reach registries
 */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const send = sender(options);
  return {
    getManifest: async (reference) => {
      const name = reference.digest ?? reference.tag ?? 'latest';
      const response = await send(reference, 'pull', `manifests/${name}`, { headers: { accept: ACCEPT } });
      const bytes = await body(expectStatus(response, 200), MAX_MANIFEST_BYTES);
      const found = sha256(bytes);
      if (reference.digest !== undefined) mustBe(bytes, reference.digest);
      return { bytes, mediaType: response.headers.get('content-type') ?? '', digest: found };
    },
    putManifest: async (reference, bytes, mediaType) => {
      const name = reference.tag ?? sha256(bytes);
      const init = { method: 'PUT', headers: { 'content-type': mediaType }, body: copyBytes(bytes) };
      expectStatus(await send(reference, 'pull,push', `manifests/${name}`, init), 201);
      return sha256(bytes);
    },
    getBlob: async (reference, blobDigest, { maxBytes = MAX_BLOB_BYTES } = {}) => {
      const response = await send(reference, 'pull', `blobs/${blobDigest}`, {});
      const bytes = await body(expectStatus(response, 200), maxBytes);
      mustBe(bytes, blobDigest);
      return bytes;
    },
    putBlob: async (reference, bytes) => {
      const name = sha256(bytes);
      const there = await send(reference, 'pull,push', `blobs/${name}`, { method: 'HEAD' });
      if (there.status === 200) return name;
      const started = await send(reference, 'pull,push', 'blobs/uploads/', { method: 'POST' });
      const location = expectStatus(started, 202).headers.get('location');
      if (location === null)
        throw new OciError('ERR_OCI_REGISTRY', 'the registry gave no place to upload to');
      const target = new URL(location, urlOf(reference, 'blobs/uploads/', options));
      target.searchParams.set('digest', name);
      const init = {
        method: 'PUT',
        headers: { 'content-type': 'application/octet-stream' },
        body: copyBytes(bytes),
      };
      expectStatus(await send(reference, 'pull,push', target, init), 201);
      return name;
    },
  };
}

type Send = (
  reference: ImageReference,
  actions: string,
  target: string | URL,
  init: RequestInit,
) => Promise<Response>;

/** One request, and once more with what the registry's challenge asks for. */
function sender(options: RegistryClientOptions): Send {
  const carry = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const remembered = new Map<string, string>();
  const once = async (
    url: string | URL,
    init: RequestInit,
    authorization: string | undefined,
  ): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (authorization !== undefined) headers.set('authorization', authorization);
    try {
      return await carry(new Request(url, { ...init, headers, redirect: 'follow' }));
    } catch (cause) {
      throw new OciError('ERR_OCI_REGISTRY', `the registry at ${new URL(url).host} could not be reached`, {
        cause,
      });
    }
  };
  const fetchToken = async (url: string, authorization: string | undefined): Promise<Bytes> =>
    body(expectStatus(await once(url, {}, authorization), 200), 1 << 20);
  return async (reference, actions, target, init) => {
    const url = typeof target === 'string' ? urlOf(reference, target, options) : target;
    const key = `${reference.registry}/${reference.repository} ${actions}`;
    const own = url.host === urlOf(reference, '', options).host;
    const response = await once(url, init, own ? remembered.get(key) : undefined);
    const challenge = response.headers.get('www-authenticate');
    // where an upload may be sent is another host at times: it gets no token, and no answer to a challenge
    if (response.status !== 401 || challenge === null || !own) return response;
    await response.body?.cancel();
    const credentials = await options.credentials?.(reference.registry);
    const scope = `repository:${reference.repository}:${actions}`;
    const authorization = await answerChallenge(challenge, scope, credentials, fetchToken);
    remembered.set(key, authorization);
    return once(url, init, authorization);
  };
}

function urlOf(reference: ImageReference, path: string, options: RegistryClientOptions): URL {
  const insecure = (options.insecure ?? isLoopback)(reference.registry);
  const host = reference.registry === 'docker.io' ? 'registry-1.docker.io' : reference.registry;
  return new URL(`${insecure ? 'http' : 'https'}://${host}/v2/${reference.repository}/${path}`);
}

function isLoopback(registry: string): boolean {
  const host = registry.split(':')[0] ?? '';
  return host === 'localhost' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

function expectStatus(response: Response, status: number): Response {
  if (response.status === status) return response;
  const found = response.status;
  const code =
    found === 404
      ? 'ERR_OCI_NOT_FOUND'
      : found === 401 || found === 403
        ? 'ERR_OCI_DENIED'
        : 'ERR_OCI_REGISTRY';
  throw new OciError(code, `the registry answered ${found} where ${status} was expected`, { status: found });
}

async function body(response: Response, maxBytes: number): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk === undefined || chunk.done) return concatBytes(...parts);
    size += chunk.value.byteLength;
    if (size > maxBytes) {
      await reader?.cancel();
      throw new OciError('ERR_OCI_SIZE', `the registry's answer is over ${maxBytes} bytes`);
    }
    parts.push(chunk.value);
  }
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}

function mustBe(bytes: Uint8Array, wanted: string): void {
  const algorithm = wanted.startsWith('sha512:') ? 'sha512' : 'sha256';
  const found = `${algorithm}:${encodeHex(digest(algorithm, bytes))}`;
  if (!equalBytes(encodeUtf8(found), encodeUtf8(wanted))) {
    throw new OciError('ERR_OCI_DIGEST', `expected ${wanted}, found ${found}`);
  }
}

const MAX_MANIFEST_BYTES = 4 << 20;
const MAX_BLOB_BYTES = 64 << 20;
const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');
