import { type Command, Option } from 'commander';
import { collectList } from '../collect.js';
import { checkingClaims } from '../cosign-flags.js';
import { command } from '../command.js';
import { detachedFlags, identityFlags, signatureHashFlag } from '../identity-flags.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';
import type { BlobAttestationFlags } from '../verify-blob-attestation.js';
import type { VerifyAttestationFlags } from '../verify-images.js';
import { cosignVerifyFlags, refuseFiles } from '../verify-flags.js';

/** `verify-attestation`: attestations of images, as `cosign verify-attestation`. */
export function verifyAttestation(io: Io): Command {
  const flags = command(
    'verify-attestation <image...>',
    'Verify the attestations of images, with a key or a certificate.',
    [
      'sealwright verify-attestation --key cosign.pub --type slsaprovenance1 --insecure-ignore-tlog registry.example.com/shop/checkout:1.0',
      'sealwright verify-attestation --certificate-identity ada@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json --type slsaprovenance1 registry.example.com/shop/checkout:1.0',
    ],
  )
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option(
      '--type-family',
      'take the types below it as well, such as https://spdx.dev/Document/v2.3 for spdxjson',
    )
    .option(
      '--policy <file>',
      'a policy of each statement: CUE (which takes the program cue) that it must unify with, or Rego (v0) in which data.signature.allow must be true; more than once',
      collectList,
    )
    .addOption(
      new Option('-o, --output <format>', 'for compatibility: envelopes, one a line')
        .choices(['json', 'text'])
        .default('json'),
    );
  checkingClaims(flags, 'do not compare the subjects with the digest of the image');
  signatureHashFlag(flags);
  return refuseFiles(cosignVerifyFlags(identityFlags(registryFlags(flags)))).action(
    async (images: string[], options: VerifyAttestationFlags) => {
      const { verifyAttestations } = await import('../verify-images.js');
      await verifyAttestations(io, images, options);
    },
  );
}

/** `verify-blob-attestation`: the attestation of a file, as `cosign verify-blob-attestation`. */
export function verifyBlobAttestationCommand(io: Io): Command {
  const flags = command(
    'verify-blob-attestation [file]',
    'Verify the attestation of a file, with a key or a certificate.',
    [
      'sealwright verify-blob-attestation --key cosign.pub --signature file.att --type slsaprovenance1 --insecure-ignore-tlog file',
      'sealwright verify-blob-attestation --certificate-identity ada@example.com --certificate-oidc-issuer https://accounts.example.com --trusted-root trusted_root.json --bundle file.att.json --type slsaprovenance1 file',
      'sealwright verify-blob-attestation --key cosign.pub --signature file.att --digest 3f0c… --digestAlg sha256 --insecure-ignore-tlog',
    ],
  )
    .option('--bundle <file>', 'the bundle, of any version')
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option('--digest <hex>', 'digest of the file, instead of the file')
    .addOption(
      new Option('--digestAlg <name>', 'its algorithm')
        .choices(['sha256', 'sha384', 'sha512'])
        .default('sha256'),
    )
    .option(
      '--policy <file>',
      'a policy of the statement: CUE (which takes the program cue) that it must unify with, or Rego (v0) in which data.signature.allow must be true; more than once',
      collectList,
    );
  detachedFlags(identityFlags(flags));
  checkingClaims(flags, 'do not compare the subjects with the digest of the file');
  signatureHashFlag(flags);
  return cosignVerifyFlags(flags, { images: false }).action(
    async (file: string | undefined, options: BlobAttestationFlags) => {
      const { verifyBlobAttestations } = await import('../verify-blob-attestation.js');
      await verifyBlobAttestations(io, file, options);
    },
  );
}
