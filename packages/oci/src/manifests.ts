/**
 * Manifests, up and down.
 *
 * @module
 */
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { readBody } from './body.js';
import { mustBe, sha256 } from './content.js';
import { OciError } from './errors.js';
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from './media-types.js';
import type { ImageReference } from './reference.js';
import { type CallOptions, expectStatus, type Transport } from './transport.js';

/** A manifest as a registry gave it. */
export interface RegistryManifest {
  /** Exactly as received. */
  readonly bytes: Bytes;
  /** Its media type, as the registry has it; the bytes say it with more authority. */
  readonly mediaType: string;
  /** `sha256:<hex>` of the bytes, computed here. */
  readonly digest: string;
  /** What to give back as `ifMatch`, where the registry gives such a thing. */
  readonly etag?: string;
}

/** How to get a manifest. */
export interface GetManifestOptions extends CallOptions {
  /** In bytes. Default 4 MiB. */
  readonly maxBytes?: number;
}

/** How to put a manifest. */
export interface PutManifestOptions extends CallOptions {
  /** Only in place of what has this `etag`. Registries that do not know conditions write in any case. */
  readonly ifMatch?: string | undefined;
  /** Only where there is nothing yet. Registries that do not know conditions write in any case. */
  readonly onlyIfAbsent?: boolean;
}

/** A manifest that was written. */
export interface WrittenManifest {
  /** `sha256:<hex>` of it. */
  readonly digest: string;
  /** The subject under which the registry lists it by itself; `undefined` where it does not. */
  readonly subject: string | undefined;
}

/** Get a manifest by digest, else by tag. */
export async function getManifest(
  transport: Transport,
  reference: ImageReference,
  options: GetManifestOptions = {},
): Promise<RegistryManifest> {
  const name = reference.digest ?? reference.tag ?? 'latest';
  const init = { headers: { accept: ACCEPT } };
  const call = { ...options, reference, actions: 'pull', target: `manifests/${name}`, init };
  const response = await expectStatus(await transport.send(call), [200]);
  const bytes = await readBody(response, transport.limits(options.maxBytes ?? MAX_MANIFEST, options.signal));
  if (reference.digest !== undefined) mustBe(bytes, reference.digest);
  const etag = response.headers.get('etag');
  return {
    bytes,
    mediaType: response.headers.get('content-type') ?? '',
    digest: sha256(bytes),
    ...(etag === null ? {} : { etag }),
  };
}

/** The same, `undefined` where there is none. */
export async function findManifest(
  transport: Transport,
  reference: ImageReference,
  options: GetManifestOptions,
): Promise<RegistryManifest | undefined> {
  try {
    return await getManifest(transport, reference, options);
  } catch (error) {
    if (error instanceof OciError && error.code === 'ERR_OCI_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Put a manifest under the tag of the reference, else under its own digest. Registries on file systems do not see a blob while another
 * writer puts the same one: then they are asked again.
 */
export async function putManifest(
  transport: Transport,
  reference: ImageReference,
  bytes: Uint8Array,
  mediaType: string,
  options: PutManifestOptions = {},
): Promise<WrittenManifest> {
  const digest = sha256(bytes);
  const condition = {
    ...(options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch }),
    ...(options.onlyIfAbsent === true ? { 'if-none-match': '*' } : {}),
  };
  const headers = { 'content-type': mediaType, ...condition };
  const init = { method: 'PUT', headers, body: copyBytes(bytes) };
  // a write with a condition that was made and whose answer was lost would fail the second time
  const repeatable = Object.keys(condition).length === 0;
  const target = `manifests/${reference.tag ?? digest}`;
  const call = { ...options, reference, actions: 'pull,push', target, init, repeatable };
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await expectStatus(await transport.send(call), [201]);
      await response.body?.cancel();
      return { digest, subject: response.headers.get('oci-subject') ?? undefined };
    } catch (error) {
      const isUnsettled = error instanceof OciError && error.reasons.includes('MANIFEST_BLOB_UNKNOWN');
      if (!isUnsettled || attempt === SETTLINGS) throw error;
      await transport.clock.sleep(SETTLING * 2 ** attempt * (0.5 + transport.random()), options.signal);
    }
  }
}

/** Delete a manifest by its digest, or a tag. */
export async function deleteManifest(
  transport: Transport,
  reference: ImageReference,
  options: CallOptions = {},
): Promise<void> {
  const name = reference.digest ?? reference.tag;
  if (name === undefined) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest or a tag to delete');
  const init = { method: 'DELETE' };
  const target = `manifests/${name}`;
  const gone = [200, 202];
  // the first answer may have been lost: then there is no such thing any more
  const repeated = (): void => void gone.push(404);
  const call = { ...options, reference, actions: 'pull,push,delete', target, init, repeated };
  const response = await transport.send(call);
  await (await expectStatus(response, gone)).body?.cancel();
}

const MAX_MANIFEST = 4 << 20;
/** How often a blob that was put may not be seen. */
const SETTLINGS = 5;
/** Milliseconds. */
const SETTLING = 20;
const ACCEPT = [OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_INDEX].join(', ');
