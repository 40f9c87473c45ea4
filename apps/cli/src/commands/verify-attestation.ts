import { type Command, Option } from 'commander';
import { checkingClaims, mustIgnoreTlog, withoutEffect } from '../cosign-flags.js';
import { command, print } from '../command.js';
import { about, CommandError } from '../failure.js';
import { identityFlags } from '../identity-flags.js';
import type { Io } from '../io.js';
import { registryFlags } from '../registry-flags.js';
import type { VerifyAttestationFlags } from '../verify-images.js';
import { cosignVerifyFlags } from '../verify-flags.js';

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
    .addOption(
      new Option('-o, --output <format>', 'for compatibility: envelopes, one a line')
        .choices(['json', 'text'])
        .default('json'),
    );
  checkingClaims(flags, 'do not compare the subjects with the digest of the image');
  return cosignVerifyFlags(identityFlags(registryFlags(flags))).action(
    async (images: string[], options: VerifyAttestationFlags) => {
      const { verifyAttestations } = await import('../verify-images.js');
      await verifyAttestations(io, images, options);
    },
  );
}

interface BlobFlags {
  readonly key?: string;
  readonly signature?: string;
  readonly type: string;
  readonly checkClaims: boolean;
  readonly digest?: string;
  readonly digestAlg: string;
  readonly json?: boolean;
}

/** `verify-blob-attestation`: the attestation of a file, as `cosign verify-blob-attestation --key`. */
export function verifyBlobAttestationCommand(io: Io): Command {
  const flags = command(
    'verify-blob-attestation [file]',
    'Verify the attestation of a file with a public key.',
    [
      'sealwright verify-blob-attestation --key cosign.pub --signature file.att --type slsaprovenance1 --insecure-ignore-tlog file',
      'sealwright verify-blob-attestation --key cosign.pub --signature file.att --digest 3f0c… --digestAlg sha256 --insecure-ignore-tlog',
    ],
  )
    .option('--key <key>', 'public key: a file, env://NAME or https://…')
    .option('--signature <file>', 'the DSSE envelope')
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option('--digest <hex>', 'digest of the file, instead of the file')
    .addOption(
      new Option('--digestAlg <name>', 'its algorithm')
        .choices(['sha256', 'sha384', 'sha512'])
        .default('sha256'),
    );
  checkingClaims(flags, 'do not compare the subjects with the digest of the file');
  withoutEffect(flags, ['-t, --timeout <duration>']);
  return mustIgnoreTlog(cosignVerifyFlags(flags)).action(
    async (file: string | undefined, options: BlobFlags) => {
      if (options.signature === undefined)
        throw new CommandError('--signature is needed: the file with the DSSE envelope');
      if (file !== undefined && options.digest !== undefined) {
        throw new CommandError('give the file or --digest, not both');
      }
      if (file === undefined && options.digest === undefined && options.checkClaims) {
        throw new CommandError('give the file, or --digest');
      }
      const { predicateTypeOf, verifyBlobAttestation } = await import('@sealwright/cosign-sig');
      const { sshFingerprint } = await import('@sealwright/crypto');
      const { publicKeyOf } = await import('../keys.js');
      const key = await publicKeyOf(io, options.key);
      const envelope = await io.readFile(options.signature);
      const blob = file === undefined ? undefined : await io.readFile(file);
      const { statement } = await about(options.signature, () =>
        verifyBlobAttestation(envelope, {
          key,
          predicateType: predicateTypeOf(options.type),
          dangerouslySkipClaims: !options.checkClaims,
          ...(options.digest === undefined ? {} : { digests: { [options.digestAlg]: options.digest } }),
          ...(blob === undefined ? {} : { blob }),
        }),
      );
      io.err(options.json === true ? '' : 'Verified OK\n');
      print(io, options.json, { keyid: sshFingerprint(key), statement }, '');
    },
  );
}
