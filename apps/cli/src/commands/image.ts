import type { Command } from 'commander';
import { collect } from '../collect.js';
import { command } from '../command.js';
import type { DecryptFlags, EncryptFlags } from '../encrypt-images.js';
import { CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { platformFlag, registryFlags } from '../registry-flags.js';

const PROVIDERS = `
OCICRYPT_KEYPROVIDER_CONFIG names a file that says what runs for a provider:
  {"key-providers": {"<name>": {"cmd": {"path": "<program>", "args": []}}}}
The program gets a request as JSON on standard input and answers on standard output, as with skopeo.`;

/** `image encrypt`: encrypt the layers of an image. */
export function imageEncrypt(io: Io): Command {
  const flags = command(
    'encrypt <source> <target>',
    'Copy an image, its layers encrypted. It gets another digest, so sign it afterwards.',
    [
      'sealwright image encrypt --encryption-key jwe:reader.pub registry.example.com/shop/checkout:1.0 registry.example.com/shop/checkout:1.0-encrypted',
      'sealwright image encrypt --encryption-key provider:attestation-agent:keyid=kbs:///default/image_key/checkout::keypath=image.key \\',
      '    registry.example.com/shop/checkout:1.0 registry.example.com/shop/checkout:1.0-encrypted',
    ],
  )
    .option(
      '--encryption-key <recipient>',
      'who may read it: jwe:<public key>, provider:<name>[:<parameters>]; more than once',
      collect((text: string) => text),
    )
    .option(
      '--encrypt-layer <number>',
      'only this layer, from 0; from the end, -1; more than once (default: all)',
      collect(layerNumber),
    )
    .addHelpText('after', PROVIDERS);
  return platformFlag(registryFlags(flags)).action(
    async (source: string, target: string, options: EncryptFlags) => {
      const { encryptImage } = await import('../encrypt-images.js');
      await encryptImage(io, source, target, options);
    },
  );
}

/** `image decrypt`: decrypt the layers of an image. */
export function imageDecrypt(io: Io): Command {
  const flags = command(
    'decrypt <source> <target>',
    'Copy an image, its encrypted layers decrypted: nothing of a layer is written before its tag and its digest hold.',
    [
      'sealwright image decrypt --decryption-key reader.key registry.example.com/shop/checkout:1.0-encrypted registry.example.com/shop/checkout:1.0',
    ],
  )
    .option(
      '--decryption-key <key>',
      'the file of a private key, or provider:<name>[:<parameters>]; more than once',
      collect((text: string) => text),
    )
    .addHelpText('after', PROVIDERS);
  return platformFlag(registryFlags(flags)).action(
    async (source: string, target: string, options: DecryptFlags) => {
      const { decryptImage } = await import('../encrypt-images.js');
      await decryptImage(io, source, target, options);
    },
  );
}

function layerNumber(text: string): number {
  if (/^-?\d{1,4}$/.test(text)) return Number(text);
  throw new CommandError(`--encrypt-layer is a number, not ${JSON.stringify(text)}`);
}
