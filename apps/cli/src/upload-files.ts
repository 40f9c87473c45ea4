import { encodeHex } from '@sealwright/bytes';
import { digest as digestOf } from '@sealwright/crypto';
import { type Descriptor, encodeIndex, formatReference, OCI_INDEX } from '@sealwright/oci';
import { print } from './command.js';
import { CommandError } from './failure.js';
import type { Io } from './io.js';
import { pushDocument } from './push-document.js';
import { imageOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';

/** The flags of `upload blob` and `upload wasm`. */
export interface UploadFlags extends RegistryFlags {
  readonly files?: readonly string[];
  readonly file?: string;
  readonly annotation?: Readonly<Record<string, string>>;
  readonly ct?: string;
  readonly json?: boolean;
}

/**
 * Upload files, each as an image with one layer; several are put into an index.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function uploadBlobs(io: Io, name: string, flags: UploadFlags): Promise<void> {
  const files = await Promise.all((flags.files ?? []).map((text) => namedFile(io, text)));
  if (files.length === 0) throw new CommandError('--files is needed: <file>, or <file>:<os>/<architecture>');
  if (files.length > 1 && files.some(({ platform }) => platform === undefined))
    throw new CommandError('several files need their platforms: <file>:<os>/<architecture>');
  const image = await imageOf(name);
  const registry = registryClient(io, flags);
  const { registry: host, repository } = image;
  const place = { registry: host, repository };
  const { annotation: annotations } = flags;
  const manifests: Descriptor[] = [];
  for (const { path, bytes, platform } of files) {
    const document = {
      bytes,
      mediaType: flags.ct ?? typeOf(bytes),
      ...(annotations === undefined ? {} : { annotations }),
    };
    const pushed = await pushDocument(registry, files.length > 1 ? place : image, document);
    manifests.push(platform === undefined ? pushed : { ...pushed, platform });
    if (flags.json !== true) io.err(`uploaded ${path} with the media type ${document.mediaType}\n`);
  }
  if (manifests.length === 1) return tell(io, flags, { ...place, digest: manifests[0]?.digest ?? '' });
  const index = encodeIndex({
    mediaType: OCI_INDEX,
    manifests,
    ...(annotations === undefined ? {} : { annotations }),
  });
  await registry.putManifest(image, index, OCI_INDEX);
  tell(io, flags, { ...place, digest: `sha256:${encodeHex(digestOf('sha256', index))}` });
}

/**
 * Upload a module of WebAssembly.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function uploadWasm(io: Io, name: string, flags: UploadFlags): Promise<void> {
  const bytes = await io.readFile(flags.file ?? '');
  const image = await imageOf(name);
  const { digest } = await pushDocument(registryClient(io, flags), image, {
    bytes,
    mediaType: 'application/vnd.wasm.content.layer.v1+wasm',
    configType: 'application/vnd.wasm.config.v1+json',
  });
  tell(io, flags, { registry: image.registry, repository: image.repository, digest });
}

interface UploadedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

/** `<file>:<os>/<architecture>`, of which a file that exists is all name. */
async function namedFile(io: Io, text: string): Promise<UploadedFile> {
  const at = text.lastIndexOf(':');
  if (at < 1 || (await io.exists(text))) return { path: text, bytes: await io.readFile(text) };
  const [os = '', architecture = ''] = text.slice(at + 1).split('/');
  const path = text.slice(0, at);
  return { path, bytes: await io.readFile(path), platform: { os, architecture } };
}

/** What it looks like; as cosign, JSON is text. */
function typeOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 512);
  if (start[0] === 0x1f && start[1] === 0x8b) return 'application/x-gzip';
  const isText = start.every((byte) => byte >= 0x20 || [0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte));
  return isText ? 'text/plain' : 'application/octet-stream';
}

function tell(
  io: Io,
  flags: UploadFlags,
  image: { readonly registry: string; readonly repository: string; readonly digest: string },
): void {
  const reference = formatReference(image);
  if (flags.json !== true) io.err('Uploaded image to:\n');
  print(io, flags.json, { digest: image.digest, reference }, `${reference}\n`);
}
