/**
 * Change what a tag stands for while others do the same: nothing that anybody wrote gets lost.
 *
 * @module
 */
import { putBlob } from './blobs.js';
import { OciError } from './errors.js';
import { findManifest, putManifest, type RegistryManifest } from './manifests.js';
import type { ImageReference } from './reference.js';
import type { CallOptions, Transport } from './transport.js';

/** What a tag is to stand for next. */
export interface NextManifest {
  /** The manifest. */
  readonly bytes: Uint8Array;
  /** Its media type. */
  readonly mediaType: string;
  /** Blobs that must be there before it, such as its config. Default none. */
  readonly blobs?: readonly Uint8Array[];
}

/** How to change what a tag stands for. */
export interface UpdateManifestOptions extends CallOptions {
  /** How often to start again when another writer won. Default 64. */
  readonly attempts?: number;
}

/**
 * What comes next, made of what is there.
 *
 * @param current - what the tag stands for; `undefined` where there is nothing
 * @returns `undefined` where nothing is to be changed, because everything that is wanted is there
 */
export type NextOf = (current: RegistryManifest | undefined) => Promise<NextManifest | undefined>;

/** Runs one task at a time for each name. */
export type TagLock = <T>(name: string, task: () => Promise<T>) => Promise<T>;

/** A lock for the calls of one client. Others are held off by conditions, where the registry knows them. */
export function createTagLock(): TagLock {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, task) => {
    const before = tails.get(name) ?? Promise.resolve();
    const own = before.then(task, task);
    const tail = own.catch(() => undefined);
    tails.set(name, tail);
    try {
      return await own;
    } finally {
      if (tails.get(name) === tail) tails.delete(name);
    }
  };
}

/**
 * Read, change, and write with the condition that it is still what was read. Because registries may not know the condition, it is read
 * again after a pause in which others finish, and written again where another writer won.
 *
 * @returns whether something was written
 */
export async function updateManifest(
  transport: Transport,
  lock: TagLock,
  tagged: ImageReference,
  nextOf: NextOf,
  options: UpdateManifestOptions = {},
): Promise<boolean> {
  const { attempts = 64 } = options;
  const { clock, random } = transport;
  const name = `${tagged.registry}/${tagged.repository}:${tagged.tag}`;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const started = clock.now();
    const outcome = await lock(name, () => write(transport, tagged, nextOf, options)).catch(passing);
    if (attempt === 0 && outcome === 'nothing to do') return false;
    // whoever read before us and writes after us takes ours away: look again when they must be done
    const settle = Math.max(SETTLE, 3 * (clock.now() - started));
    await clock.sleep(Math.min(settle, MAX_BACK_OFF) * (0.5 + random()), options.signal);
    const later = await findManifest(transport, tagged, options).catch(passing);
    if (later !== undefined && (await nextOf(later)) === undefined) return true;
    const most = Math.min(BACK_OFF * 2 ** Math.min(attempt, 8), MAX_BACK_OFF);
    await clock.sleep(most * random(), options.signal);
  }
  throw new OciError('ERR_OCI_CONFLICT', `other writers of the tag won ${attempts} times`);
}

async function write(
  transport: Transport,
  tagged: ImageReference,
  nextOf: NextOf,
  options: CallOptions,
): Promise<'written' | 'nothing to do' | 'lost'> {
  for (let attempt = 0; attempt < CONDITIONS; attempt += 1) {
    const current = await findManifest(transport, tagged, options);
    const next = await nextOf(current);
    if (next === undefined) return 'nothing to do';
    for (const blob of next.blobs ?? []) await putBlob(transport, tagged, blob, options);
    const condition = current === undefined ? { onlyIfAbsent: true } : { ifMatch: current.etag };
    if (await put(transport, tagged, next, { ...options, ...condition })) return 'written';
    await transport.clock.sleep(BACK_OFF * (attempt + 1) * transport.random(), options.signal);
  }
  return 'lost';
}

async function put(
  transport: Transport,
  tagged: ImageReference,
  { bytes, mediaType }: NextManifest,
  options: CallOptions & { ifMatch?: string | undefined; onlyIfAbsent?: boolean },
): Promise<boolean> {
  try {
    await putManifest(transport, tagged, bytes, mediaType, options);
    return true;
  } catch (error) {
    if (error instanceof OciError && error.code === 'ERR_OCI_CONFLICT') return false;
    throw error;
  }
}

/** Registries on file systems stumble over a tag that is being written: then the attempt does not count. */
function passing(error: unknown): undefined {
  if (error instanceof OciError && error.status !== undefined && error.status >= 500) return undefined;
  throw error;
}

/** Milliseconds in which another writer's read and write are over. */
const SETTLE = 100;
const BACK_OFF = 10;
const MAX_BACK_OFF = 5000;
/** How often a condition may fail before the others are left alone for a while. */
const CONDITIONS = 8;
