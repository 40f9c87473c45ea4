import { type Command, Option } from 'commander';
import { collect } from '../collect.js';
import { command } from '../command.js';
import { refuse, withoutEffect } from '../cosign-flags.js';
import type { CleanFlags, DownloadFlags, TriangulateFlags } from '../artifacts.js';
import type { AttachFlags } from '../attach-artifacts.js';
import type { Io } from '../io.js';
import { platformFlag, registryFlags } from '../registry-flags.js';

/** `tree`: what is said about an image, as `cosign tree`. */
export function tree(io: Io): Command {
  const flags = command(
    'tree <image>',
    'Show what is kept beside an image: signatures, attestations, everything that refers to it.',
    ['sealwright tree registry.example.com/shop/checkout:1.0'],
  );
  withoutEffect(flags, ['--experimental-oci11']);
  refuse(flags, ['--registry-referrers-mode <mode>']);
  return registryFlags(flags).action(async (image: string, options: DownloadFlags) => {
    const { showTree } = await import('../artifacts.js');
    await showTree(io, image, options);
  });
}

/** `triangulate`: where signatures are, as `cosign triangulate`. */
export function triangulate(io: Io): Command {
  const flags = command('triangulate <image>', 'Tell under which tag the signatures of an image are.', [
    'sealwright triangulate registry.example.com/shop/checkout:1.0',
    'sealwright triangulate --type attestation registry.example.com/shop/checkout:1.0',
  ]).addOption(
    new Option('--type <type>', 'what is looked for')
      .choices(['signature', 'attestation', 'sbom', 'digest'])
      .default('signature'),
  );
  return registryFlags(flags).action(async (image: string, options: TriangulateFlags) => {
    const { tellTag } = await import('../artifacts.js');
    await tellTag(io, image, options);
  });
}

/** `clean`: delete what is said about an image, as `cosign clean`. */
export function clean(io: Io): Command {
  const flags = command(
    'clean <image>',
    'Delete what is kept beside an image: signatures, attestations, bundles.',
    [
      'sealwright clean --type signature registry.example.com/shop/checkout:1.0',
      'sealwright clean -f registry.example.com/shop/checkout:1.0',
    ],
  )
    .addOption(
      new Option('--type <type>', 'what is deleted')
        .choices(['signature', 'attestation', 'sbom', 'referrer', 'all'])
        .default('all'),
    )
    .option('-f, --force', 'do not ask')
    .option('-y, --yes', 'the same');
  return registryFlags(flags).action(async (image: string, options: CleanFlags) => {
    const { cleanImage } = await import('../artifacts.js');
    await cleanImage(io, image, options);
  });
}

/** `download signature`, as of cosign. */
export function downloadSignature(io: Io): Command {
  const flags = command(
    'signature <image>',
    'Print the signatures of an image, one JSON document a line. Nothing is verified.',
    ['sealwright download signature registry.example.com/shop/checkout:1.0'],
  );
  return registryFlags(flags).action(async (image: string, options: DownloadFlags) => {
    const { download } = await import('../artifacts.js');
    await download(io, image, options, 'signature');
  });
}

/** `download attestation`, as of cosign. */
export function downloadAttestation(io: Io): Command {
  const flags = command(
    'attestation <image>',
    'Print the attestations of an image, one JSON document a line. Nothing is verified.',
    [
      'sealwright download attestation --predicate-type slsaprovenance1 registry.example.com/shop/checkout:1.0',
    ],
  ).option('--predicate-type <type>', 'only of this type: a name of cosign, or a URI');
  return platformFlag(registryFlags(flags)).action(async (image: string, options: DownloadFlags) => {
    const { download } = await import('../artifacts.js');
    await download(io, image, options, 'attestation');
  });
}

/** `download sbom`, as of cosign. */
export function downloadSbom(io: Io): Command {
  const flags = command(
    'sbom <image>',
    'Print what `attach sbom` attached to an image. Nothing is verified.',
    ['sealwright download sbom registry.example.com/shop/checkout:1.0'],
  );
  return platformFlag(registryFlags(flags)).action(async (image: string, options: DownloadFlags) => {
    const { downloadSboms } = await import('../artifacts.js');
    await downloadSboms(io, image, options);
  });
}

/** `attach signature`, as of cosign. */
export function attachSignature(io: Io): Command {
  const flags = command(
    'signature <image>',
    'Put a signature that was made elsewhere under the tag of an image.',
    [
      'sealwright attach signature --payload payload.json --signature payload.sig registry.example.com/shop/checkout:1.0',
      'sealwright attach signature --payload payload.json --signature payload.sig --certificate cert.pem --rekor-response rekor.json registry.example.com/shop/checkout:1.0',
    ],
  )
    .option('--payload <file>', 'what was signed')
    .addOption(new Option('--bundle <file>').hideHelp())
    .option('--signature <file>', 'the signature, base64: a file, or itself')
    .option('--certificate <file>', 'certificate of who signed, PEM')
    .option('--certificate-chain <file>', 'certificates above it, PEM')
    .option('--rekor-response <file>', 'the answer of the log, or the bundle that cosign makes of it')
    .option('--tsr <file>', 'the answer of an authority that stamps: DER, or as cosign writes it');
  return registryFlags(flags).action(async (image: string, options: AttachFlags) => {
    const { attachSignatureTo } = await import('../attach-artifacts.js');
    await attachSignatureTo(io, image, options);
  });
}

/** `attach attestation`, as of cosign. */
export function attachAttestationCommand(io: Io): Command {
  const flags = command(
    'attestation <image>',
    'Put attestations that were made elsewhere beside an image: envelopes under its tag, bundles as what refers to it.',
    [
      'sealwright attach attestation --attestation provenance.att registry.example.com/shop/checkout:1.0',
      'sealwright attach attestation --attestation provenance.sigstore.json registry.example.com/shop/checkout:1.0',
    ],
  ).requiredOption(
    '--attestation <file>',
    'an envelope, a bundle, or one a line; more than once',
    collect((text: string) => text),
  );
  return registryFlags(flags).action(async (image: string, options: AttachFlags) => {
    const { attachAttestations } = await import('../attach-artifacts.js');
    await attachAttestations(io, image, options);
  });
}

/** `attach sbom`, as of cosign. */
export function attachSbom(io: Io): Command {
  const flags = command(
    'sbom <image>',
    'Put a bill of materials under the tag of an image. It is not signed: better attest it.',
    [
      'sealwright attach sbom --sbom bom.spdx.json --type spdx --input-format json registry.example.com/shop/checkout:1.0',
      'sealwright attest --type spdxjson --predicate bom.spdx.json registry.example.com/shop/checkout:1.0',
    ],
  )
    .requiredOption('--sbom <file>', 'the document')
    .addOption(
      new Option('--type <type>', 'what it is').choices(['spdx', 'cyclonedx', 'syft']).default('spdx'),
    )
    .addOption(
      new Option('--input-format <format>', 'how it is written (default: as it looks)').choices([
        'json',
        'xml',
        'text',
      ]),
    );
  refuse(flags, ['--registry-referrers-mode <mode>']);
  return registryFlags(flags).action(async (image: string, options: AttachFlags) => {
    const { attachSbomTo } = await import('../attach-artifacts.js');
    await attachSbomTo(io, image, options);
  });
}
