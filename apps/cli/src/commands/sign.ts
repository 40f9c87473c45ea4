import { decodeUtf8 } from '@sealwright/bytes';
import { attestImage, signImage } from '@sealwright/cosign-sig';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { type Command, Option } from 'commander';
import { annotation, notYet, withoutEffect } from '../cosign-flags.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { signerOf } from '../keys.js';
import { imageOf, placeOf, registryClient } from '../registry.js';
import { registryFlags, type RegistryFlags } from '../registry-flags.js';

interface SignFlags extends RegistryFlags {
  readonly key?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** `sign`: sign an image with a key, as `cosign sign --key`. */
export function sign(io: Io): Command {
  const flags = command('sign <image>', 'Sign an image with a cosign key.', [
    'sealwright sign --key cosign.key --tlog-upload=false registry.example.com/shop/checkout@sha256:…',
  ]).option('-a, --annotations <name=value>', 'an annotation to sign along, more than once', annotation);
  return signFlags(flags).action(async (name: string, options: SignFlags) => {
    const image = await imageOf(name);
    const { repository, tagPrefix } = placeOf(io, options);
    const signer = await signerOf(io, options.key);
    const { digest, tag, written } = await signImage(registryClient(io, options), image, {
      signer,
      ...(repository === undefined ? {} : { signatureRepository: repository }),
      ...(tagPrefix === undefined ? {} : { tagPrefix }),
      ...(options.annotations === undefined ? {} : { annotations: options.annotations }),
    });
    tell(io, options, { digest, tag, written });
  });
}

/** `attest`: attest an image with a key, as `cosign attest --key`. */
export function attest(io: Io): Command {
  const flags = command('attest <image>', 'Attest an image with a cosign key.', [
    'sealwright attest --key cosign.key --tlog-upload=false --type slsaprovenance1 --predicate provenance.json registry.example.com/shop/checkout@sha256:…',
  ])
    .requiredOption(
      '--predicate <file>',
      'what is said about the image: any text for the type custom, else a JSON object',
    )
    .option('--type <type>', 'predicate type: a name of cosign, or a URI', 'custom')
    .option('--replace', 'drop the earlier attestations of this type');
  return signFlags(flags).action(
    async (name: string, options: SignFlags & { predicate: string; type: string; replace?: boolean }) => {
      const image = await imageOf(name);
      const { repository, tagPrefix } = placeOf(io, options);
      const predicate = await predicateOf(io, options);
      const signer = await signerOf(io, options.key);
      const { digest, tag, written } = await attestImage(registryClient(io, options), image, {
        signer,
        predicate,
        predicateType: options.type,
        ...(repository === undefined ? {} : { attestationRepository: repository }),
        ...(tagPrefix === undefined ? {} : { tagPrefix }),
        replace: options.replace === true,
      });
      tell(io, options, { digest, tag, written });
    },
  );
}

/** What cosign makes of a file: by default its text with the time, else the JSON object in it. */
async function predicateOf(
  io: Io,
  { predicate: file, type }: { readonly predicate: string; readonly type: string },
): Promise<JsonObject> {
  if (type === 'spdx') throw new CommandError('--type spdx is not supported yet: spdxjson is');
  const bytes = await io.readFile(file);
  const text = await about(file, () => decodeUtf8(bytes));
  if (type === 'custom')
    return { Data: text, Timestamp: new Date(io.now()).toISOString().replace(/\.\d+Z$/, 'Z') };
  const predicate = await about(file, () => parseJson(text));
  if (isJsonObject(predicate)) return predicate;
  throw new CommandError(
    `${file}: a predicate of this type is a JSON object`,
    'ERR_CLI_PREDICATE',
    EXIT_FAILURE,
  );
}

function signFlags(to: Command): Command {
  to.option('--key <key>', 'private key of cosign: a file, or env://NAME; COSIGN_PASSWORD is its password')
    .addOption(new Option('--tlog-upload').default(true).hideHelp())
    .option(
      '--no-tlog-upload',
      'leave the signature out of the transparency log; needed until that is supported',
    )
    .option('-y, --yes', 'for compatibility')
    .hook('preAction', (_outer, inner) => {
      if (inner.getOptionValue('tlogUpload') === false) return;
      throw new CommandError(
        'the transparency log cannot be written yet: give --tlog-upload=false to sign without it',
      );
    });
  withoutEffect(to, [
    '--new-bundle-format',
    '--no-new-bundle-format',
    '--use-signing-config',
    '--no-use-signing-config',
  ]);
  const values = [
    'certificate',
    'certificate-chain',
    'rekor-url',
    'fulcio-url',
    'identity-token',
    'bundle',
    'signing-config',
    'sign-container-identity',
    'timestamp-server-url',
    'output-signature',
    'output-certificate',
    'output-payload',
    'payload',
    'signature',
    'slot',
    'registry-token',
    'registry-username',
    'registry-password',
  ];
  const switches = ['sk', 'recursive', 'k8s-keychain', 'issue-certificate', 'record-creation-timestamp'];
  return notYet(registryFlags(to), values, switches);
}

function tell(
  io: Io,
  options: { readonly json?: boolean },
  made: { digest: string; tag: string; written: boolean },
): void {
  print(
    io,
    options.json,
    made,
    made.written ? `pushed to the tag ${made.tag}\n` : `${made.tag} says the same already\n`,
  );
}
