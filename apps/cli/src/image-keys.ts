import { decodeUtf8 } from '@sealwright/bytes';
import { importPrivateKey, importPublicKey } from '@sealwright/crypto';
import {
  jweOpener,
  jweSealer,
  keyProviderOpener,
  keyProviderSealer,
  type LayerKeyOpener,
  type LayerKeySealer,
} from '@sealwright/oci/encryption';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { keyProviderCall, providerParameters } from './key-providers.js';

/**
 * Who will be able to read an image: `jwe:<public key>` or `provider:<name>[:<parameters>]`.
 *
 * @param io - the world
 * @param recipients - the values of `--encryption-key`
 */
export async function sealersOf(io: Io, recipients: readonly string[]): Promise<readonly LayerKeySealer[]> {
  const sealers: LayerKeySealer[] = [];
  for (const recipient of recipients) {
    if (recipient.startsWith('jwe:')) sealers.push(await publicKeySealer(io, recipient.slice('jwe:'.length)));
    else if (!recipient.startsWith('provider:'))
      throw new CommandError(
        `--encryption-key is jwe:<public key> or provider:<name>[:<parameters>], not ${JSON.stringify(recipient)}`,
      );
  }
  for (const [name, parameters] of byProvider(recipients))
    sealers.push(keyProviderSealer(name, await keyProviderCall(io, name), parameters));
  return sealers;
}

/**
 * Who may know the keys of an image: the file of a private key, or `provider:<name>[:<parameters>]`.
 *
 * @param io - the world
 * @param keys - the values of `--decryption-key`
 */
export async function openersOf(io: Io, keys: readonly string[]): Promise<readonly LayerKeyOpener[]> {
  const openers: LayerKeyOpener[] = [];
  for (const key of keys) if (!key.startsWith('provider:')) openers.push(await privateKeyOpener(io, key));
  for (const [name, parameters] of byProvider(keys))
    openers.push(keyProviderOpener(name, await keyProviderCall(io, name), parameters));
  return openers;
}

async function publicKeySealer(io: Io, path: string): Promise<LayerKeySealer> {
  const bytes = await io.readFile(path);
  return about(path, () => {
    const key = importPublicKey(decodeUtf8(bytes));
    if (key.kind !== 'ed25519') return jweSealer(key);
    throw new CommandError('an Ed25519 key signs, and cannot be encrypted to', 'ERR_CLI_KEY', EXIT_FAILURE);
  });
}

async function privateKeyOpener(io: Io, path: string): Promise<LayerKeyOpener> {
  const bytes = await io.readFile(path);
  return about(path, async () => jweOpener(await importPrivateKey(decodeUtf8(bytes))));
}

/** All that is said to one provider goes to it at once. */
function byProvider(texts: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const text of texts) {
    if (!text.startsWith('provider:')) continue;
    const [name, parameters] = providerParameters(text.slice('provider:'.length));
    found.set(name, [...(found.get(name) ?? []), parameters]);
  }
  return found;
}
