import { type Command, Option } from 'commander';
import { command } from '../command.js';
import { withoutEffect } from '../cosign-flags.js';
import type { Io } from '../io.js';
import type { AttestBlobFlags, SignBlobFlags } from '../sign-blobs.js';
import {
  entryTypeFlag,
  layoutFlags,
  SIGNING_ALGORITHMS,
  type SigningFlags,
  signingFlags,
} from '../signing-flags.js';

/** `sign-bundle`: a file into a Sigstore bundle, in the protocol of the client conformance suite. */
export function signBundle(io: Io): Command {
  const flags = command(
    'sign-bundle <artifact>',
    'Sign a file into a Sigstore bundle, without a key of one’s own.',
    [
      'sealwright sign-bundle --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json --bundle app.sigstore.json app',
    ],
  )
    .option('--bundle <file>', 'where the bundle goes')
    .option('--signing-config <file>', 'signing_config.json: which services to ask')
    .option('--trusted-root <file>', 'trusted_root.json: what their answers are held to')
    .option('--in-toto', 'the file is a statement: sign it in an envelope')
    .option(
      '--identity-token <token>',
      'who signs; else SIGSTORE_ID_TOKEN, a token of GitHub Actions, or a file of cosign',
    );
  return withoutEffect(flags, ['--staging']).action(
    async (artifact: string, options: SigningFlags & { readonly inToto?: boolean }) => {
      const { signToBundle } = await import('../sign-blobs.js');
      await signToBundle(io, artifact, options, options.inToto === true);
    },
  );
}

/** `sign-blob`: a file into a Sigstore bundle, with a key or without. */
export function signBlobCommand(io: Io): Command {
  const flags = command('sign-blob <artifact...>', 'Sign a file into a Sigstore bundle.', [
    'sealwright sign-blob --key cosign.key --tlog-upload=false --bundle app.sigstore.json app',
    'sealwright sign-blob --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json --bundle app.sigstore.json app',
    'sealwright sign-blob --key cosign.key --tlog-upload=false --output-signature app.sig app',
  ])
    .option('--output-signature <file>', 'write the signature to a file, base64')
    .addOption(new Option('--output <file>').hideHelp())
    .addOption(new Option('--b64').default(true).hideHelp())
    .option('--no-b64', 'signature and certificate as they are, without base64')
    .option('--output-certificate <file>', 'write the certificate to a file, base64 of PEM')
    .option('--rfc3161-timestamp <file>', 'write the timestamp to a file, as cosign 2 does');
  flags.addOption(
    new Option(
      '--signing-algorithm <name>',
      'what the key is, or what the one is that is made for this once',
    ).choices(Object.keys(SIGNING_ALGORITHMS)),
  );
  return layoutFlags(signingFlags(flags)).action(async (artifacts: string[], options: SignBlobFlags) => {
    const { signBlobs } = await import('../sign-blobs.js');
    await signBlobs(io, artifacts, options);
  });
}

/** `attest-blob`: an attestation of a file, with a key or without. */
export function attestBlobCommand(io: Io): Command {
  const flags = command('attest-blob [artifact]', 'Attest a file, with a key or without one of one’s own.', [
    'sealwright attest-blob --key cosign.key --tlog-upload=false --type slsaprovenance1 --predicate provenance.json --bundle app.att.json app',
    'sealwright attest-blob --identity-token "$TOKEN" --signing-config signing_config.json --trusted-root trusted_root.json --type spdxjson --predicate sbom.json --bundle app.att.json app',
    'sealwright attest-blob --key cosign.key --tlog-upload=false --statement statement.json --output-signature app.att',
  ])
    .option(
      '--predicate <file>',
      'what is said about the file: any text for the types custom and spdx, else a JSON object',
    )
    .option('--statement <file>', 'a whole statement, signed as it is')
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option('--hash <hex>', 'SHA-256 of the file, instead of the file')
    .option('--output-signature <file>', 'write the DSSE envelope to a file')
    .option('--output-attestation <file>', 'write the statement to a file')
    .option('--output-certificate <file>', 'write the certificate to a file, PEM')
    .option('--rfc3161-timestamp-bundle <file>', 'write the timestamp to a file, as cosign 2 does');
  return layoutFlags(signingFlags(entryTypeFlag(flags))).action(
    async (artifact: string | undefined, options: AttestBlobFlags) => {
      const { attestBlob } = await import('../sign-blobs.js');
      await attestBlob(io, artifact, options);
    },
  );
}
