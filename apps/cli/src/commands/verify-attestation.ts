import { decodeUtf8 } from '@sealwright/bytes';
import { predicateTypeOf, verifyBlobAttestation, verifyImageAttestations } from '@sealwright/cosign-sig';
import { sshFingerprint } from '@sealwright/crypto';
import { type Command, Option } from 'commander';
import { checkingClaims, ignoringTlog, withoutEffect } from '../cosign-flags.js';
import { command, print } from '../command.js';
import { about, CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { publicKeyOf } from '../keys.js';
import { imageOf, placeOf, registryClient, registryFlags, type RegistryFlags } from '../registry.js';
import { cosignVerifyFlags, header } from './verify.js';

interface ImageFlags extends RegistryFlags {
  readonly key?: string;
  readonly type: string;
  readonly checkClaims: boolean;
  readonly output: 'json' | 'text';
  readonly json?: boolean;
}

/** `verify-attestation`: attestations of images, as `cosign verify-attestation --key`. */
export function verifyAttestation(io: Io): Command {
  const flags = command(
    'verify-attestation <image...>',
    'Verify the attestations of images with a public key.',
    [
      'sealwright verify-attestation --key cosign.pub --type slsaprovenance1 --insecure-ignore-tlog registry.example.com/shop/checkout:1.0',
    ],
  )
    .option('--key <key>', 'public key: a file, env://NAME or https://…')
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .addOption(
      new Option('-o, --output <format>', 'for compatibility: envelopes, one a line')
        .choices(['json', 'text'])
        .default('json'),
    );
  checkingClaims(flags, 'do not compare the subjects with the digest of the image');
  return ignoringTlog(cosignVerifyFlags(registryFlags(flags))).action(
    async (images: string[], options: ImageFlags) => {
      const key = await publicKeyOf(io, options.key);
      const registry = registryClient(io, options);
      const { repository, tagPrefix } = placeOf(io, options);
      const verified = [];
      for (const name of images) {
        const { digest, attestations } = await verifyImageAttestations(registry, await imageOf(name), {
          key,
          predicateType: predicateTypeOf(options.type),
          dangerouslySkipClaims: !options.checkClaims,
          ...(repository === undefined ? {} : { attestationRepository: repository }),
          ...(tagPrefix === undefined ? {} : { tagPrefix }),
        });
        const statements = attestations.map(({ statement }) => statement);
        verified.push({ image: name, digest, keyid: sshFingerprint(key), statements });
        if (options.json === true) continue;
        io.err(header(name, options));
        for (const { envelope } of attestations) io.out(`${decodeUtf8(envelope)}\n`);
      }
      if (options.json === true) print(io, true, { verified }, '');
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
  return ignoringTlog(cosignVerifyFlags(flags)).action(
    async (file: string | undefined, options: BlobFlags) => {
      if (options.signature === undefined)
        throw new CommandError('--signature is needed: the file with the DSSE envelope');
      if (file !== undefined && options.digest !== undefined) {
        throw new CommandError('give the file or --digest, not both');
      }
      if (file === undefined && options.digest === undefined && options.checkClaims) {
        throw new CommandError('give the file, or --digest');
      }
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
