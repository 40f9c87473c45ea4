/**
 * An image with its signatures in a folder, as `cosign save` writes it: an image layout that is read and written like a registry.
 *
 * @module
 */
import { type Bytes, concatBytes, copyBytes, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import {
  type ByteSource,
  type Descriptor,
  encodeIndex,
  type ImageIndex,
  type ImageReference,
  isIndex,
  type LayoutFiles,
  OCI_INDEX,
  OciError,
  openLayout,
  parseIndex,
  parseManifest,
  type RegistryClient,
} from '@sealwright/oci';
import { sha256Of } from '../image-digest.js';

/** A folder of an image layout whose files can be listed. */
export interface SavedFiles extends LayoutFiles {
  /** All files in the folder. Paths are relative, with slashes. */
  list(): Promise<readonly { readonly path: string; readonly size: number }[]>;
}

/** What a saved image can be asked, as if it were a registry. */
export type SavedImageRegistry = Pick<
  RegistryClient,
  | 'getManifest'
  | 'putManifest'
  | 'getBlob'
  | 'openBlob'
  | 'putBlob'
  | 'hasBlob'
  | 'uploadBlob'
  | 'listReferrers'
  | 'attachReferrer'
>;

/** A folder as a registry of one image. */
export interface SavedImage {
  /** The folder, asked like a registry. The names of registry and repository in references do not matter. */
  readonly registry: SavedImageRegistry;
  /**
   * The image in it.
   *
   * @throws `OciError` `ERR_OCI_NOT_FOUND` where there is none, or more than one.
   */
  image(): Promise<ImageReference>;
}

/**
 * Open a folder that holds an image with its signatures: an image layout, in whose `index.json` annotations `kind` tell image, signatures and
 * attestations; bundles are manifests with a subject. A folder that is not there yet is made by the first write.
 *
 * @param files - the folder
 * @throws `OciError` `ERR_OCI_LAYOUT`.
 */
export async function openSavedImage(files: SavedFiles): Promise<SavedImage> {
  const layout = await openLayout(files);
  const readAll = async (digest: string, maxBytes: number): Promise<Bytes> => {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of await open(files, digest)) {
      size += part.byteLength;
      if (size > maxBytes) throw new OciError('ERR_OCI_SIZE', `the blob is over ${maxBytes} bytes`);
      parts.push(part);
    }
    const bytes = concatBytes(...parts);
    if (sha256Of(bytes) !== digest) throw new OciError('ERR_OCI_DIGEST', `the blob is not ${digest}`);
    return bytes;
  };
  const write = async (
    bytes: Uint8Array,
    mediaType: string,
    kind: string | undefined,
  ): Promise<Descriptor> => {
    const written = { mediaType, ...(await layout.writeBlob([bytes])) };
    const index = await layout.index();
    const descriptor = kind === undefined ? written : { ...written, annotations: { kind } };
    const others = index.manifests.filter((each) =>
      kind === undefined ? each.digest !== written.digest : each.annotations?.['kind'] !== kind,
    );
    await files.write('index.json', [encodeIndex({ ...index, manifests: [...others, descriptor] })]);
    await files.write('oci-layout', [encodeUtf8('{"imageLayoutVersion":"1.0.0"}')]);
    return descriptor;
  };
  const find = async ({ tag, digest }: ImageReference): Promise<string> => {
    if (digest !== undefined) return digest;
    const kind = kindOf(tag ?? '');
    const index = await layout.index();
    const found = kind === undefined ? imageIn(index) : index.manifests.find((each) => isKind(each, kind));
    if (found === undefined)
      throw new OciError('ERR_OCI_NOT_FOUND', `there is no ${tag ?? 'image'} in the folder`);
    return found.digest;
  };
  const registry: SavedImageRegistry = {
    getManifest: async (reference, { maxBytes = MAX_MANIFEST } = {}) => {
      const digest = await find(reference);
      const bytes = await readAll(digest, maxBytes);
      return { bytes, digest, mediaType: mediaTypeOf(bytes) };
    },
    putManifest: async (reference, bytes, mediaType) => {
      if (reference.tag === undefined) return (await layout.writeBlob([bytes])).digest;
      const kind = kindOf(reference.tag) ?? (isIndex(bytes) ? IMAGE_INDEX : IMAGE);
      return (await write(bytes, mediaType, kind)).digest;
    },
    getBlob: async (_, digest, { maxBytes = MAX_BLOB } = {}) => readAll(digest, maxBytes),
    openBlob: async (_, digest) => streamOf(await open(files, digest)),
    putBlob: async (_, bytes) => (await layout.writeBlob([bytes])).digest,
    hasBlob: async (_, digest) => (await files.list()).some(({ path }) => path === pathOf(digest)),
    uploadBlob: async (_, source) => layout.writeBlob(source),
    listReferrers: async (_, digest) => referrersIn(files, readAll, digest),
    attachReferrer: async (_, bytes) => {
      const { mediaType } = isIndex(bytes) ? parseIndex(bytes) : parseManifest(bytes);
      return { descriptor: await write(copyBytes(bytes), mediaType, undefined), indexedBy: 'registry' };
    },
  };
  const image = async (): Promise<ImageReference> => {
    const { digest } = imageIn(await layout.index());
    return { registry: 'localhost', repository: 'saved', digest };
  };
  return { registry, image };
}

