import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import {
  parseSigningConfig,
  parseTrustedRoot,
  sigstorePublicRoot,
  trustPinnedRoot,
  type TufRepository,
  type TufState,
  updateTuf,
} from '@sealwright/cosign-sig';
import { digest } from '@sealwright/crypto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { print } from './command.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { bodyOf } from './body.js';
import { PATIENCE_MILLISECONDS } from './network.js';
import { cacheFolder, SIGNING_CONFIG } from './sigstore-cache.js';

/** The flags of `initialize`. */
export interface InitializeFlags {
  readonly mirror?: string;
  readonly root?: string;
  readonly rootChecksum?: string;
  readonly staging?: boolean;
  readonly json?: boolean;
}

/**
 * Fetch and verify what a Sigstore instance is trusted by, and keep it.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function initializeTrust(io: Io, flags: InitializeFlags): Promise<void> {
  const mirror = mirrorOf(io, flags);
  const repository = repositoryAt(io, mirror);
  const folder = cacheFolder(io);
  const state = await stateOf(io, flags, mirror, repository, folder);
  const now = new Date(io.now());
  const verified = await about(mirror, () => updateTuf(repository, state, { now }));
  const targets: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  for (const [name, check, isNeeded] of TARGETS) {
    if (!isNeeded && !verified.names.includes(name)) continue;
    const bytes = await about(mirror, () => verified.target(name));
    await about(name, () => check(bytes));
    targets.push({ name, bytes });
  }
  // what was verified is seen by others file by file, each whole; the metadata comes last
  const files = await io.folder(folder);
  for (const { name, bytes } of targets) await files.write(`targets/${name}`, [bytes]);
  for (const role of ROLES) await files.write(`${role}.json`, [verified.state[role]]);
  const { versions, expires } = verified;
  const said = { mirror, versions, expires: expires.toISOString() };
  await files.write('mirror.json', [encodeUtf8(`${JSON.stringify(said)}\n`)]);
  const names = targets.map(({ name }) => name);
  print(
    io,
    flags.json,
    { ...said, folder, targets: names },
    `${names.join(', ')} of ${mirror}, good until ${expires.toISOString()}, are in ${join(folder, 'targets')}\n`,
  );
}

function mirrorOf(io: Io, { mirror, staging }: InitializeFlags): string {
  if (staging === true && mirror !== undefined)
    throw new CommandError('give --staging or --mirror, not both');
  const variable = io.env['TUF_MIRROR'] ?? '';
  const chosen = staging === true ? STAGING : (mirror ?? (variable === '' ? undefined : variable));
  const url = (chosen ?? sigstorePublicRoot().mirror).replace(/\/+$/, '');
  if (!/^(?:https?|file):\/\/./.test(url) || !URL.canParse(url))
    throw new CommandError(`--mirror is an address, https:// or file://, not ${JSON.stringify(url)}`);
  return url;
}

/** What is trusted: a root that was given, what was trusted before, or pinned keys. */
async function stateOf(
  io: Io,
  flags: InitializeFlags,
  mirror: string,
  repository: TufRepository,
  folder: string,
): Promise<TufState> {
  if (flags.root !== undefined) return { root: await givenRoot(io, flags.root, flags.rootChecksum) };
  if (flags.rootChecksum !== undefined) throw new CommandError('--root-checksum goes with --root');
  const kept = await keptState(io, mirror, folder);
  if (kept !== undefined) return kept;
  const pinned = sigstorePublicRoot();
  if (mirror !== pinned.mirror)
    throw new CommandError(`--root is needed: nothing is known beforehand about ${mirror}`);
  const name = `${pinned.version}.root.json`;
  const root = await repository.read(name, MAX_ROOT);
  if (root === undefined)
    throw new CommandError(
      `${mirror} has no ${name}: is it a mirror of Sigstore?`,
      'ERR_COSIGN_TUF',
      EXIT_FAILURE,
    );
  return about(mirror, () => trustPinnedRoot(root, pinned));
}

async function givenRoot(io: Io, root: string, checksum: string | undefined): Promise<Uint8Array> {
  const isAddress = /^https?:\/\//.test(root);
  if (isAddress && checksum === undefined)
    throw new CommandError('--root-checksum is needed for a root that is fetched');
  const bytes = isAddress ? await fetched(io, root, MAX_ROOT) : await io.readFile(root);
  if (bytes === undefined)
    throw new CommandError(`${root}: there is no such file`, 'ERR_CLI_ANSWER', EXIT_FAILURE);
  if (checksum === undefined) return bytes;
  const [, algorithm = 'sha256', hex = ''] =
    /^(?:(sha256|sha512):)?([0-9a-f]{64}|[0-9a-f]{128})$/.exec(checksum) ?? [];
  if (algorithm !== 'sha256' && algorithm !== 'sha512')
    throw new CommandError('--root-checksum is SHA-256 or SHA-512');
  if (hex === '') throw new CommandError('--root-checksum is SHA-256 in hexadecimal, or sha512: and SHA-512');
  if (encodeHex(digest(algorithm, bytes)) !== hex)
    throw new CommandError(`${root}: it is not the root of --root-checksum`, 'ERR_COSIGN_TUF', EXIT_FAILURE);
  return bytes;
}

async function keptState(io: Io, mirror: string, folder: string): Promise<TufState | undefined> {
  const path = join(folder, 'mirror.json');
  if (!(await io.exists(path))) return undefined;
  const bytes = await io.readFile(path);
  const json = await about(path, () => parseJson(bytes));
  if (!isJsonObject(json) || json['mirror'] !== mirror) return undefined;
  const [root, timestamp, snapshot, targets] = await Promise.all(
    ROLES.map(async (role) => io.readFile(join(folder, `${role}.json`))),
  );
  if (root === undefined || timestamp === undefined || snapshot === undefined || targets === undefined)
    return undefined;
  return { root, timestamp, snapshot, targets };
}

function repositoryAt(io: Io, mirror: string): TufRepository {
  if (!mirror.startsWith('file://'))
    return { read: async (path, maxBytes) => fetched(io, `${mirror}/${path}`, maxBytes) };
  const folder = fileURLToPath(mirror);
  return {
    read: async (path, maxBytes) => {
      const file = join(folder, path);
      if (!(await io.exists(file))) return undefined;
      const bytes = await io.readFile(file);
      if (bytes.byteLength > maxBytes)
        throw new CommandError(`${file} is over ${maxBytes} bytes`, 'ERR_COSIGN_TUF', EXIT_FAILURE);
      return bytes;
    },
  };
}

async function fetched(io: Io, url: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const failed = (reason: string): CommandError =>
    new CommandError(`${url}: ${reason}`, 'ERR_CLI_ANSWER', EXIT_FAILURE);
  const request = new Request(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  const response = await io.fetch(request).catch(() => {
    throw failed('it cannot be reached');
  });
  if (response.status === 404 || response.status === 403) {
    await response.body?.cancel();
    return undefined; // object stores forbid what is not there
  }
  if (!response.ok) throw failed(`the answer is ${response.status}`);
  return about(url, () => bodyOf(response, maxBytes));
}

const STAGING = 'https://tuf-repo-cdn.sigstage.dev';
const MAX_ROOT = 512_000;
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
const TARGETS: readonly (readonly [string, (bytes: Uint8Array) => unknown, boolean])[] = [
  ['trusted_root.json', parseTrustedRoot, true],
  [SIGNING_CONFIG, parseSigningConfig, false],
];
