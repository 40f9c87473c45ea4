import { decodeUtf8 } from '@sealwright/bytes';
import { dockerReference, simpleSigningPayload } from '@sealwright/cosign-sig';
import { print } from './command.js';
import { namedImage } from './found-image.js';
import type { Io } from './io.js';
import { imageOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';

/** The flags of `generate`. */
export interface GenerateFlags extends RegistryFlags {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/**
 * Print the payload of a signature under a tag, byte for byte as cosign prints it.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function generatePayload(io: Io, name: string, flags: GenerateFlags): Promise<void> {
  const image = await imageOf(name);
  const digest =
    image.digest ?? (await namedImage(name, registryClient(io, flags).getManifest(image))).digest;
  const payload = simpleSigningPayload({
    reference: dockerReference(`${image.registry}/${image.repository}`),
    digest,
    optional: flags.annotations ?? null,
  });
  const text = decodeUtf8(payload);
  print(io, flags.json, { digest, payload: text }, text);
}
