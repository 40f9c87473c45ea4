import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { annotation, checkingClaims } from '../cosign-flags.js';
import { identityFlags } from '../identity-flags.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';
import { cosignVerifyFlags } from '../verify-flags.js';
import type { VerifyImageFlags } from '../verify-images.js';

/** `verify`: signatures of images, as `cosign verify`. */
export function verify(io: Io): Command {
  const flags = command(
    'verify <image...>',
    'Verify the signatures of images, with a key or a certificate.',
    [
      'sealwright verify --key cosign.pub --insecure-ignore-tlog registry.example.com/shop/checkout:1.0',
      'sealwright verify --key env://COSIGN_PUBLIC_KEY --trusted-root trusted_root.json -a env=prod registry.example.com/shop/checkout@sha256:…',
      'sealwright verify --certificate-identity ada@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json registry.example.com/shop/checkout:1.0',
    ],
  );
  flags
    .option('--signature <file>', 'a signature in a file instead of beside the image, with --payload')
    .option('--payload <file>', 'what that signature is over, as `sealwright generate` prints it')
    .option('--certificate <file>', 'the certificate of who made it, PEM')
    .option('--rfc3161-timestamp <file>', 'a timestamp of it, as cosign writes it');
  return imageVerifyFlags(flags).action(async (images: string[], options: VerifyImageFlags) => {
    const { verifyImages } = await import('../verify-images.js');
    await verifyImages(io, images, options);
  });
}

/**
 * The flags of commands that verify signatures of images.
 *
 * @param to - the command
 */
export function imageVerifyFlags(to: Command): Command {
  to.option(
    '-a, --annotations <name=value>',
    'an annotation that the signature must carry, more than once',
    annotation,
  )
    .addOption(
      new Option('-o, --output <format>', 'how signatures are printed')
        .choices(['json', 'text'])
        .default('json'),
    )
    .addOption(
      new Option(
        '--signature-digest-algorithm <name>',
        'hash of signatures under a tag, whatever the key (default: sha256)',
      ).choices(['sha256', 'sha384', 'sha512']),
    );
  checkingClaims(to, 'do not compare the digest in the signature with that of the image');
  return cosignVerifyFlags(identityFlags(registryFlags(to)));
}
