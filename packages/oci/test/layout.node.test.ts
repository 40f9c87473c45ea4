import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8 } from '@sealwright/bytes';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decryptLayer, encryptLayer, kbsOpener, kbsSealer } from '../src/encryption/index.js';
import { decompressLayer, EMPTY_DESCRIPTOR, encodeManifest, OCI_MANIFEST, openLayout } from '../src/index.js';
import { directoryFiles, fileSpool, nodeGunzip } from '../src/platform/node.js';
import { readAll } from './read-all.ts';

const code = (expected: string) => expect.objectContaining({ name: 'OciError', code: expected });
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealwright-layout-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('an image layout in a folder', () => {
  it('keeps blobs by digest and manifests by name', async () => {
    const layout = await openLayout(directoryFiles(join(folder, 'a', 'b')));
    expect((await layout.index()).manifests).toEqual([]);
    const blob = await layout.writeBlob([encodeUtf8('a blob '), encodeUtf8('in parts')]);
    expect(new TextDecoder().decode(await layout.readBlob(blob))).toBe('a blob in parts');
    expect(await readAll(await layout.openBlob(blob))).toEqual(encodeUtf8('a blob in parts'));
    const manifest = (name: string) =>
      encodeManifest({
        mediaType: OCI_MANIFEST,
        config: EMPTY_DESCRIPTOR,
        layers: [],
        annotations: { name },
      });
    const one = await layout.writeManifest(manifest('one'), OCI_MANIFEST, 'v1');
    expect(await layout.find('v1')).toEqual(one);
    expect(await layout.find()).toEqual(one);
    const two = await layout.writeManifest(manifest('two'), OCI_MANIFEST, 'v1');
    await layout.writeManifest(manifest('three'), OCI_MANIFEST);
    await layout.writeManifest(manifest('three'), OCI_MANIFEST);
    expect(await layout.find('v1')).toEqual(two);
    expect((await layout.index()).manifests).toHaveLength(2);
    await expect(layout.find()).rejects.toThrow('expected one manifest, found 2');
    await expect(layout.find('v2')).rejects.toThrow(code('ERR_OCI_NOT_FOUND'));
    const again = await openLayout(directoryFiles(join(folder, 'a', 'b')));
    expect(await again.find('v1')).toEqual(two);
    expect((await readdir(join(folder, 'a', 'b'))).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
    expect((await readdir(join(folder, 'a', 'b', 'blobs'))).sort()).toEqual(['sha256']);
  });

  it('is not read where it has something else than files', async () => {
    const layout = await openLayout(directoryFiles(folder));
    const { digest } = await layout.writeBlob([encodeUtf8('a blob')]);
    await rm(join(folder, 'blobs', digest.replace(':', '/')));
    execFileSync('mkfifo', [join(folder, 'blobs', digest.replace(':', '/'))]);
    await expect(layout.readBlob({ digest })).rejects.toThrow(code('ERR_OCI_LAYOUT'));
    await expect(layout.openBlob({ digest })).rejects.toThrow(code('ERR_OCI_LAYOUT'));
  });

  it('is whole whoever else writes to it', async () => {
    const long = (letter: string): Uint8Array[] =>
      Array.from({ length: 50 }, () => encodeUtf8(letter.repeat(1000)));
    const [one, other] = [directoryFiles(folder), directoryFiles(folder)];
    await Promise.all([
      one.write('index.json', long('a')),
      other.write('index.json', long('b')),
      one.write('index.json', long('c')),
    ]);
    const found = await readFile(join(folder, 'index.json'), 'utf8');
    expect([found.length, new Set(found).size]).toEqual([50_000, 1]);
    expect(await readdir(folder)).toEqual(['index.json']);
  });

  it('names every manifest of those that are written at once', async () => {
    const layout = await openLayout(directoryFiles(folder));
    const names = Array.from({ length: 10 }, (_, index) => `v${index}`);
    const manifest = (name: string) =>
      encodeManifest({
        mediaType: OCI_MANIFEST,
        config: EMPTY_DESCRIPTOR,
        layers: [],
        annotations: { name },
      });
    await Promise.all(names.map((name) => layout.writeManifest(manifest(name), OCI_MANIFEST, name)));
    expect((await layout.index()).manifests).toHaveLength(10);
  });

  it('believes no byte whose digest or size is another', async () => {
    const layout = await openLayout(directoryFiles(folder));
    const blob = await layout.writeBlob([encodeUtf8('a blob')]);
    const path = join(folder, 'blobs', blob.digest.replace(':', '/'));
    expect(await layout.readBlob({ digest: blob.digest }, 6)).toEqual(encodeUtf8('a blob'));
    expect(await readAll(await layout.openBlob({ digest: blob.digest }))).toEqual(encodeUtf8('a blob'));
    await expect(layout.readBlob({ digest: blob.digest }, 5)).rejects.toThrow(code('ERR_OCI_SIZE'));
    for (const [content, expected] of [
      ['a blub', 'ERR_OCI_DIGEST'],
      ['a blob that grew', 'ERR_OCI_SIZE'],
      ['a', 'ERR_OCI_SIZE'],
    ] as const) {
      await writeFile(path, content);
      await expect(layout.readBlob(blob)).rejects.toThrow(code(expected));
      await expect(layout.openBlob(blob).then(readAll)).rejects.toThrow(code(expected));
    }
    await rm(path);
    await expect(layout.readBlob(blob)).rejects.toThrow(code('ERR_OCI_NOT_FOUND'));
    await expect(layout.openBlob(blob)).rejects.toThrow(code('ERR_OCI_NOT_FOUND'));
    await expect(layout.readBlob({ ...blob, digest: 'sha256:../../etc/passwd' })).rejects.toThrow(
      code('ERR_OCI_REFERENCE'),
    );
    await expect(layout.readBlob({ ...blob, size: 1 << 30 })).rejects.toThrow(code('ERR_OCI_SIZE'));
  });

  it('leaves nothing of a blob that failed', async () => {
    const layout = await openLayout(directoryFiles(folder));
    const failing = (function* () {
      yield encodeUtf8('x');
      throw new Error('source');
    })();
    await expect(layout.writeBlob(failing)).rejects.toThrow('source');
    expect(await readdir(join(folder, 'blobs'))).toEqual([]);
  });

  it.each(['', '{}', '[]', '{"imageLayoutVersion":"2.0.0"}'])(
    'refuses a folder that says %j',
    async (text) => {
      await writeFile(join(folder, 'oci-layout'), text);
      await expect(openLayout(directoryFiles(folder))).rejects.toThrow(code('ERR_OCI_LAYOUT'));
      expect(await readFile(join(folder, 'oci-layout'), 'utf8')).toBe(text);
    },
  );
});

describe('a layer in a file', () => {
  const key = new Uint8Array(32).fill(1);
  const type = 'application/vnd.oci.image.layer.v1.tar';

  it('waits there, encrypted, and is gone when it was read', async () => {
    const layer = encodeUtf8('secret '.repeat(50_000));
    const made = encryptLayer([layer], {
      mediaType: type,
      sealers: [kbsSealer({ kid: 'kbs:///a/b/c', key })],
    });
    const blob = await readAll(made.stream);
    const spool = await fileSpool(folder);
    const openers = [kbsOpener({ key: async () => key })];
    const opened = await decryptLayer(await made.descriptor, [blob], { openers, spool });
    const [own = ''] = await readdir(folder);
    expect(new Uint8Array(await readFile(join(folder, own, 'blob')))).toEqual(blob);
    expect(await readAll(opened.stream)).toEqual(layer);
    expect(await readdir(folder)).toEqual([]);
    const refused = decryptLayer(await made.descriptor, [blob.subarray(1)], {
      openers,
      spool: await fileSpool(folder),
    });
    await expect(refused).rejects.toThrow(code('ERR_OCI_HMAC'));
    expect(await readdir(folder)).toEqual([]);
  });

  it('is unpacked by node:zlib where that is given', async () => {
    const archive = encodeUtf8('an archive '.repeat(1000));
    const options = { decompressors: { gzip: nodeGunzip } };
    expect(await readAll(decompressLayer([gzipSync(archive)], 'gzip', options))).toEqual(archive);
    await expect(readAll(decompressLayer([archive], 'gzip', options))).rejects.toThrow(
      code('ERR_OCI_MEDIA_TYPE'),
    );
    const bomb = gzipSync(new Uint8Array(64 << 20));
    await expect(readAll(decompressLayer([bomb], 'gzip', { ...options, maxBytes: 1 << 20 }))).rejects.toThrow(
      code('ERR_OCI_SIZE'),
    );
  });
});
