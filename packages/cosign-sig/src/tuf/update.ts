/**
 * The client's side of The Update Framework (specification 1.0, section 5): from an old trusted root to the files of today.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { CosignError } from '../errors.js';
import {
  authorityOf,
  fileIn,
  mustBe,
  parseMetadata,
  type TufFile,
  type TufMetadata,
  type TufRole,
  verifySignatures,
} from './metadata.js';

/** Where a repository is read from: a server, a folder, a cache. */
export interface TufRepository {
  /**
   * Read a file.
   *
   * @param path - below the repository, such as `2.root.json` or `targets/ab….trusted_root.json`
   * @param maxBytes - more than that must be refused
   * @returns `undefined` where there is no such file
   */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** What a client keeps between updates, so that nothing can be taken back. */
export interface TufState {
  /** Root metadata. */
  readonly root: Uint8Array;
  /** Timestamp metadata, if it was ever read. */
  readonly timestamp?: Uint8Array;
  /** Snapshot metadata, if it was ever read. */
  readonly snapshot?: Uint8Array;
  /** Targets metadata, if it was ever read. */
  readonly targets?: Uint8Array;
}

/** How to update. */
export interface TufOptions {
  /** The time. */
  readonly now: Date;
  /** Go on with metadata that has expired, as one must without a network; the result says how old it is. Default `false`. */
  readonly dangerouslyIgnoreExpiry?: boolean;
}

/** A repository that was verified. */
export interface VerifiedRepository {
  /** What to keep for the next update. */
  readonly state: Required<TufState>;
  /** Versions of the four roles. */
  readonly versions: Readonly<Record<'root' | 'timestamp' | 'snapshot' | 'targets', number>>;
  /** When the first of them expires, or expired. */
  readonly expires: Date;
  /** The names of the files. */
  readonly names: readonly string[];
  /**
   * Read a file and compare it with what was signed.
   *
   * @param name - such as `trusted_root.json`
   * @throws {@link CosignError} `ERR_COSIGN_TUF`.
   */
  target(name: string): Promise<Bytes>;
}

/**
 * Update: new roots one by one, each signed by enough keys of the old one and of itself, then timestamp, snapshot and targets.
 *
 * @param repository - where to read
 * @param trusted - what is trusted: at first a root that came with the program
 * @param options - the time
 * @throws {@link CosignError} `ERR_COSIGN_TUF`.
 */
export async function updateTuf(
  repository: TufRepository,
  trusted: TufState,
  options: TufOptions,
): Promise<VerifiedRepository> {
  const root = await updateRoot(repository, trusted.root, options);
  const kept = whatStays(trusted, root.metadata);
  const timestamp = await updateTimestamp(repository, root.metadata, kept, options);
  const snapshot = await updateSnapshot(repository, root.metadata, timestamp.metadata, kept, options);
  const targets = await updateTargets(repository, root.metadata, snapshot.metadata, options);
  const all = { root, timestamp, snapshot, targets };
  const consistent = root.metadata.signed['consistent_snapshot'] === true;
  return {
    state: {
      root: root.bytes,
      timestamp: timestamp.bytes,
      snapshot: snapshot.bytes,
      targets: targets.bytes,
    },
    versions: {
      root: root.metadata.version,
      timestamp: timestamp.metadata.version,
      snapshot: snapshot.metadata.version,
      targets: targets.metadata.version,
    },
    expires: new Date(Math.min(...Object.values(all).map(({ metadata }) => metadata.expires))),
    names: Object.keys(targets.metadata.signed['targets'] ?? {}),
    target: (name) => readTarget(repository, targets.metadata, name, consistent),
  };
}

interface Read {
  readonly bytes: Uint8Array;
  readonly metadata: TufMetadata;
}

async function updateRoot(
  repository: TufRepository,
  trusted: Uint8Array,
  options: TufOptions,
): Promise<Read> {
  let current: Read = { bytes: trusted, metadata: parseMetadata(trusted, 'root', MAX_BYTES.root) };
  await verifySignatures(current.metadata, authorityOf(current.metadata, 'root'));
  for (let step = 0; ; step += 1) {
    if (step > MAX_ROOTS) throw fault(`a root is not replaced more than ${MAX_ROOTS} times`);
    const version = current.metadata.version + 1;
    const bytes = await repository.read(`${version}.root.json`, MAX_BYTES.root);
    if (bytes === undefined) break;
    const next = parseMetadata(bytes, 'root', MAX_BYTES.root);
    await verifySignatures(next, authorityOf(current.metadata, 'root'));
    await verifySignatures(next, authorityOf(next, 'root'));
    if (next.version !== version) throw fault(`expected root ${version}, found ${next.version}`);
    current = { bytes, metadata: next };
  }
  mustNotBeExpired(current.metadata, options);
  return current;
}

/** Whoever held the keys of timestamps and snapshots may have run ahead: with new keys, versions begin anew (section 5.3.11). */
function whatStays(trusted: TufState, root: TufMetadata): TufState {
  const before = parseMetadata(trusted.root, 'root', MAX_BYTES.root);
  const isSame = (role: 'timestamp' | 'snapshot'): boolean => {
    const [old, now] = [before, root].map((metadata) =>
      [...authorityOf(metadata, role).keys.values()].map(({ key }) => key.fingerprint).sort(),
    );
    return String(old) === String(now);
  };
  return isSame('timestamp') && isSame('snapshot') ? trusted : { root: trusted.root };
}

async function updateTimestamp(
  repository: TufRepository,
  root: TufMetadata,
  { timestamp: old }: TufState,
  options: TufOptions,
): Promise<Read> {
  const read = await readRole(repository, 'timestamp.json', 'timestamp', undefined);
  await verifySignatures(read.metadata, authorityOf(root, 'timestamp'));
  if (old !== undefined) {
    const before = parseMetadata(old, 'timestamp', MAX_BYTES.timestamp);
    mustNotGoBack(before.version, read.metadata.version, 'timestamp');
    mustNotGoBack(
      fileIn(before, 'snapshot.json')?.version ?? 0,
      fileIn(read.metadata, 'snapshot.json')?.version ?? 0,
      'snapshot',
    );
  }
  mustNotBeExpired(read.metadata, options);
  return read;
}

async function updateSnapshot(
  repository: TufRepository,
  root: TufMetadata,
  timestamp: TufMetadata,
  { snapshot: old }: TufState,
  options: TufOptions,
): Promise<Read> {
  const read = await readNamed(repository, root, timestamp, 'snapshot');
  if (old !== undefined) {
    const before = parseMetadata(old, 'snapshot', MAX_BYTES.snapshot);
    for (const name of Object.keys(before.signed['meta'] ?? {})) {
      const now = fileIn(read.metadata, name)?.version ?? 0;
      mustNotGoBack(fileIn(before, name)?.version ?? 0, now, name);
    }
  }
  mustNotBeExpired(read.metadata, options);
  return read;
}

async function updateTargets(
  repository: TufRepository,
  root: TufMetadata,
  snapshot: TufMetadata,
  options: TufOptions,
): Promise<Read> {
  const read = await readNamed(repository, root, snapshot, 'targets');
  mustNotBeExpired(read.metadata, options);
  return read;
}

/** Metadata that other metadata names, with its version and perhaps its hashes. */
async function readNamed(
  repository: TufRepository,
  root: TufMetadata,
  by: TufMetadata,
  role: 'snapshot' | 'targets',
): Promise<Read> {
  const file = fileIn(by, `${role}.json`);
  if (file?.version === undefined) throw fault(`the ${by.role} metadata does not name the ${role}`);
  const read = await readRole(repository, versioned(root, file.version, `${role}.json`), role, file);
  await verifySignatures(read.metadata, authorityOf(root, role));
  if (read.metadata.version === file.version) return read;
  throw fault(
    `the ${role} metadata has version ${read.metadata.version}, and the ${by.role} says ${file.version}`,
  );
}

async function readRole(
  repository: TufRepository,
  path: string,
  role: TufRole,
  file: TufFile | undefined,
): Promise<Read> {
  const bytes = await repository.read(path, Math.min(file?.length ?? MAX_BYTES[role], MAX_BYTES[role]));
  if (bytes === undefined) throw fault(`${path} is not there`);
  if (file !== undefined) mustBe(bytes, file, path);
  return { bytes, metadata: parseMetadata(bytes, role, MAX_BYTES[role]) };
}

async function readTarget(
  repository: TufRepository,
  targets: TufMetadata,
  name: string,
  consistent: boolean,
): Promise<Bytes> {
  const file = fileIn(targets, name);
  const sha256 = file?.hashes.get('sha256');
  if (
    file?.length === undefined ||
    file.length > MAX_TARGET ||
    (sha256 ?? file.hashes.get('sha512')) === undefined
  )
    throw fault(`${name} is no file that is signed with length and hash`);
  const slash = name.lastIndexOf('/') + 1;
  const prefix = consistent ? `${sha256 ?? file.hashes.get('sha512')}.` : '';
  const path = `targets/${name.slice(0, slash)}${prefix}${name.slice(slash)}`;
  const bytes = await repository.read(path, file.length);
  if (bytes === undefined) throw fault(`${path} is not there`);
  mustBe(bytes, file, name);
  return new Uint8Array(bytes);
}

function versioned(root: TufMetadata, version: number, name: string): string {
  return root.signed['consistent_snapshot'] === true ? `${version}.${name}` : name;
}

function mustNotGoBack(before: number, now: number, what: string): void {
  if (now < before) throw fault(`${what} goes back from version ${before} to ${now}`);
}

function mustNotBeExpired({ role, expires }: TufMetadata, options: TufOptions): void {
  if (options.dangerouslyIgnoreExpiry === true || options.now.getTime() < expires) return;
  throw fault(`${role} expired at ${new Date(expires).toISOString()}`);
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_TUF', message);
}

const MAX_ROOTS = 256;
const MAX_TARGET = 16 << 20;
const MAX_BYTES = { root: 512_000, timestamp: 16_384, snapshot: 2_000_000, targets: 5_000_000 } as const;
