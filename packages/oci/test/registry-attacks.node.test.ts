import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { constants, createZstdCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRegistryClient, decompressLayer, type ImageReference, parseReference } from '../src/index.js';
import { nodeGunzip, nodeZstd } from '../src/platform/node.js';
import { readAll } from './read-all.ts';

const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
const DIGEST = `sha256:${'0f'.repeat(32)}`;

/** A registry on loopback that does as it is told. */
async function attacker(listener: RequestListener): Promise<ImageReference> {
  const server = createServer(listener);
  return place(server);
}

async function place(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<ImageReference> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    if ('closeAllConnections' in server) (server as Server).closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return parseReference(`127.0.0.1:${port}/team/app:1`);
}

const client = createRegistryClient({ retry: { attempts: 2, baseMilliseconds: 1 } });
const calls: [string, (image: ImageReference) => Promise<unknown>][] = [
  ['getManifest', (image) => client.getManifest(image)],
  ['getBlob', (image) => client.getBlob(image, DIGEST)],
  ['openBlob', async (image) => readAll(await client.openBlob(image, DIGEST, { maxBytes: 8 << 20 }))],
  ['listTags', (image) => client.listTags(image)],
  ['listReferrers', (image) => client.listReferrers(image, DIGEST)],
  ['putBlob', (image) => client.putBlob(image, encodeUtf8('x'))],
];

describe.each(calls)('%s of a registry', (_, call) => {
  it('that sends it on without end is refused', async () => {
    let asked = 0;
    const image = await attacker((request, response) => {
      asked += 1;
      response.writeHead(307, { location: `${request.url?.split('?')[0] ?? ''}?${asked}` }).end();
    });
    await expect(call(image)).rejects.toThrow(code('ERR_OCI_REGISTRY'));
    expect(asked).toBeLessThan(100);
  });

  it('that asks for credentials again and again is refused', async () => {
    let asked = 0;
    const image = await attacker((request, response) => {
      asked += 1;
      if (request.url?.startsWith('/token') === true) {
        response.end(JSON.stringify({ token: `t${asked}` }));
        return;
      }
      const realm = `http://${request.headers.host ?? ''}/token`;
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end();
    });
    await expect(call(image)).rejects.toThrow(code('ERR_OCI_DENIED'));
    expect(asked).toBeLessThan(20);
  });

  it('whose pages never end, or whose answers grow for ever, is refused', async () => {
    let asked = 0;
    const part = ' '.repeat(1 << 20);
    const image = await attacker((request, response) => {
      asked += 1;
      const { url = '' } = request;
      if (request.method === 'HEAD') {
        response.writeHead(404).end();
        return;
      }
      if (/tags|referrers/.test(url)) {
        const body = url.includes('tags')
          ? { tags: [`t${asked}`] }
          : { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [] };
        const link = `<${url.split('?')[0] ?? ''}?page=${asked}>; rel="next"`;
        response.writeHead(200, { link, 'content-type': 'application/json' }).end(JSON.stringify(body));
        return;
      }
      const more = (): void => {
        while (!response.destroyed && response.write(part));
      };
      response.on('drain', more);
      more();
    });
    await expect(call(image)).rejects.toMatchObject({ name: 'OciError' });
    expect(asked).toBeLessThan(1100);
  }, 60_000);
});

describe('a registry that drips', () => {
  const impatient = createRegistryClient({ graceMilliseconds: 200, retry: { attempts: 2 } });

  it('headers is refused', async () => {
    const image = await place(
      createSocketServer((socket) => {
        socket.on('error', () => {});
        socket.write('HTTP/1.1 200 OK\r\n');
        const timer = setInterval(() => socket.write('x-more: 1\r\n'), 20);
        socket.on('close', () => clearInterval(timer));
      }) as unknown as Server,
    );
    await expect(impatient.getManifest(image)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
  });

  it('a body is refused', async () => {
    const image = await attacker((_, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    await expect(impatient.getManifest(image)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
    await expect(impatient.getBlob(image, DIGEST)).rejects.toThrow(code('ERR_OCI_TIMEOUT'));
  });
});

describe('a manifest of 100 MiB', () => {
  it('is not read', async () => {
    const part = Buffer.alloc(1 << 20, 0x20);
    for (const length of [100 << 20, undefined]) {
      let sent = 0;
      const image = await attacker((_, response) => {
        response.writeHead(200, length === undefined ? {} : { 'content-length': String(length) });
        const more = (): void => {
          while (sent < 100 << 20 && !response.destroyed) {
            sent += part.length;
            if (!response.write(part)) return;
          }
          response.end();
        };
        response.on('drain', more);
        more();
      });
      await expect(client.getManifest(image)).rejects.toThrow(code('ERR_OCI_SIZE'));
      expect(sent).toBeLessThan(100 << 20);
    }
  });
});

describe('layers in zstd', () => {
  const options = { decompressors: { zstd: nodeZstd, gzip: nodeGunzip } };

  it('are unpacked, compared with their digest, and refused where they are damaged', async () => {
    const archive = encodeUtf8('an archive '.repeat(5000));
    const packed = zstdCompressSync(archive);
    const diffId = `sha256:${encodeHex(digest('sha256', archive))}`;
    expect(await readAll(decompressLayer([packed], 'zstd', { ...options, diffId }))).toEqual(archive);
    for (const [bytes, id, expected] of [
      [packed, DIGEST, 'ERR_OCI_DIGEST'],
      [packed.subarray(0, -5), diffId, 'ERR_OCI_MEDIA_TYPE'],
      [archive, diffId, 'ERR_OCI_MEDIA_TYPE'],
    ] as const) {
      const refused = readAll(decompressLayer([bytes], 'zstd', { ...options, diffId: id }));
      await expect(refused).rejects.toThrow(code(expected));
    }
  });

  it.each(['zstd', 'gzip'] as const)('that are bombs of %s end at the cap', async (compression) => {
    const bomb =
      compression === 'zstd' ? await zstdBomb(1 << 30) : gzipSync(Buffer.alloc(256 << 20), { level: 9 });
    expect(bomb.byteLength).toBeLessThan(1 << 20);
    for (const given of compression === 'gzip' ? [options, {}] : [options]) {
      let read = 0;
      const reader = decompressLayer([bomb], compression, { ...given, maxBytes: 8 << 20 }).getReader();
      const all = async (): Promise<void> => {
        for (let part = await reader.read(); !part.done; part = await reader.read())
          read += part.value.byteLength;
      };
      await expect(all()).rejects.toThrow(code('ERR_OCI_SIZE'));
      expect(read).toBeLessThanOrEqual(8 << 20);
    }
  });
});

/** Zeros, which zstd packs into almost nothing. */
async function zstdBomb(size: number): Promise<Uint8Array> {
  const packer = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const parts: Buffer[] = [];
  packer.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise((resolve) => packer.on('end', resolve));
  const zeros = Buffer.alloc(16 << 20);
  for (let done = 0; done < size; done += zeros.length)
    await new Promise((resolve) => packer.write(zeros, resolve));
  packer.end();
  await ended;
  return Buffer.concat(parts);
}
