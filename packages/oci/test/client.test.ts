import { createRegistry, type Registry } from '@sealwright/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRegistryClient, OciError, parseReference, type RegistryClient } from '../src/index.js';

const IMAGE = parseReference('registry.example:5000/team/app:1');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const code = (expected: string, status?: number) =>
  expect.objectContaining(status === undefined ? { code: expected } : { code: expected, status });

let registry: Registry;
let client: RegistryClient;
/** When set, requests need this `authorization`, and are challenged with `challenge`. */
let access: { readonly challenge: string; readonly authorization: string } | undefined;

beforeEach(() => {
  access = undefined;
  registry = createRegistry({ intercept: authorize });
  client = createRegistryClient({ fetch: registry.fetch });
});

describe('a registry client', () => {
  it('puts and gets blobs and manifests', async () => {
    const blob = await client.putBlob(IMAGE, bytes('blob'));
    expect(await client.getBlob(IMAGE, blob)).toEqual(bytes('blob'));
    const digest = await client.putManifest(IMAGE, bytes('{}'), MANIFEST);
    const manifest = await client.getManifest(IMAGE);
    expect(manifest).toEqual({ bytes: bytes('{}'), mediaType: MANIFEST, digest, etag: `"${digest}"` });
    expect(await client.getManifest({ ...IMAGE, digest })).toEqual(manifest);
  });

  it('uploads a blob once', async () => {
    await client.putBlob(IMAGE, bytes('blob'));
    registry.requests.length = 0;
    await client.putBlob(IMAGE, bytes('blob'));
    expect(registry.requests.map((line) => line.split(' ')[0])).toEqual(['HEAD']);
  });

  it('believes no byte whose digest is another', async () => {
    const digest = await client.putBlob(IMAGE, bytes('blob'));
    registry.repository(IMAGE.repository).blobs.set(digest, bytes('blub'));
    await expect(client.getBlob(IMAGE, digest)).rejects.toThrow(code('ERR_OCI_DIGEST'));
    const manifest = await client.putManifest(IMAGE, bytes('{}'), MANIFEST);
    registry
      .repository(IMAGE.repository)
      .manifests.set(manifest, { bytes: bytes('[]'), mediaType: MANIFEST });
    await expect(client.getManifest({ ...IMAGE, digest: manifest })).rejects.toThrow(code('ERR_OCI_DIGEST'));
  });

  it('stops at the cap', async () => {
    const digest = await client.putBlob(IMAGE, bytes('four'));
    await expect(client.getBlob(IMAGE, digest, { maxBytes: 3 })).rejects.toThrow(code('ERR_OCI_SIZE'));
  });

  it('says what is not there, and what cannot be reached', async () => {
    await expect(client.getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_NOT_FOUND', 404));
    const down = createRegistryClient({ fetch: async () => Promise.reject(new TypeError('refused')) });
    await expect(down.getManifest(IMAGE)).rejects.toThrow(
      'the registry at registry.example:5000 could not be reached',
    );
    const odd = createRegistryClient({ fetch: async () => new Response(null, { status: 500 }) });
    await expect(odd.putManifest(IMAGE, bytes(''), MANIFEST)).rejects.toThrow(code('ERR_OCI_REGISTRY', 500));
  });

  it('answers a challenge for a token, and remembers the token', async () => {
    access = {
      challenge: 'Bearer realm="https://auth.example/token",service="registry.example"',
      authorization: 'Bearer a-token',
    };
    const known = createRegistryClient({
      fetch: registry.fetch,
      credentials: async () => ({ username: 'user', password: 'pass' }),
    });
    await known.putManifest(IMAGE, bytes('{}'), MANIFEST);
    await known.putManifest(IMAGE, bytes('{}'), MANIFEST);
    expect(registry.requests.filter((line) => line === 'GET /token')).toHaveLength(1);
    await expect(client.getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_DENIED', 401));
  });

  it('answers a challenge for a password, and never shows it', async () => {
    access = { challenge: 'Basic realm="registry"', authorization: `Basic ${btoa('user:pass')}` };
    const withPassword = (password: string) =>
      createRegistryClient({
        fetch: registry.fetch,
        credentials: async () => ({ username: 'user', password }),
      });
    await withPassword('pass').putManifest(IMAGE, bytes('{}'), MANIFEST);
    const error = await withPassword('hunter2')
      .getManifest(IMAGE)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(OciError);
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
    await expect(client.getManifest(IMAGE)).rejects.toThrow(code('ERR_OCI_DENIED', 401));
  });

  it('gives another host that uploads are sent to neither token nor password', async () => {
    const seen: (string | null)[] = [];
    const elsewhere = createRegistryClient({
      credentials: async () => ({ username: 'user', password: 'pass' }),
      fetch: async (request) => {
        if (new URL(request.url).host === 'evil.example') {
          seen.push(request.headers.get('authorization'));
          return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } });
        }
        const headers = { location: 'https://evil.example/upload' };
        return new Response(null, request.method === 'POST' ? { status: 202, headers } : { status: 404 });
      },
    });
    await expect(elsewhere.putBlob(IMAGE, bytes('blob'))).rejects.toThrow(code('ERR_OCI_DENIED', 401));
    expect([...new Set(seen)]).toEqual([null]);
  });

  it('speaks plain HTTP to loopback only, unless told otherwise', async () => {
    const urls: string[] = [];
    const options = { fetch: async (request: Request) => (urls.push(request.url), new Response('{}')) };
    for (const text of ['127.0.0.1:5000/a', 'localhost/a', '127.0.0.1.evil.example/a', 'a']) {
      await createRegistryClient(options).getManifest(parseReference(text));
    }
    await createRegistryClient({ ...options, insecure: () => true }).getManifest(
      parseReference('reg.example/a'),
    );
    expect(urls.map((url) => new URL(url).origin)).toEqual([
      'http://127.0.0.1:5000',
      'http://localhost',
      'https://127.0.0.1.evil.example',
      'https://registry-1.docker.io',
      'http://reg.example',
    ]);
  });
});

/** A token for who knows the password, and nothing without what {@link access} asks for. */
function authorize(request: Request): Response | undefined {
  const authorization = request.headers.get('authorization');
  if (new URL(request.url).pathname === '/token') {
    const known = authorization === `Basic ${btoa('user:pass')}`;
    return known ? Response.json({ token: 'a-token' }) : new Response(null, { status: 401 });
  }
  if (access === undefined || authorization === access.authorization) return undefined;
  return new Response(null, { status: 401, headers: { 'www-authenticate': access.challenge } });
}
