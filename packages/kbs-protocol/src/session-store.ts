/**
 * Sessions as records that several servers can share: every change is compare-and-set.
 *
 * @module
 */
import type { ProtocolVersion } from './messages.js';
import type { RuntimeHash } from './runtime-data.js';
import type { TeeName } from './tee.js';

/** One handshake's state. Plain data, so that any store can hold it as JSON. */
export interface SessionRecord {
  /** 32 hexadecimal digits. Whoever knows it holds the session, so it stays out of logs. */
  readonly id: string;
  /** Counts changes: 1 when new. */
  readonly revision: number;
  /** Where the client says that it runs. */
  readonly tee: TeeName;
  /** The protocol version of the session. */
  readonly version: ProtocolVersion;
  /** The hash over the runtime data. */
  readonly hash: RuntimeHash;
  /** The nonce of the challenge. */
  readonly nonce: string;
  /** When the session ends, in milliseconds since 1970. It is never extended. */
  readonly expiresAt: number;
  /** The attestation token, once there is one. */
  readonly token?: string;
}

/** Where sessions are kept. */
export interface SessionStore {
  /**
   * The record of a session.
   *
   * @param id - the session's id
   */
  get(id: string): Promise<SessionRecord | undefined>;
  /**
   * Replace a record, if nobody else did meanwhile. True when it was replaced.
   *
   * @param id - the session's id
   * @param expected - the revision that must be there; undefined when there must be none
   * @param next - the record to put there; undefined to delete it
   */
  compareAndSet(id: string, expected: number | undefined, next: SessionRecord | undefined): Promise<boolean>;
}

/** Options of {@link createMemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** How many sessions are kept; beyond it the oldest is dropped. Default 10 000. */
  readonly maxSessions?: number;
}

/** A {@link SessionStore} in memory, which forgets the oldest session rather than grow. */
export interface MemorySessionStore extends SessionStore {
  /**
   * Drop the sessions that are over; gives how many there were.
   *
   * @param now - milliseconds since 1970
   */
  sweep(now: number): number;
  /** How many sessions there are. */
  readonly size: number;
}

/**
 * Keep sessions in memory, for one process.
 *
 * @param options - how many to keep
 */
export function createMemorySessionStore(options: MemorySessionStoreOptions = {}): MemorySessionStore {
  const { maxSessions = 10_000 } = options;
  const records = new Map<string, SessionRecord>();
  return {
    async get(id) {
      return records.get(id);
    },
    async compareAndSet(id, expected, next) {
      if (records.get(id)?.revision !== expected) return false;
      if (next === undefined) records.delete(id);
      else records.set(id, next);
      for (const oldest of records.keys()) {
        if (records.size <= maxSessions) break;
        records.delete(oldest);
      }
      return true;
    },
    sweep(now) {
      const over = [...records.values()].filter((record) => record.expiresAt <= now);
      for (const { id } of over) records.delete(id);
      return over.length;
    },
    get size() {
      return records.size;
    },
  };
}
