import type { Descriptor } from '@sealwright/oci';
import {
  decryptLayer,
  encryptLayer,
  KEYS_ANNOTATION,
  PUBLIC_OPTIONS_ANNOTATION,
} from '@sealwright/oci/encryption';
import { fileSpool, nodeGunzip, nodeZstd } from '@sealwright/oci/node';
import { printDone } from './command.js';
import { CommandError, EXIT_FAILURE } from './failure.js';
import { forPlatform } from './found-image.js';
import { openersOf, sealersOf } from './image-keys.js';
import type { Io } from './io.js';
import { imageOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';
import { type LayerChange, rewriteImage } from './rewrite-image.js';

/** The flags of `image encrypt`. */
export interface EncryptFlags extends RegistryFlags {
  readonly encryptionKey?: readonly string[];
  readonly encryptLayer?: readonly number[];
  readonly json?: boolean;
}

/** The flags of `image decrypt`. */
export interface DecryptFlags extends RegistryFlags {
  readonly decryptionKey?: readonly string[];
  readonly json?: boolean;
}

/**
 * Copy an image, its layers encrypted.
 *
 * @param io - the world
 * @param source - its name
 * @param target - where it goes
 * @param flags - of the command line
 */
export async function encryptImage(
  io: Io,
  source: string,
  target: string,
  flags: EncryptFlags,
): Promise<void> {
  const { encryptionKey = [], encryptLayer: chosen } = flags;
  if (encryptionKey.length === 0)
    throw new CommandError('--encryption-key is needed: who may read the image?');
  const sealers = await sealersOf(io, encryptionKey);
  const change: LayerChange = async (layer, { index, count }, open) => {
    if (chosen !== undefined && !chosen.some((each) => each === index || each === index - count))
      return undefined;
    const { mediaType, annotations = {} } = layer;
    const made = encryptLayer(await open(), { mediaType, annotations, sealers });
    return { stream: made.stream, descriptor: () => made.descriptor };
  };
  await rewrite(io, source, target, flags, change, 'encrypted');
}

/**
 * Copy an image, its encrypted layers decrypted.
 *
 * @param io - the world
 * @param source - its name
 * @param target - where it goes
 * @param flags - of the command line
 */
export async function decryptImage(
  io: Io,
  source: string,
  target: string,
  flags: DecryptFlags,
): Promise<void> {
  const { decryptionKey = [] } = flags;
  if (decryptionKey.length === 0)
    throw new CommandError('--decryption-key is needed: the file of a private key, or provider:<name>');
  const openers = await openersOf(io, decryptionKey);
  const decompressors = { gzip: nodeGunzip, zstd: nodeZstd };
  const change: LayerChange = async (layer, _, open) => {
    if (!layer.mediaType.endsWith('+encrypted')) return undefined;
    const blob = await open();
    const spool = await fileSpool();
    const options = { openers, spool, decompressors, maxBytes: layer.size };
    const opened = await decryptLayer(layer, blob, options);
    const { mediaType, digest, size, stream } = opened;
    return { stream, descriptor: async () => ({ ...plain(layer), mediaType, digest, size }) };
  };
  await rewrite(io, source, target, flags, change, 'decrypted');
}

async function rewrite(
  io: Io,
  source: string,
  target: string,
  flags: RegistryFlags & { readonly json?: boolean },
  change: LayerChange,
  done: string,
): Promise<void> {
  const registry = registryClient(io, flags);
  const image = await imageOf(source);
  const from = flags.platform === undefined ? image : await forPlatform(registry, image, flags.platform);
  const to = await imageOf(target);
  if (to.digest !== undefined)
    throw new CommandError(`${target}: the image will have another digest: give a tag, or nothing`);
  const made = await rewriteImage(registry, from, to, change);
  if (made === undefined)
    throw new CommandError(`${source}: there was no layer to be ${done}`, 'ERR_CLI_LAYERS', EXIT_FAILURE);
  const { digest, changed } = made;
  const layers = changed === 1 ? '1 layer' : `${changed} layers`;
  printDone(io, flags.json, { digest, layers: changed }, `${digest}: ${layers} ${done} to ${target}\n`);
}

/** A layer without what was said about its encryption, and without content that is no longer its own. */
function plain(layer: Descriptor): Descriptor {
  const { annotations = {}, data: _, ...rest } = layer;
  const kept = Object.entries(annotations).filter(
    ([name]) => !name.startsWith(KEYS_ANNOTATION) && name !== PUBLIC_OPTIONS_ANNOTATION,
  );
  return { ...rest, ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }) };
}
