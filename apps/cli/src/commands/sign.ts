import { type Command, Option } from 'commander';
import { collectList } from '../collect.js';
import { annotation, refuse, warnOf } from '../cosign-flags.js';
import { command } from '../command.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';
import { entryTypeFlag, layoutFlags, signingFlags } from '../signing-flags.js';
import type { AttestImagesFlags, SignImagesFlags } from '../sign-images.js';

/** `sign`: sign images, as `cosign sign`. */
export function sign(io: Io): Command {
  const flags = command('sign <image...>', 'Sign images, with a key or without one of one’s own.', [
    'sealwright sign --key cosign.key --tlog-upload=false registry.example.com/shop/checkout@sha256:…',
    'sealwright sign --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json registry.example.com/shop/checkout@sha256:…',
    'sealwright sign --key cosign.key --tlog-upload=false --use-signing-config=false --local-image saved',
    'sealwright sign --key k8s://tekton-chains/signing-secrets --rekor-url https://rekor.example.com --trusted-root trusted_root.json registry.example.com/shop/checkout@sha256:…',
  ])
    .option('-a, --annotations <name=value>', 'an annotation to sign along, more than once', annotation)
    .option('-r, --recursive', 'of an index, also every image in it')
    .option(
      '--sign-container-identity <name>',
      'who the image is said to be, more than once; only under tags',
      collectList,
    )
    .option('--output-signature <file>', 'write the signature to a file, base64; only under tags')
    .option('--output-payload <file>', 'write what was signed to a file; only under tags')
    .option('--output-certificate <file>', 'write the certificate to a file, PEM')
    .addOption(new Option('--upload').hideHelp())
    .option('--no-upload', 'write nothing into the registry');
  warnOf(io, flags, '--record-creation-timestamp');
  return imageFlags(flags).action(async (images: string[], options: SignImagesFlags) => {
    const { signImages } = await import('../sign-images.js');
    await signImages(io, images, options);
  });
}

/** `attest`: attest images, as `cosign attest`. */
export function attest(io: Io): Command {
  const flags = command('attest <image...>', 'Attest images, with a key or without one of one’s own.', [
    'sealwright attest --key cosign.key --tlog-upload=false --type slsaprovenance1 --predicate provenance.json registry.example.com/shop/checkout@sha256:…',
    'sealwright attest --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json --type spdxjson --predicate sbom.json registry.example.com/shop/checkout@sha256:…',
  ])
    .option(
      '--predicate <file>',
      'what is said about the image: any text for the types custom and spdx, else a JSON object',
    )
    .option('--statement <file>', 'a whole statement, signed as it is')
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option('--replace', 'drop the earlier attestations of this type; only under tags')
    .option('--no-upload', 'print the attestation and write nothing into the registry');
  warnOf(io, flags, '--record-creation-timestamp');
  return imageFlags(entryTypeFlag(flags)).action(async (images: string[], options: AttestImagesFlags) => {
    const { attestImages } = await import('../sign-images.js');
    await attestImages(io, images, options);
  });
}

function imageFlags(to: Command): Command {
  const flags = layoutFlags(signingFlags(registryFlags(to))).option(
    '--local-image',
    'images are folders, as `sealwright save` and `cosign save` write them',
  );
  return refuse(flags, ['--attachment <name>', '--payload <file>', '--registry-referrers-mode <mode>']);
}
