import type { JsonObject } from '@sealwright/json';
import type { ResourceDescriptor } from '../descriptor.js';
import { list, object, optional, refine } from './composites.js';
import { descriptor } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, text, timestamp, uri } from './scalars.js';

/** What a monitor saw; at least one of the lists is there. */
export interface RuntimeTraceLog {
  /** Processes that ran. */
  readonly process?: readonly Readonly<JsonObject>[];
  /** Connections. */
  readonly network?: readonly Readonly<JsonObject>[];
  /** Files; one may be there many times. */
  readonly fileAccess?: readonly ResourceDescriptor[];
}

/** What happened while something ran: `https://in-toto.io/attestation/runtime-trace/v0.1`. */
export interface RuntimeTracePredicate {
  /** Who watched. */
  readonly monitor: {
    /** A URI of the kind of monitor. */
    readonly type: string;
    /** How it was configured. */
    readonly configSource?: ResourceDescriptor;
    /** What it looked for. */
    readonly tracePolicy?: Readonly<JsonObject>;
  };
  /** What was watched. */
  readonly monitoredProcess: {
    /** A URI of the host. */
    readonly hostID: string;
    /** A URI of the kind of process. */
    readonly type: string;
    /** Which one. */
    readonly event: string;
  };
  /** What was seen. */
  readonly monitorLog: RuntimeTraceLog;
  /** When. */
  readonly metadata?: {
    /** Timestamp. */
    readonly buildStartedOn?: string;
    /** Timestamp. */
    readonly buildFinishedOn?: string;
  };
}

/** Runtime traces of version 0.1. */
export const runtimeTrace: Predicate<
  'https://in-toto.io/attestation/runtime-trace/v0.1',
  RuntimeTracePredicate
> = definePredicate({
  type: 'https://in-toto.io/attestation/runtime-trace/v0.1',
  name: 'runtime-trace',
  check: object({
    monitor: object({ type: uri, configSource: optional(descriptor), tracePolicy: optional(anyObject) }),
    monitoredProcess: object({ hostID: text, type: text, event: text }),
    monitorLog: refine(
      object({
        process: optional(list(anyObject)),
        network: optional(list(anyObject)),
        fileAccess: optional(list(descriptor)),
      }),
      ({ process, network, fileAccess }, context) => {
        if (process === undefined && network === undefined && fileAccess === undefined)
          context.error('PREDICATE_EMPTY', 'expected process, network or fileAccess');
      },
    ),
    metadata: optional(object({ buildStartedOn: optional(timestamp), buildFinishedOn: optional(timestamp) })),
  }),
});
