import { digest } from '@sealwright/crypto';

/** A registry in memory that speaks what the client speaks, and can be told to misbehave. */
export interface MemoryRegistry {
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, { bytes: Uint8Array; mediaType: string }>;
  /** `METHOD path` of each request, with whether it was authorised. */
  readonly requests: string[];
  /** When set, requests need this `authorization`, and are challenged with `challenge`. */
  access?: { challenge: string; authorization: string };
  fetch(request: Request): Promise<Response>;
}

export function memoryRegistry(): MemoryRegistry {
  const hash = (bytes: Uint8Array): string =>
    `sha256:${Array.from(digest('sha256', bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  const registry: MemoryRegistry = {
    blobs: new Map(),
    manifests: new Map(),
    requests: [],
    fetch: async (request) => {
      const url = new URL(request.url);
      registry.requests.push(`${request.method} ${url.pathname}`);
      if (url.pathname === '/token') {
        const known = request.headers.get('authorization') === `Basic ${btoa('user:pass')}`;
        return known ? Response.json({ token: 'a-token' }) : new Response(null, { status: 401 });
      }
      const { access } = registry;
      if (access !== undefined && request.headers.get('authorization') !== access.authorization) {
        return new Response(null, { status: 401, headers: { 'www-authenticate': access.challenge } });
      }
      const [, kind, name] = /\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
      const body = new Uint8Array(await request.arrayBuffer());
      if (request.method === 'POST') {
        return new Response(null, { status: 202, headers: { location: `${url.pathname}session?state=1` } });
      }
      if (request.method === 'PUT' && kind === 'blobs') {
        registry.blobs.set(url.searchParams.get('digest') ?? '', body);
        return new Response(null, { status: 201 });
      }
      if (request.method === 'PUT') {
        const entry = { bytes: body, mediaType: request.headers.get('content-type') ?? '' };
        registry.manifests.set(name ?? '', entry).set(hash(body), entry);
        return new Response(null, { status: 201 });
      }
      const found =
        kind === 'blobs' ? registry.blobs.get(name ?? '') : registry.manifests.get(name ?? '')?.bytes;
      if (found === undefined) return new Response(null, { status: 404 });
      const mediaType = registry.manifests.get(name ?? '')?.mediaType ?? 'application/octet-stream';
      return new Response(request.method === 'HEAD' ? null : found.slice(), {
        headers: { 'content-type': mediaType },
      });
    },
  };
  return registry;
}
