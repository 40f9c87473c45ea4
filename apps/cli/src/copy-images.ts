import { type CopiedImage, type CopiedPart, copySignedImage, openSavedImage } from '@sealwright/cosign-sig';
import { parseReference } from '@sealwright/oci';
import { printDone } from './command.js';
import { about, aboutImage, CommandError } from './failure.js';
import { forPlatform, namedImage } from './found-image.js';
import type { Io } from './io.js';
import { imageOf, placeOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';
import { savedImage } from './saved-folder.js';

/** The flags of `copy`. */
export interface CopyFlags extends RegistryFlags {
  readonly only?: readonly string[];
  readonly sigOnly?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** The flags of `save` and `load`. */
export interface SaveFlags extends RegistryFlags {
  readonly dir: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Copy an image from registry to registry.
 *
 * @param io - the world
 * @param source - its name
 * @param target - where it goes
 * @param flags - of the command line
 */
export async function copyImages(io: Io, source: string, target: string, flags: CopyFlags): Promise<void> {
  const parts = partsOf(flags);
  const registry = registryClient(io, flags);
  const image = await imageOf(source);
  const from =
    flags.platform === undefined
      ? image
      : await namedImage(source, forPlatform(registry, image, flags.platform));
  const to = await targetOf(target);
  const options = { ...shared(io, flags), ...(parts === undefined ? {} : { parts }) };
  const copied = await aboutImage(source, () => copySignedImage(registry, from, registry, to, options));
  tell(io, flags, copied, `copied to ${target}`);
}

/**
 * Save an image in a folder.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function saveImage(io: Io, name: string, flags: SaveFlags): Promise<void> {
  const image = await imageOf(name);
  const saved = await about(flags.dir, async () => openSavedImage(await io.folder(flags.dir)));
  const target = { registry: 'localhost', repository: 'saved', tag: 'image' };
  const options = { ...shared(io, flags), overwrite: true };
  const registry = registryClient(io, flags);
  const copied = await aboutImage(name, () =>
    copySignedImage(registry, image, saved.registry, target, options),
  );
  tell(io, flags, copied, `saved in ${flags.dir}`);
}

/**
 * Load an image from a folder.
 *
 * @param io - the world
 * @param name - that it gets
 * @param flags - of the command line
 */
export async function loadImage(io: Io, name: string, flags: SaveFlags): Promise<void> {
  const target = await targetOf(name);
  const saved = await savedImage(io, flags.dir);
  const options = { overwrite: flags.force === true };
  const copied = await copySignedImage(
    saved.registry,
    saved.image,
    registryClient(io, flags),
    target,
    options,
  );
  tell(io, flags, copied, `loaded to ${name}`);
}

/** Where something goes: a tag, else `latest`; by digest it has none. */
function targetOf(name: string): ReturnType<typeof imageOf> {
  return about(name, () => parseReference(name));
}

function partsOf({ only, sigOnly }: CopyFlags): readonly CopiedPart[] | undefined {
  if (sigOnly === true && only !== undefined) throw new CommandError('give --only or --sig-only, not both');
  if (sigOnly === true) return ['sig'];
  return only?.map((part) => {
    const name = part.trim();
    if (isPart(name)) return name;
    throw new CommandError(`--only knows image, sig, att, sbom and referrers, not ${JSON.stringify(name)}`);
  });
}

function isPart(name: string): name is CopiedPart {
  return ['image', 'sig', 'att', 'sbom', 'referrers'].includes(name);
}

function shared(io: Io, flags: CopyFlags): Parameters<typeof copySignedImage>[4] & object {
  const { repository, tagPrefix } = placeOf(io, flags);
  const isShown = io.isTerminal() && flags.json !== true;
  return {
    overwrite: flags.force === true,
    ...(repository === undefined ? {} : { signatureRepository: repository }),
    ...(tagPrefix === undefined ? {} : { tagPrefix }),
    ...(isShown ? { progress: (what) => io.err(`copied ${what}\n`) } : {}),
  };
}

function tell(
  io: Io,
  { json }: { readonly json?: boolean },
  { digest, copied }: CopiedImage,
  done: string,
): void {
  printDone(io, json, { digest, copied }, `${digest} and ${Math.max(0, copied.length - 1)} more: ${done}\n`);
}
