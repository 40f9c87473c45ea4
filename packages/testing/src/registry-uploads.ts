import { concatBytes, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Repository } from './registry.js';
import { failure } from './registry-errors.js';

/** Answers requests below `blobs/uploads/`. */
export type Uploads = (
  request: Request,
  url: URL,
  name: string,
  held: Repository,
  other: (name: string) => Repository,
) => Promise<Response>;

/** Uploads under way: at once, in chunks, or mounted from another repository. */
export function createUploads(): Uploads {
  const sessions = new Map<string, Uint8Array>();
  let count = 0;
  return async (request, url, name, held, other) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const wanted = url.searchParams.get('digest');
    if (request.method === 'POST') {
      const mounted = url.searchParams.get('mount');
      const source =
        mounted === null ? undefined : other(url.searchParams.get('from') ?? '').blobs.get(mounted);
      if (mounted !== null && source !== undefined) return stored(name, held, mounted, source);
      if (wanted !== null) return stored(name, held, wanted, body);
      count += 1;
      sessions.set(String(count), new Uint8Array());
      return accepted(name, String(count), 0);
    }
    const session = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const sofar = sessions.get(session);
    if (sofar === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN');
    if (request.method === 'DELETE') {
      sessions.delete(session);
      return new Response(null, { status: 204 });
    }
    const range = request.headers.get('content-range');
    if (range !== null && !range.startsWith(`${sofar.length}-`)) return failure(416, 'BLOB_UPLOAD_INVALID');
    const bytes = concatBytes(sofar, body);
    sessions.set(session, bytes);
    if (request.method !== 'PUT') return accepted(name, session, bytes.length);
    sessions.delete(session);
    return stored(name, held, wanted ?? '', bytes);
  };
}

function stored(name: string, held: Repository, wanted: string, bytes: Uint8Array): Response {
  const [algorithm] = wanted.split(':');
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return failure(400, 'DIGEST_INVALID');
  if (`${algorithm}:${encodeHex(digest(algorithm, bytes))}` !== wanted) return failure(400, 'DIGEST_INVALID');
  held.blobs.set(wanted, bytes);
  const headers = { location: `/v2/${name}/blobs/${wanted}`, 'docker-content-digest': wanted };
  return new Response(null, { status: 201, headers });
}

function accepted(name: string, session: string, size: number): Response {
  const headers = { location: `/v2/${name}/blobs/uploads/${session}`, range: `0-${Math.max(size - 1, 0)}` };
  return new Response(null, { status: 202, headers });
}
