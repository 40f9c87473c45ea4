import { decodeUtf8, encodeUtf8, type Secret } from '@sealwright/bytes';
import {
  type CosignKeyPair,
  generateCosignKeyPair,
  importCosignKeyPair,
  keyPairSecret,
  parseSecretReference,
} from '@sealwright/cosign-sig';
import { exportPublicPem, type KeyKind, type PublicKey, sshFingerprint } from '@sealwright/crypto';
import { type Command, Option } from 'commander';
import { command, print } from '../command.js';
import { refuse } from '../cosign-flags.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { privateKeyOf, publicKeyOf } from '../keys.js';
import { mayWrite } from '../may-write.js';
import { newPassword } from '../password.js';

/** `keygen`: a key pair as `cosign generate-key-pair` makes it. */
export function keygen(io: Io): Command {
  const made = flags(
    command('keygen [place]', 'Make a cosign key pair, encrypted with a password.', [
      'sealwright keygen',
      'COSIGN_PASSWORD=secret sealwright keygen --output-key-prefix release --json',
      'sealwright generate-key-pair k8s://tekton-chains/signing-secrets',
    ])
      .alias('generate-key-pair')
      .addOption(
        new Option('--kind <kind>', 'kind of key')
          .choices(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa'])
          .default('ec-p256'),
      ),
    'cosign',
  );
  return refuse(made, ['--kms <uri>']).action(
    async (place: string | undefined, options: KeyFlags & { readonly kind: KeyKind }) => {
      const make = (password: Secret): Promise<CosignKeyPair> =>
        generateCosignKeyPair({ password, kind: options.kind });
      if (place === undefined) await write(io, options, make);
      else await writeToKubernetes(io, place, options, make);
    },
  );
}

/** `public-key`: the public half of a key. */
export function publicKey(io: Io): Command {
  const flags = command('public-key', 'Print the public key of a key.', [
    'sealwright public-key --key cosign.key',
    'sealwright public-key --key k8s://tekton-chains/signing-secrets --outfile cosign.pub',
  ]);
  return refuse(flags, ['--sk', '--slot <name>'])
    .option('--key <key>', 'private or public key: a file, env://NAME, k8s://namespace/name or https://…')
    .option('--outfile <file>', 'where it goes (default: standard output)')
    .action(
      async (options: { readonly key?: string; readonly outfile?: string; readonly json?: boolean }) => {
        const key = await eitherKey(io, options.key);
        const pem = exportPublicPem(key);
        const { outfile } = options;
        if (outfile !== undefined)
          await io.writeFiles([{ path: outfile, bytes: encodeUtf8(pem), mode: 0o644 }]);
        const said = { publicKey: pem, keyid: sshFingerprint(key), kind: key.kind };
        print(io, options.json, said, outfile === undefined ? pem : '');
        if (options.json !== true && outfile !== undefined) io.err(`Public key written to ${outfile}\n`);
      },
    );
}

/** What is no public key has to be a private one, whose password is asked for. */
async function eitherKey(io: Io, reference: string | undefined): Promise<PublicKey> {
  try {
    return await publicKeyOf(io, reference);
  } catch (error) {
    const isOther = error instanceof CommandError && error.code.startsWith('ERR_COSIGN_PEM');
    const isCosign = error instanceof Error && error.name === 'CosignError';
    if (!isOther && !isCosign) throw error;
    return (await privateKeyOf(io, reference)).publicKey;
  }
}

async function writeToKubernetes(
  io: Io,
  place: string,
  options: KeyFlags,
  make: (password: Secret) => Promise<CosignKeyPair>,
): Promise<void> {
  if (!place.startsWith('k8s://'))
    throw new CommandError(`keys are written into files, or k8s://namespace/name, not ${place}`);
  const { readSecret, writeSecret } = await import('../kubernetes.js');
  const name = parseSecretReference(place);
  const publicFile = `${options.outputKeyPrefix}.pub`;
  const isGiven = options.yes ?? options.force ?? false;
  await mayWrite(io, [publicFile], options);
  const before = await readSecret(io, place);
  if (before?.data['cosign.key'] !== undefined && !isGiven)
    throw new CommandError(
      `${place} has a key already: give --yes to replace it`,
      'ERR_CLI_EXISTS',
      EXIT_FAILURE,
    );
  const password = await newPassword(io);
  const pair = await make(password);
  await writeSecret(io, place, keyPairSecret(name, pair, password, before?.data), before);
  password.wipe();
  pair.privatePem.wipe();
  await io.writeFiles([{ path: publicFile, bytes: encodeUtf8(pair.publicPem), mode: 0o644 }]);
  const keyid = sshFingerprint(pair.privateKey.publicKey);
  io.err(
    options.json === true
      ? ''
      : `Successfully created secret ${name.name} in namespace ${name.namespace}\nPublic key written to ${publicFile}\n`,
  );
  print(io, options.json, { secret: place, publicKey: publicFile, keyid }, '');
}

/** `import-key-pair`: a key pair from a private key in PEM. */
export function importKeyPair(io: Io): Command {
  return flags(
    command('import-key-pair', 'Make a cosign key pair from a private key in PEM.', [
      'sealwright import-key-pair --key private.pem',
    ]).requiredOption('-k, --key <file>', 'PKCS#8, SEC1 or PKCS#1 in PEM, not encrypted'),
    'import-cosign',
  ).action(async (options: KeyFlags & { readonly key: string }) => {
    const pem = decodeUtf8(await io.readFile(options.key));
    await write(io, options, (password) => about(options.key, () => importCosignKeyPair(pem, { password })));
  });
}

interface KeyFlags {
  readonly json?: boolean;
  readonly outputKeyPrefix: string;
  readonly yes?: boolean;
  readonly force?: boolean;
}

function flags(to: Command, prefix: string): Command {
  return to
    .option('-o, --output-key-prefix <name>', 'stem of the two files', prefix)
    .option('-y, --yes', 'replace files that are there')
    .option('--force', 'the same');
}

async function write(
  io: Io,
  options: KeyFlags,
  make: (password: Secret) => Promise<CosignKeyPair>,
): Promise<void> {
  const [privateFile, publicFile] = [`${options.outputKeyPrefix}.key`, `${options.outputKeyPrefix}.pub`];
  const isNew = !(await mayWrite(io, [privateFile, publicFile], options));
  const password = await newPassword(io);
  const pair = await make(password);
  password.wipe();
  await io.writeFiles([
    { path: privateFile, bytes: pair.privatePem.expose(), mode: 0o600, isNew },
    { path: publicFile, bytes: encodeUtf8(pair.publicPem), mode: 0o644, isNew },
  ]);
  pair.privatePem.wipe();
  const keyid = sshFingerprint(pair.privateKey.publicKey);
  io.err(
    options.json === true
      ? ''
      : `Private key written to ${privateFile}\nPublic key written to ${publicFile}\n`,
  );
  print(io, options.json, { privateKey: privateFile, publicKey: publicFile, keyid }, '');
}
