/**
 * An image with its signatures in a folder, as `cosign save` writes it: an image layout that is read and written like a registry.
 *
 * @module
 */
import { copyBytes, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import {
  type Descriptor,
  encodeIndex,
  type ImageIndex,
  type ImageLayout,
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
      const bytes = await layout.readBlob({ digest }, maxBytes);
      return { bytes, digest, mediaType: mediaTypeOf(bytes) };
    },
    putManifest: async (reference, bytes, mediaType) => {
      if (reference.tag === undefined) return (await layout.writeBlob([bytes])).digest;
      const kind = kindOf(reference.tag) ?? (isIndex(bytes) ? IMAGE_INDEX : IMAGE);
      return (await write(bytes, mediaType, kind)).digest;
    },
    getBlob: async (_, digest, { maxBytes = MAX_BLOB } = {}) => layout.readBlob({ digest }, maxBytes),
    openBlob: async (_, digest) => layout.openBlob({ digest }),
    putBlob: async (_, bytes) => (await layout.writeBlob([bytes])).digest,
    hasBlob: async (_, digest) => {
      const source = await files.read(pathOf(digest));
      if (source instanceof ReadableStream) await source.cancel(); // asked only whether it is there
      return source !== undefined;
    },
    uploadBlob: async (_, source) => layout.writeBlob(source),
    listReferrers: async (_, digest) => referrersIn(files, layout, digest),
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
  layout: ImageLayout,
  subject: string,
): Promise<readonly Descriptor[]> {
  const found: Descriptor[] = [];
  for (const { path, size } of await files.list()) {
    const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path) ?? [];
    if (hex === undefined || size > MAX_REFERRER) continue;
    const digest = `sha256:${hex}`;
    const json = jsonIn(await layout.readBlob({ digest, size }));
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
