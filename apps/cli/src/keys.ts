import { decodeUtf8, encodeUtf8, Secret } from '@sealwright/bytes';
import { CosignError, cosignSigner, decryptPrivateKey, parseCosignPublicKey } from '@sealwright/cosign-sig';
import type { PrivateKey, PublicKey, Signer } from '@sealwright/crypto';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { bodyOf } from './body.js';
import { knownPasswords } from './password.js';

/**
 * The public key of `--key`: a file, `env://NAME`, or an `https://` address.
 *
 * @param io - the world
 * @param reference - the value of the flag
 */
export async function publicKeyOf(io: Io, reference: string | undefined): Promise<PublicKey> {
  const bytes = await readKey(io, reference, 'cosign.pub');
  return about(reference ?? '', () => parseCosignPublicKey(decodeUtf8(bytes)));
}

/**
 * The signer of `--key`, whose password is asked for.
 *
 * @param io - the world
 * @param reference - the value of the flag
 */
export async function signerOf(io: Io, reference: string | undefined): Promise<Signer> {
  return cosignSigner(await privateKeyOf(io, reference));
}

/**
 * The private key of `--key`, whose password is asked for.
 *
 * @param io - the world
 * @param reference - the value of the flag
 */
export async function privateKeyOf(io: Io, reference: string | undefined): Promise<PrivateKey> {
  const bytes = await readKey(io, reference, 'cosign.key');
  const passwords = await passwordsOf(io, reference);
  try {
    return await about(reference ?? '', () => decryptWithAny(decodeUtf8(bytes), passwords));
  } finally {
    for (const password of passwords) password.wipe();
  }
}

async function decryptWithAny(
  text: string,
  [first, ...others]: readonly [Secret, ...Secret[]],
): Promise<PrivateKey> {
  try {
    return await decryptPrivateKey(text, first);
  } catch (error) {
    const [second, ...more] = others;
    const isWrong = error instanceof CosignError && error.code === 'ERR_COSIGN_DECRYPT';
    if (!isWrong || second === undefined) throw error;
    return decryptWithAny(text, [second, ...more]);
  }
}

/** A Secret of Kubernetes holds the password of its key. */
async function passwordsOf(io: Io, reference: string | undefined): Promise<readonly [Secret, ...Secret[]]> {
  if (reference?.startsWith('k8s://') !== true) return knownPasswords(io);
  const { secretMember } = await import('./kubernetes.js');
  return [Secret.of(await secretMember(io, reference, 'cosign.password'))];
}

async function readKey(
  io: Io,
  reference: string | undefined,
  member: 'cosign.key' | 'cosign.pub',
): Promise<Uint8Array> {
  if (reference === undefined) throw new CommandError('--key is needed');
  if (reference.startsWith('env://')) {
    const value = io.env[reference.slice('env://'.length)];
    if (value === undefined)
      throw new CommandError(`${reference}: there is no such variable`, 'ERR_CLI_KEY', EXIT_FAILURE);
    return encodeUtf8(value);
  }
  if (reference.startsWith('k8s://')) {
    const { secretMember } = await import('./kubernetes.js');
    return secretMember(io, reference, member);
  }
  if (/^https?:\/\//.test(reference)) return fetchKey(io, reference);
  if (/^[a-z0-9]+:\/\//.test(reference))
    throw new CommandError(
      `--key ${reference.split(':')[0] ?? ''}:// is not supported: keys are files, env://NAME, k8s://namespace/name, and public ones also https://…`,
    );
  return io.readFile(reference);
}

async function fetchKey(io: Io, url: string): Promise<Uint8Array> {
  const failed = (reason: string): CommandError =>
    new CommandError(`${url}: ${reason}`, 'ERR_CLI_KEY', EXIT_FAILURE);
  if (!URL.canParse(url)) throw failed('this is no URL');
  const request = new Request(url, { signal: AbortSignal.timeout(30_000) });
  const response = await io.fetch(request).catch(() => {
    throw failed('it cannot be reached');
  });
  if (!response.ok) throw failed(`the answer is ${response.status}`);
  return about(url, () => bodyOf(response, 65_536));
}
