import { type Command, Option } from 'commander';
import { collectList } from '../collect.js';
import { command } from '../command.js';
import type { CopyFlags, SaveFlags } from '../copy-images.js';
import type { Io } from '../io.js';
import { platformFlag, registryFlags } from '../registry-flags.js';

/** `copy`: an image with what is said about it, as `cosign copy`. */
export function copy(io: Io): Command {
  const flags = command(
    'copy <source> <target>',
    'Copy an image with its signatures, attestations and everything else that refers to it.',
    [
      'sealwright copy registry.example.com/shop/checkout:1.0 mirror.example.com/shop/checkout:1.0',
      'sealwright copy --only sig,att registry.example.com/shop/checkout:1.0 mirror.example.com/shop/checkout',
    ],
  )
    .option('--only <parts>', 'only these, of image, sig, att, sbom and referrers, with commas', collectList)
    .addOption(new Option('--sig-only', 'only signatures under a tag').hideHelp())
    .option('-f, --force', 'replace tags of signatures and attestations that say something else');
  return platformFlag(registryFlags(flags)).action(
    async (source: string, target: string, options: CopyFlags) => {
      const { copyImages } = await import('../copy-images.js');
      await copyImages(io, source, target, options);
    },
  );
}

/** `save`: an image with what is said about it into a folder, as `cosign save`. */
export function save(io: Io): Command {
  const flags = command(
    'save <image>',
    'Save an image with its signatures, attestations and everything else that refers to it in a folder.',
    [
      'sealwright save --dir saved registry.example.com/shop/checkout:1.0',
      'sealwright verify --local-image --key cosign.pub --insecure-ignore-tlog saved',
    ],
  ).requiredOption('--dir <folder>', 'where it goes: an image layout');
  return registryFlags(flags).action(async (image: string, options: SaveFlags) => {
    const { saveImage } = await import('../copy-images.js');
    await saveImage(io, image, options);
  });
}

/** `load`: an image with what is said about it from a folder, as `cosign load`. */
export function load(io: Io): Command {
  const flags = command(
    'load <image>',
    'Load an image with everything that was saved with it from a folder into a registry.',
    ['sealwright load --dir saved registry.example.com/shop/checkout:1.0'],
  )
    .requiredOption('--dir <folder>', 'where it is: an image layout')
    .option('-f, --force', 'replace tags of signatures and attestations that say something else');
  return registryFlags(flags).action(async (image: string, options: SaveFlags) => {
    const { loadImage } = await import('../copy-images.js');
    await loadImage(io, image, options);
  });
}
