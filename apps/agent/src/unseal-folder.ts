import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '@sealwright/bytes';
import {
  dangerouslyUnsealUnverified,
  looksSealed,
  type Providers,
  SealedSecretError,
  unsealSecret,
} from '@sealwright/sealed-secret';
import { UsageError } from '@sealwright/service';

/** Whom to trust for sealed secrets, and where their values are. */
export interface UnsealOptions {
  /** Finds the key that signed, as a JWK. */
  readonly keyResolver: (kid: string) => Promise<unknown>;
  /** Identifiers of keys that may sign; any that resolves, unless given. */
  readonly allowedKids?: readonly string[];
  /** Where values come from. */
  readonly providers: Providers;
  /** Take the unsigned form of old deployments, and check no signature at all. */
  readonly dangerouslyAcceptUnsigned?: boolean;
}

/** One file of a folder could not be unsealed. */
export class UnsealError extends Error {
  /** Always `UnsealError`. */
  override readonly name = 'UnsealError';
}

/**
 * Read a folder of secrets, such as a mounted Kubernetes Secret, and exchange those that are sealed. Others are taken as they are.
 *
 * @param folder - the folder; folders in it, and names that begin with a dot, are not looked at
 * @param options - keys and providers
 * @returns names and values
 * @throws {@link UnsealError} naming the file that could not be unsealed and why; {@link UsageError} when there is no folder.
 */
export async function unsealFolder(
  folder: string,
  options: UnsealOptions,
): Promise<ReadonlyMap<string, Secret>> {
  const result = new Map<string, Secret>();
  try {
    for (const name of filesOf(folder))
      result.set(name, await unsealFile(name, readFileSync(join(folder, name)), options));
    return result;
  } catch (error) {
    for (const secret of result.values()) secret.wipe();
    throw error;
  }
}

async function unsealFile(name: string, bytes: Buffer, options: UnsealOptions): Promise<Secret> {
  const text = bytes.toString('latin1').trim(); // a sealed secret is ASCII, and files of it often end with a newline
  if (!looksSealed(text)) return Secret.of(bytes);
  try {
    return await unsealText(text, options);
  } catch (cause) {
    if (!(cause instanceof SealedSecretError)) throw cause;
    const reason =
      cause.cause instanceof Error && cause.cause.message !== '' ? `: ${cause.cause.message}` : '';
    throw new UnsealError(`${name} could not be unsealed: ${cause.message}${reason}`, { cause });
  }
}

/**
 * Exchange one sealed secret for its value.
 *
 * @param text - the sealed secret
 * @param options - keys and providers
 * @throws {@link SealedSecretError} when it is none, or cannot be unsealed.
 */
export async function unsealText(text: string, options: UnsealOptions): Promise<Secret> {
  if (options.dangerouslyAcceptUnsigned === true) return dangerouslyUnsealUnverified(text, options);
  return unsealSecret(text, options);
}

function filesOf(folder: string): readonly string[] {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) throw new UsageError(`--unseal-from: ${folder} is not a folder`);
  const names = readdirSync(folder).filter(
    (name) => !name.startsWith('.') && statSync(join(folder, name)).isFile(),
  );
  if (names.length > MAX_FILES)
    throw new UsageError(`--unseal-from: ${folder} has more than ${MAX_FILES} files`);
  return names.sort();
}

const MAX_FILES = 256;