/** The image of an index: what says so, else the only manifest that says nothing. */
function imageIn({ manifests }: ImageIndex): Descriptor {
  const named = manifests.filter((each) => isKind(each, IMAGE) || isKind(each, IMAGE_INDEX));
  const silent = manifests.filter(({ annotations }) => annotations?.['kind'] === undefined);
  const [only, ...more] = named.length > 0 ? named : silent;
  if (only !== undefined && more.length === 0) return only;
  const found = more.length + (only === undefined ? 0 : 1);
  throw new OciError('ERR_OCI_NOT_FOUND', `expected one image in the folder, found ${found}`);
}

/** Manifests with this subject among all blobs that are small enough to be one: cosign does not list them in the index. */
async function referrersIn(
  files: SavedFiles,
  readAll: (digest: string, maxBytes: number) => Promise<Bytes>,
  subject: string,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (const { path, size } of await files.list()) {
    const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (hex === undefined || size > MAX_REFERRER) continue;
    const digest = `sha256:${hex}`;
    const json = jsonIn(await readAll(digest, MAX_REFERRER));
    const target = json?.['subject'];
    if (json === undefined || !isJsonObject(target) || target['digest'] !== subject) continue;
    const { mediaType, artifactType } = json;
    found.push({
      mediaType: typeof mediaType === 'string' ? mediaType : '',
      digest,
      size,
      ...(typeof artifactType === 'string' ? { artifactType } : {}),
    });
  }
  return found;
}

function jsonIn(bytes: Uint8Array): JsonObject | undefined {
  try {
    const json = parseJson(bytes);
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

async function open(
  files: SavedFiles,
  digest: string,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  const source = await files.read(pathOf(digest));
  if (source === undefined) throw new OciError('ERR_OCI_NOT_FOUND', `there is no blob ${digest}`);
  return chunksOf(source);
}

function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return 'getReader' in source ? readingOf(source) : source;
}

async function* readingOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    reader.releaseLock();
  }
}

function streamOf(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): ReadableStream<Bytes> {
  const read = async function* (): AsyncGenerator<Bytes, void, void> {
    for await (const part of source) yield copyBytes(part);
  };
  const parts = read();
  return new ReadableStream<Bytes>({
    pull: async (controller) => {
      const part = await parts.next();
      if (part.done === true) controller.close();
      else controller.enqueue(part.value);
    },
  });
}

function pathOf(digest: string): string {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw new OciError('ERR_OCI_REFERENCE', 'expected a digest of SHA-256');
  return `blobs/sha256/${hex}`;
}

function mediaTypeOf(bytes: Uint8Array): string {
  const mediaType = jsonIn(bytes)?.['mediaType'];
  return typeof mediaType === 'string' ? mediaType : isIndex(bytes) ? OCI_INDEX : '';
}

/** What the tags of cosign 2 are in a folder. */
function kindOf(tag: string): string | undefined {
  const [, suffix = ''] = /sha256-[0-9a-f]{64}\.(sig|att|sbom)$/.exec(tag) ?? [];
  return KINDS.get(suffix);
}

function isKind({ annotations }: Descriptor, kind: string): boolean {
  return annotations?.['kind'] === kind;
}

const IMAGE = 'dev.cosignproject.cosign/image';
const IMAGE_INDEX = 'dev.cosignproject.cosign/imageIndex';
const KINDS: ReadonlyMap<string, string> = new Map([
  ['sig', 'dev.cosignproject.cosign/sigs'],
  ['att', 'dev.cosignproject.cosign/atts'],
  ['sbom', 'dev.cosignproject.cosign/sboms'],
]);
const MAX_MANIFEST = 4 << 20;
const MAX_BLOB = 64 << 20;
const MAX_REFERRER = 1 << 20;
