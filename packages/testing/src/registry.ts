import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { failure } from './registry-errors.js';
import { createUploads } from './registry-uploads.js';

/** How the registry behaves. */
export interface RegistryOptions {
  /** Whether it has the referrers API of OCI 1.1. Default `true`. */
  readonly referrers?: boolean;
  /** Whether manifests have an `ETag`, and `If-Match` and `If-None-Match` are respected when they are put. Default `true`. */
  readonly conditions?: boolean;
  /** Answers in place of the registry, to ask for credentials or to misbehave; `undefined` lets the request pass. */
  readonly intercept?: (request: Request) => Response | undefined;
}

/** An OCI registry in memory (distribution specification 1.1). */
export interface Registry {
  /** Answer a request. */
  fetch(request: Request): Promise<Response>;
  /** `METHOD path` of each request so far. */
  readonly requests: string[];
  /** Blobs and manifests of a repository, by digest; tags, by name. */
  repository(name: string): Repository;
}

/** What a repository holds. */
export interface Repository {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, Manifest>;
  readonly tags: Map<string, string>;
}

interface Manifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/**
 * Make an empty registry.
 *
 * @param options - referrers API, interception
 */
export function createRegistry(options: RegistryOptions = {}): Registry {
  const repositories = new Map<string, Repository>();
  const requests: string[] = [];
  const uploads = createUploads();
  const repository = (name: string): Repository => {
    const found = repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    repositories.set(name, found);
    return found;
  };
  const answer = async (request: Request, url: URL): Promise<Response> => {
    if (url.pathname === '/v2/') return Response.json({});
    const [, name, kind, rest] = ROUTE.exec(url.pathname) ?? [];
    if (name === undefined || kind === undefined || rest === undefined) return failure(404, 'NAME_INVALID');
    const held = repository(name);
    if (kind === 'tags')
      return request.method === 'GET' ? tagList(name, held, url) : failure(405, 'UNSUPPORTED');
    if (kind === 'referrers')
      return options.referrers === false ? failure(404, 'UNSUPPORTED') : referrers(held, rest, url);
    if (kind === 'manifests') return manifests(request, name, held, rest, options);
    if (rest === 'uploads' || rest.startsWith('uploads/'))
      return uploads(request, url, name, held, (from) => repository(from));
    return blobs(request, held, rest);
  };
  return {
    requests,
    repository,
    fetch: async (request) => {
      const url = new URL(request.url);
      requests.push(`${request.method} ${url.pathname}`);
      const response = options.intercept?.(request) ?? (await answer(request, url));
      return request.method === 'HEAD' ? new Response(null, response) : response;
    },
  };
}

function blobs(request: Request, held: Repository, name: string): Response {
  const bytes = held.blobs.get(name);
  if (bytes === undefined) return failure(404, 'BLOB_UNKNOWN');
  if (request.method === 'DELETE') {
    held.blobs.delete(name);
    return new Response(null, { status: 202 });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'UNSUPPORTED');
  return content(bytes, 'application/octet-stream', name);
}

async function manifests(
  request: Request,
  name: string,
  held: Repository,
  reference: string,
  options: RegistryOptions,
): Promise<Response> {
  if (request.method === 'PUT') return putManifest(request, name, held, reference, options);
  const byDigest = reference.includes(':');
  const found = byDigest ? reference : held.tags.get(reference);
  const manifest = found === undefined ? undefined : held.manifests.get(found);
  if (found === undefined || manifest === undefined) return failure(404, 'MANIFEST_UNKNOWN');
  if (request.method === 'DELETE') {
    if (byDigest) held.manifests.delete(found);
    for (const [tag, target] of held.tags)
      if (byDigest ? target === found : tag === reference) held.tags.delete(tag);
    return new Response(null, { status: 202 });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'UNSUPPORTED');
  const response = content(manifest.bytes, manifest.mediaType, found);
  if (options.conditions !== false) response.headers.set('etag', `"${found}"`);
  return response;
}

async function putManifest(
  request: Request,
  name: string,
  held: Repository,
  reference: string,
  options: RegistryOptions,
): Promise<Response> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const current = held.tags.get(reference);
  const wanted = request.headers.get('if-match');
  const taken = request.headers.get('if-none-match') === '*' && current !== undefined;
  if (options.conditions !== false && (taken || (wanted !== null && wanted !== `"${current}"`)))
    return failure(412, 'DENIED');
  const json = readManifest(bytes);
  if (json === undefined) return failure(400, 'MANIFEST_INVALID');
  const actual = sha256(bytes);
  if (reference.includes(':') && reference !== actual) return failure(400, 'DIGEST_INVALID');
  const layers = Array.isArray(json['layers']) ? json['layers'] : [];
  const missing = [json['config'], ...layers].find(
    (item) => isJsonObject(item) && !held.blobs.has(String(item['digest'])),
  );
  if (missing !== undefined) return failure(404, 'MANIFEST_BLOB_UNKNOWN');
  const mediaType = request.headers.get('content-type') ?? 'application/vnd.oci.image.manifest.v1+json';
  held.manifests.set(actual, { bytes, mediaType });
  if (!reference.includes(':')) held.tags.set(reference, actual);
  const { subject } = json;
  const headers = new Headers({
    location: `/v2/${name}/manifests/${actual}`,
    'docker-content-digest': actual,
  });
  if (isJsonObject(subject) && options.referrers !== false)
    headers.set('oci-subject', String(subject['digest']));
  return new Response(null, { status: 201, headers });
}

function tagList(name: string, held: Repository, url: URL): Response {
  const last = url.searchParams.get('last') ?? '';
  const all = [...held.tags.keys()].sort().filter((tag) => tag > last);
  const count = Number(url.searchParams.get('n') ?? all.length);
  const tags = all.slice(0, count);
  const link = `</v2/${name}/tags/list?n=${count}&last=${tags.at(-1) ?? ''}>; rel="next"`;
  return Response.json({ name, tags }, { headers: tags.length < all.length ? { link } : {} });
}

function referrers(held: Repository, subject: string, url: URL): Response {
  const wanted = url.searchParams.get('artifactType');
  const found = [...held.manifests].flatMap(([name, { bytes, mediaType }]): JsonObject[] => {
    const json = readManifest(bytes) ?? {};
    const target = json['subject'];
    if (!isJsonObject(target) || target['digest'] !== subject) return [];
    const config = isJsonObject(json['config']) ? json['config']['mediaType'] : undefined;
    const artifactType: JsonValue = json['artifactType'] ?? config ?? '';
    const annotations = isJsonObject(json['annotations']) ? { annotations: json['annotations'] } : {};
    return [{ mediaType, digest: name, size: bytes.length, artifactType, ...annotations }];
  });
  const manifests = found.filter(({ artifactType }) => wanted === null || artifactType === wanted);
  const headers = new Headers({ 'content-type': 'application/vnd.oci.image.index.v1+json' });
  if (wanted !== null) headers.set('oci-filters-applied', 'artifactType');
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests };
  return new Response(JSON.stringify(index), { headers });
}

function content(bytes: Uint8Array, mediaType: string, name: string): Response {
  const headers = {
    'content-type': mediaType,
    'content-length': String(bytes.length),
    'docker-content-digest': name,
  };
  return new Response(bytes.slice(), { headers });
}

function readManifest(bytes: Uint8Array): JsonObject | undefined {
  try {
    const json = parseJson(bytes);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}

/** Repository, kind, the rest. */
const ROUTE = /^\/v2\/([a-z0-9/._-]{1,255})\/(manifests|blobs|tags|referrers)\/(.{1,300})$/;
