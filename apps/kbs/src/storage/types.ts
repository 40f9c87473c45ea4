import type { Bytes } from '@sealwright/bytes';
import type { SessionStore } from '@sealwright/kbs-protocol';

/** A resource as it was stored. */
export interface StoredResource {
  /** The secret. */
  readonly value: Bytes;
  /** Greater than that of everything stored before it. */
  readonly version: number;
}

/** Where resources are kept. Paths are `repository/type/tag`, checked by the caller. */
export interface ResourceStore {
  /** The resource of a path. */
  get(path: string): Promise<StoredResource | undefined>;
  /** Store or replace a resource; it is on the disk when this resolves. Gives its version. */
  put(path: string, value: Uint8Array): Promise<number>;
  /** Delete a resource; false when there was none. */
  delete(path: string): Promise<boolean>;
}

/** Texts and keys by name, each replaced as a whole: the resource policy, the signing key. */
export interface RecordStore {
  /** What is stored under a name. */
  get(name: string): Promise<Bytes | undefined>;
  /** Store or replace; gives the version. */
  put(name: string, value: Uint8Array): Promise<number>;
  /** Store unless something is there; gives what is there afterwards. */
  putIfAbsent(name: string, value: Uint8Array): Promise<Bytes>;
}

/** Sessions, with the broom. */
export interface SweptSessionStore extends SessionStore {
  /** Drop the sessions that are over; gives how many there were. */
  sweep(now: number): Promise<number>;
}

/** Everything that outlives a request. */
export interface Storage {
  readonly resources: ResourceStore;
  readonly records: RecordStore;
  readonly sessions: SweptSessionStore;
  /** Resolves when the storage answers. */
  ready(): Promise<void>;
  /** Close it. */
  close(): void;
}
