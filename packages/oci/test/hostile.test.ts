import { encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createRegistryClient,
  encodeManifest,
  EMPTY_DESCRIPTOR,
  OCI_MANIFEST,
  OciError,
  parseReference,
  type RegistryClient,
} from '../src/index.js';
import { readAll } from './read-all.ts';

const DIGEST = `sha256:${'0f'.repeat(32)}`;
const IMAGE = { ...parseReference('registry.example/team/app:1'), digest: DIGEST };
const referrer = encodeManifest({
  mediaType: OCI_MANIFEST,
  config: EMPTY_DESCRIPTOR,
  layers: [],
  subject: { mediaType: OCI_MANIFEST, digest: DIGEST, size: 1 },
});
const calls: ((client: RegistryClient) => Promise<unknown>)[] = [
  (client) => client.getManifest(IMAGE),
  (client) => client.putManifest(IMAGE, encodeUtf8('{}'), OCI_MANIFEST),
  (client) => client.deleteManifest(IMAGE),
  (client) => client.listTags(IMAGE),
  (client) => client.getBlob(IMAGE, DIGEST),
  async (client) => readAll(await client.openBlob(IMAGE, DIGEST)),
  (client) => client.putBlob(IMAGE, encodeUtf8('blob')),
  (client) => client.uploadBlob(IMAGE, [new Uint8Array(9)], { chunkBytes: 4 }),
  (client) => client.mountBlob(IMAGE, DIGEST, 'other'),
  (client) => client.listReferrers(IMAGE, DIGEST, { artifactType: 'text/plain' }),
  (client) => client.attachReferrer(IMAGE, referrer, { attempts: 2 }),
];

const headers = fc.record(
  {
    location: fc.constantFrom('/v2/x', 'http://[', '', 'https://evil.example/x', '//', 'data:,x'),
    link: fc.constantFrom('<>; rel="next"', '</v2/next>; rel="next"', '<http://[>; rel="next"', 'x'),
    range: fc.constantFrom('0-3', '0-', '-', 'bytes=0-99999999999999999'),
    etag: fc.constantFrom('"a"', '', 'W/"b"'),
    'content-length': fc.constantFrom('0', '-1', 'x', '99999999999'),
    'content-type': fc.constantFrom('application/json', 'text/html', ''),
    'retry-after': fc.constantFrom('1', 'x', '-1', 'Infinity'),
    'www-authenticate': fc.constantFrom(
      'Basic',
      'Bearer realm="https://auth.example/t",scope="x"',
      'Bearer realm="::"',
      'Bearer realm=',
      ', ,=',
    ),
    'oci-subject': fc.constantFrom(DIGEST, 'x'),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '[]',
    'null',
    '{"errors":[{"code":"DENIED"}]}',
    '{"token":"t"}',
    '{"tags":["a"]}',
  ),
  fc.constantFrom(
    `{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"${DIGEST}","size":1}]}`,
    '{"schemaVersion":2,"manifests":{}}',
    '{"tags":[1]}',
    '{"tags":null}',
  ),
  fc.string(),
);
const status = fc.constantFrom(
  200,
  201,
  202,
  204,
  206,
  307,
  400,
  401,
  403,
  404,
  405,
  412,
  416,
  429,
  500,
  503,
);
const answer = fc.record({ status, headers, body, fails: fc.boolean() });

describe('a registry that answers anything at all', () => {
  it('gets every call to an end: a result, or an OciError', async () => {
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...calls),
        fc.array(answer, { minLength: 1, maxLength: 6 }),
        async (call, answers) => {
          let asked = 0;
          let outcome = 'done';
          const told = new Set<string>();
          const client = createRegistryClient({
            clock: {
              now: () => 0,
              // waits are over at once, unless somebody else settles the matter first
              sleep: (milliseconds, signal) =>
                new Promise((resolve, reject) => {
                  if (milliseconds < 29_000) setTimeout(resolve, 0);
                  signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
                }),
            },
            retry: { attempts: 2, maxMilliseconds: 10 },
            credentials: async () => ({ username: 'u', password: 'p' }),
            fetch: async (request) => {
              if (request.headers.has('authorization')) told.add(new URL(request.url).origin);
              const given = answers[asked % answers.length];
              asked += 1;
              if (given === undefined || (given.fails && asked % 3 === 0)) throw new TypeError('reset');
              const empty = given.status === 204 || request.method === 'HEAD';
              return new Response(empty ? null : given.body, {
                status: given.status,
                headers: { ...given.headers },
              });
            },
          });
          try {
            await call(client);
          } catch (error) {
            expect(error).toBeInstanceOf(OciError);
            outcome = error instanceof OciError ? error.code : '';
          }
          expect(asked).toBeLessThan(2100);
          for (const origin of told)
            expect(['https://registry.example', 'https://auth.example']).toContain(origin);
          outcomes.add(outcome);
        },
      ),
      { numRuns: 2000, seed: 17 },
    );
    const some = ['ERR_OCI_DENIED', 'ERR_OCI_DIGEST', 'ERR_OCI_REGISTRY', 'done'];
    for (const each of some) expect(outcomes).toContain(each);
  }, 60_000);
});

describe('an answer in ever so many pieces', () => {
  const PIECES = 150_000; // more than a call takes arguments

  it('is read whole, byte by byte', async () => {
    const text = `{"schemaVersion":2,"layers":[]${' '.repeat(PIECES)}}`;
    const letters = encodeUtf8(text);
    const sliced = (): Response => {
      let at = 0;
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
        if (at === letters.byteLength) controller.close();
        else controller.enqueue(letters.subarray(at, (at += 1)));
      };
      return new Response(new ReadableStream({ pull }), { headers: { 'content-type': OCI_MANIFEST } });
    };
    const client = createRegistryClient({ fetch: async () => sliced() });
    const { bytes } = await client.getManifest(parseReference('registry.example/team/app:1'));
    expect(bytes).toEqual(letters);
  });

  it('may have more tags than a call takes arguments', async () => {
    const tags = Array.from({ length: 300_000 }, (_, index) => `t${index}`);
    const client = createRegistryClient({ fetch: async () => Response.json({ tags }) });
    await expect(client.listTags(IMAGE)).rejects.toThrow(expect.objectContaining({ code: 'ERR_OCI_SIZE' }));
  });
});
