import type { Command } from 'commander';
import { annotation } from '../cosign-flags.js';
import { command } from '../command.js';
import type { GenerateFlags } from '../generate.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';

/** `generate`: what a signature of an image is over, as `cosign generate`. */
export function generate(io: Io): Command {
  const flags = command(
    'generate <image>',
    'Print what a signature of an image under its tag is over, to sign it elsewhere.',
    [
      'sealwright generate registry.example.com/shop/checkout:1.0 > payload.json',
      'sealwright generate -a env=prod registry.example.com/shop/checkout@sha256:…',
    ],
  ).option('-a, --annotations <name=value>', 'an annotation, more than once', annotation);
  return registryFlags(flags).action(async (image: string, options: GenerateFlags) => {
    const { generatePayload } = await import('../generate.js');
    await generatePayload(io, image, options);
  });
}
