/**
 * Image layouts: images in a folder (OCI image specification, image-layout.md).
 *
 * @module
 */
import { type Bytes, BytesError, chunksOf, encodeHex, encodeUtf8, readAll } from '@sealwright/bytes';
import { createDigest, randomBytes } from '@sealwright/crypto';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { type ByteSource, heldBack, releaseSource, streamOf } from './byte-source.js';
import { contentCheck, mustBe } from './content.js';
import type { Descriptor } from './descriptor.js';
import { OciError } from './errors.js';
import { encodeIndex, type ImageIndex, parseIndex } from './manifest.js';
import { OCI_INDEX } from './media-types.js';
import { isDigest } from './reference.js';
import { createTagLock } from './update-manifest.js';

/** A folder, as far as a layout needs one. Paths are relative, with slashes. */
export interface LayoutFiles {
  /**
   * Read a file from its start.
   *
   * @param path - in the folder
   * @returns `undefined` where there is none
   */
  read(path: string): Promise<ByteSource | undefined>;
  /**
   * Write a file, all of it or none, its folders made as needed.
   *
   * @param path - in the folder
   * @param source - the content
   */
  write(path: string, source: ByteSource): Promise<void>;
  /**
   * Move a file in place of another.
   *
   * @param from - in the folder
   * @param to - in the folder
   */
  move(from: string, to: string): Promise<void>;
  /**
   * Delete a file, if it is there.
   *
   * @param path - in the folder
   */
  remove(path: string): Promise<void>;
}

/** Which blob. A size that is not given is not compared. */
export type BlobName = Pick<Descriptor, 'digest'> & Partial<Pick<Descriptor, 'size'>>;

/** Images in a folder. */
export interface ImageLayout {
  /** What `index.json` says. */
  index(): Promise<ImageIndex>;
  /**
   * A manifest of `index.json`, by the name that it has there (`org.opencontainers.image.ref.name`), or the only one.
   *
   * @param name - default: there must be only one
   */
  find(name?: string): Promise<Descriptor>;
  /**
   * Read a blob at once, checked against digest and size.
   *
   * @param descriptor - which
   * @param maxBytes - cap. Default 64 MiB.
   */
  readBlob(descriptor: BlobName, maxBytes?: number): Promise<Bytes>;
  /**
   * Read a blob as a stream, which fails instead of ending when digest or size are others, its last part held back.
   *
   * @param descriptor - which
   */
  openBlob(descriptor: BlobName): Promise<ReadableStream<Bytes>>;
  /**
   * Write a blob.
   *
   * @param source - its content
   * @returns digest and size
   */
  writeBlob(source: ByteSource): Promise<Pick<Descriptor, 'digest' | 'size'>>;
  /**
   * Write a manifest and name it in `index.json`, in place of what had the name. Calls of one `ImageLayout` wait for each other; nothing
   * holds off other programs.
   *
   * @param bytes - the manifest
   * @param mediaType - its media type
   * @param name - such as a tag. Default none.
   */
  writeManifest(bytes: Uint8Array, mediaType: string, name?: string): Promise<Descriptor>;
}

/**
 * Open the images in a folder. A folder without `oci-layout` is made one by the first write.
 *
 * @param files - the folder
 * @throws {@link OciError} `ERR_OCI_LAYOUT` for a folder of another version.
 *
 * @example
 * ```ts
 * const layout = await openLayout(files); // in Node, `directoryFiles(path)` of `@sealwright/oci/node`
 * const { mediaType } = await layout.writeManifest(manifest, OCI_MANIFEST, 'v1');
 * console.log((await layout.find('v1')).mediaType === mediaType); // true
 * ```
 */
