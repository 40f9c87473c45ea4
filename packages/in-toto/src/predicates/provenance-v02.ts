import type { JsonObject } from '@sealwright/json';
import type { ResourceDescriptor } from '../descriptor.js';
import type { DigestSet } from '../digest-set.js';
import type { Check } from './check.js';
import { list, object, optional } from './composites.js';
import { descriptor, digestSet } from './descriptors.js';
import { withInvocationId } from './invocation-id.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, anyText, boolean, timestamp, uri } from './scalars.js';

/** When something was built, and how complete the account of it is. */
export interface ProvenanceV02Metadata {
  /** Which execution; also read from `buildInvocationID`. */
  readonly buildInvocationId?: string;
  /** Timestamp. */
  readonly buildStartedOn?: string;
  /** Timestamp. */
  readonly buildFinishedOn?: string;
  /** What is complete; `false` unless said. */
  readonly completeness?: {
    /** Whether all parameters are listed. */
    readonly parameters?: boolean;
    /** Whether all of the environment is listed. */
    readonly environment?: boolean;
    /** Whether all materials are listed: a hermetic build. */
    readonly materials?: boolean;
  };
  /** Whether another run gives the same bytes. */
  readonly reproducible?: boolean;
}

/** How something was built: `https://slsa.dev/provenance/v0.2`. */
export interface ProvenanceV02Predicate {
  /** The platform that is trusted to say all this. */
  readonly builder: {
    /** A URI of the platform. */
    readonly id: string;
  };
  /** A URI of how to read the rest. */
  readonly buildType: string;
  /** What started it. */
  readonly invocation?: {
    /** Where its configuration came from. */
    readonly configSource?: {
      /** Which repository. */
      readonly uri?: string;
      /** Which commit. */
      readonly digest?: DigestSet;
      /** Which file or target. */
      readonly entryPoint?: string;
    };
    /** What else came from outside. */
    readonly parameters?: Readonly<JsonObject>;
    /** What the platform set. */
    readonly environment?: Readonly<JsonObject>;
  };
  /** The steps as they ran. */
  readonly buildConfig?: Readonly<JsonObject>;
  /** When, and how complete this is. */
  readonly metadata?: ProvenanceV02Metadata;
  /** What was fetched. */
  readonly materials?: readonly ResourceDescriptor[];
}

const plainMetadata: Check<ProvenanceV02Metadata> = object({
  buildInvocationId: optional(anyText),
  buildStartedOn: optional(timestamp),
  buildFinishedOn: optional(timestamp),
  completeness: optional(
    object({
      parameters: optional(boolean),
      environment: optional(boolean),
      materials: optional(boolean),
    }),
  ),
  reproducible: optional(boolean),
});

const metadata: Check<ProvenanceV02Metadata> = withInvocationId(plainMetadata);

/** SLSA provenance of version 0.2. */
export const provenanceV02: Predicate<'https://slsa.dev/provenance/v0.2', ProvenanceV02Predicate> =
  definePredicate({
    type: 'https://slsa.dev/provenance/v0.2',
    name: 'provenance',
    check: object({
      builder: object({ id: uri }),
      buildType: uri,
      invocation: optional(
        object({
          configSource: optional(
            object({ uri: optional(anyText), digest: optional(digestSet), entryPoint: optional(anyText) }),
          ),
          parameters: optional(anyObject),
          environment: optional(anyObject),
        }),
      ),
      buildConfig: optional(anyObject),
      metadata: optional(metadata),
      materials: optional(list(descriptor)),
    }),
  });
