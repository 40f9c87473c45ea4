import type { Command } from 'commander';
import { collectList } from '../collect.js';
import { annotation } from '../cosign-flags.js';
import { command } from '../command.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';
import type { UploadFlags } from '../upload-files.js';

/** `upload blob`: files into a registry, as of cosign. */
export function uploadBlob(io: Io): Command {
  const flags = command('blob <image>', 'Put files into a registry, each as an image with one layer.', [
    'sealwright upload blob -f app.tgz registry.example.com/shop/files:1.0',
    'sealwright upload blob -f app-linux:linux/amd64 -f app-mac:darwin/arm64 registry.example.com/shop/app:1.0',
  ])
    .option(
      '-f, --files <file[:platform]>',
      'a file, with its platform if need be, more than once',
      collectList,
    )
    .option('-a, --annotation <name=value>', 'an annotation, more than once', annotation)
    .option('--ct <type>', 'media type of the files (default: as they look)');
  return registryFlags(flags).action(async (image: string, options: UploadFlags) => {
    const { uploadBlobs } = await import('../upload-files.js');
    await uploadBlobs(io, image, options);
  });
}

/** `upload wasm`: a module of WebAssembly into a registry, as of cosign. */
export function uploadWasmCommand(io: Io): Command {
  const flags = command('wasm <image>', 'Put a module of WebAssembly into a registry.', [
    'sealwright upload wasm -f filter.wasm registry.example.com/shop/filter:1.0',
  ]).requiredOption('-f, --file <file>', 'the module');
  return registryFlags(flags).action(async (image: string, options: UploadFlags) => {
    const { uploadWasm } = await import('../upload-files.js');
    await uploadWasm(io, image, options);
  });
}
