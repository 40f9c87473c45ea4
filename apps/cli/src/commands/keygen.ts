import { decodeUtf8, encodeUtf8, type Secret } from '@sealwright/bytes';
import { type CosignKeyPair, generateCosignKeyPair, importCosignKeyPair } from '@sealwright/cosign-sig';
import { type KeyKind, sshFingerprint } from '@sealwright/crypto';
import { type Command, Option } from 'commander';
import { command, print } from '../command.js';
import { about } from '../failure.js';
import type { Io } from '../io.js';
import { mayWrite } from '../may-write.js';
import { readPassword } from '../password.js';

/** `keygen`: a key pair as `cosign generate-key-pair` makes it. */
export function keygen(io: Io): Command {
  return flags(
    command('keygen', 'Make a cosign key pair, encrypted with a password.', [
      'sealwright keygen',
      'COSIGN_PASSWORD=secret sealwright keygen --output-key-prefix release --json',
    ])
      .alias('generate-key-pair')
      .addOption(
        new Option('--kind <kind>', 'kind of key')
          .choices(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa'])
          .default('ec-p256'),
      ),
    'cosign',
  ).action(async (options: KeyFlags & { readonly kind: KeyKind }) => {
    await write(io, options, (password) => generateCosignKeyPair({ password, kind: options.kind }));
  });
}

/** `import-key-pair`: a key pair from a private key in PEM. */
export function importKeyPair(io: Io): Command {
  return flags(
    command('import-key-pair', 'Make a cosign key pair from a private key in PEM.', [
      'sealwright import-key-pair --key private.pem',
    ]).requiredOption('--key <file>', 'PKCS#8, SEC1 or PKCS#1 in PEM, not encrypted'),
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
    .option('--output-key-prefix <name>', 'stem of the two files', prefix)
    .option('-y, --yes', 'replace files that are there')
    .option('--force', 'the same');
}

async function write(
  io: Io,
  options: KeyFlags,
  make: (password: Secret) => Promise<CosignKeyPair>,
): Promise<void> {
  const [privateFile, publicFile] = [`${options.outputKeyPrefix}.key`, `${options.outputKeyPrefix}.pub`];
  await mayWrite(io, [privateFile, publicFile], options.yes ?? options.force);
  const password = await readPassword(io, { twice: true });
  const pair = await make(password);
  password.wipe();
  await io.writeFiles([
    { path: privateFile, bytes: pair.privatePem.expose(), mode: 0o600 },
    { path: publicFile, bytes: encodeUtf8(pair.publicPem), mode: 0o644 },
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