export async function openLayout(files: LayoutFiles): Promise<ImageLayout> {
  await checkVersion(files);
  const lock = createTagLock();
  const index = async (): Promise<ImageIndex> => {
    const bytes = await readFile(files, 'index.json', MAX_INDEX);
    return bytes === undefined ? { mediaType: OCI_INDEX, manifests: [] } : parseIndex(bytes);
  };
  return {
    index,
    find: async (name) => findIn(await index(), name),
    readBlob: async ({ digest, size }, maxBytes = MAX_BLOB) => {
      if ((size ?? 0) > maxBytes) throw new OciError('ERR_OCI_SIZE', `the blob is over ${maxBytes} bytes`);
      const bytes = await readFile(files, pathOf(digest), size ?? maxBytes);
      if (bytes === undefined) throw new OciError('ERR_OCI_NOT_FOUND', `there is no blob ${digest}`);
      if (bytes.byteLength !== (size ?? bytes.byteLength))
        throw new OciError('ERR_OCI_SIZE', `the blob is not ${size} bytes`);
      mustBe(bytes, digest);
      return bytes;
    },
    openBlob: async ({ digest, size }) => {
      const source = await files.read(pathOf(digest));
      if (source === undefined) throw new OciError('ERR_OCI_NOT_FOUND', `there is no blob ${digest}`);
      return streamOf(checked(source, digest, size), () => releaseSource(source));
    },
    writeBlob: (source) => writeBlob(files, source),
    writeManifest: async (bytes, mediaType, name) => {
      const written = await writeBlob(files, [bytes]);
      const named = name === undefined ? {} : { annotations: { [REF_NAME]: name } };
      const descriptor = { mediaType, ...written, ...named };
      await lock('index.json', async () => {
        const before = await index();
        const others = before.manifests.filter((each) => !isReplaced(each, descriptor.digest, name));
        await files.write('oci-layout', [encodeUtf8(`{"imageLayoutVersion":"${VERSION}"}`)]);
        await files.write('index.json', [encodeIndex({ ...before, manifests: [...others, descriptor] })]);
      });
      return descriptor;
    },
  };
}

/** A name belongs to one manifest; a manifest without a name stands once. */
function isReplaced({ digest, annotations }: Descriptor, added: string, name: string | undefined): boolean {
  const has = annotations?.[REF_NAME];
  return name === undefined ? has === undefined && digest === added : has === name;
}

async function checkVersion(files: LayoutFiles): Promise<void> {
  const bytes = await readFile(files, 'oci-layout', 1024);
  if (bytes === undefined) return;
  let json: JsonValue = null;
  try {
    json = parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
  }
  const version = isJsonObject(json) ? json['imageLayoutVersion'] : undefined;
  if (version !== VERSION)
    throw new OciError('ERR_OCI_LAYOUT', `expected an image layout of version ${VERSION}`);
}

function findIn({ manifests }: ImageIndex, name: string | undefined): Descriptor {
  const found =
    name === undefined ? manifests : manifests.filter((each) => each.annotations?.[REF_NAME] === name);
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  const what = name === undefined ? 'expected one manifest' : `expected one manifest of the name ${name}`;
  throw new OciError('ERR_OCI_NOT_FOUND', `${what}, found ${found.length}`);
}

/** The digest is known only when all was read, so a blob gets its name last. */
async function writeBlob(files: LayoutFiles, source: ByteSource): Promise<{ digest: string; size: number }> {
  const hash = createDigest('sha256');
  let size = 0;
  const read = async function* (): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunksOf(source)) {
      hash.update(chunk);
      size += chunk.byteLength;
      yield chunk;
    }
  };
  const temporary = `blobs/.part-${encodeHex(randomBytes(8))}`;
  try {
    await files.write(temporary, read());
    const digest = `sha256:${encodeHex(hash.digest())}`;
    await files.move(temporary, pathOf(digest));
    return { digest, size };
  } catch (error) {
    await files.remove(temporary);
    throw error;
  }
}

function checked(
  source: ByteSource,
  digest: string,
  size: number | undefined,
): AsyncGenerator<Bytes, void, void> {
  const check = contentCheck(digest);
  let length = 0;
  const take = (chunk: Uint8Array): void => {
    length += chunk.byteLength;
    if (length > (size ?? length)) throw new OciError('ERR_OCI_SIZE', `the blob is over ${size} bytes`);
    check.update(chunk);
  };
  const end = (): void => {
    if (length !== (size ?? length)) throw new OciError('ERR_OCI_SIZE', `the blob is not ${size} bytes`);
    check.end();
  };
  return heldBack(chunksOf(source), { take, end });
}

async function readFile(files: LayoutFiles, path: string, maxBytes: number): Promise<Bytes | undefined> {
  const source = await files.read(path);
  if (source === undefined) return undefined;
  try {
    return await readAll(source, maxBytes, path);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new OciError('ERR_OCI_SIZE', cause.message, { cause });
  }
}

/** Digests are checked, so that no path leads out of the folder. */
function pathOf(digest: string): string {
  if (!isDigest(digest)) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest');
  return `blobs/${digest.replace(':', '/')}`;
}

const VERSION = '1.0.0';
const REF_NAME = 'org.opencontainers.image.ref.name';
const MAX_INDEX = 4 << 20;
const MAX_BLOB = 64 << 20;
