import type { SessionMachine, TokenTrust } from '@sealwright/kbs-protocol';
import type { Log } from '@sealwright/service';
import type { AdminAccess } from '../admin/access.js';
import type { KbsMetrics } from '../kbs-metrics.js';
import type { ActivePolicy } from '../policy/active-policy.js';
import type { ResourceStore } from '../storage/types.js';

/** What the endpoints work with. */
export interface KbsDependencies {
  readonly machine: SessionMachine;
  readonly admin: AdminAccess;
  readonly policy: ActivePolicy;
  /** Undefined when the configuration has no plugin `resource`. */
  readonly resources: ResourceStore | undefined;
  readonly trust: TokenTrust;
  /** JSON pointers to look at first for the TEE key. */
  readonly teeKeyPaths: readonly string[];
  /** Cap on a request's body. */
  readonly maxBodyBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly metrics: KbsMetrics;
}
