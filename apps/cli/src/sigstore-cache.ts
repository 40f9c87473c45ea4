import { homedir } from 'node:os';
import { join } from 'node:path';
import { decodeUtf8 } from '@sealwright/bytes';
import { CommandError } from './failure.js';
import type { Io } from './io.js';

/** A file of a Sigstore instance that was verified when it was fetched. */
export interface CachedFile {
  /** Where it is kept. */
  readonly name: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}

/**
 * The folder that `initialize` fills: `TUF_ROOT`, else `~/.sigstore/root`, and a folder of ours in it.
 *
 * @param io - the world
 */
export function cacheFolder(io: Io): string {
  const root = io.env['TUF_ROOT'] ?? '';
  return join(root === '' ? join(io.env['HOME'] ?? homedir(), '.sigstore', 'root') : root, 'sealwright');
}

/**
 * A file that `initialize` fetched.
 *
 * @param io - the world
 * @param target - such as `trusted_root.json`
 */
export async function cachedTarget(io: Io, target: string): Promise<CachedFile | undefined> {
  const name = join(cacheFolder(io), 'targets', target);
  if (!(await io.exists(name))) return undefined;
  await tellAge(io);
  return { name, bytes: await io.readFile(name) };
}

/** Without a network one has to go on with what has expired, and be told. */
async function tellAge(io: Io): Promise<void> {
  const path = join(cacheFolder(io), 'mirror.json');
  const said = (await io.exists(path)) ? decodeUtf8(await io.readFile(path)) : '';
  const [, expires = ''] = /"expires":"([0-9TZ:.-]{20,24})"/.exec(said) ?? [];
  if (Date.parse(expires) < io.now())
    io.err(`Warning: what is trusted expired at ${expires}; run \`sealwright initialize\` again\n`);
}

/**
 * The signing config of `--signing-config`, else of `initialize`.
 *
 * @param io - the world
 * @param path - of the flag
 * @throws {@link CommandError}
 */
export async function signingConfigOf(io: Io, path: string | undefined): Promise<CachedFile> {
  if (path !== undefined) return { name: path, bytes: await io.readFile(path) };
  const cached = await cachedTarget(io, SIGNING_CONFIG);
  if (cached !== undefined) return cached;
  throw new CommandError(
    '--signing-config and --trusted-root are needed, or run `sealwright initialize` first; to sign with --key and without a log, give --tlog-upload=false',
  );
}

/** The name of signing configs in repositories of Sigstore. */
export const SIGNING_CONFIG = 'signing_config.v0.2.json';
