import type { JsonObject } from '@sealwright/json';
import type { ResourceDescriptor } from '../descriptor.js';
import type { Check } from './check.js';
import { list, map, object, optional, refine, warnMisspelt } from './composites.js';
import { descriptor } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, anyText, timestamp, uri } from './scalars.js';

/** How something was built: `https://slsa.dev/provenance/v1`. */
export interface ProvenanceV1Predicate {
  /** Everything that went in. */
  readonly buildDefinition: {
    /** A URI of how to read the parameters. */
    readonly buildType: string;
    /** What the user controlled; untrusted, to be verified. */
    readonly externalParameters: Readonly<JsonObject>;
    /** What the platform set. */
    readonly internalParameters?: Readonly<JsonObject>;
    /** What was fetched. */
    readonly resolvedDependencies?: readonly ResourceDescriptor[];
  };
  /** This execution. */
  readonly runDetails: {
    /** The platform that is trusted to say all this. */
    readonly builder: {
      /** A URI of the platform. */
      readonly id: string;
      /** Versions of its components. */
      readonly version?: Readonly<Record<string, string>>;
      /** What the platform itself depends on. */
      readonly builderDependencies?: readonly ResourceDescriptor[];
    };
    /** When, and which. */
    readonly metadata?: {
      /** Which execution. */
      readonly invocationId?: string;
      /** Timestamp. */
      readonly startedOn?: string;
      /** Timestamp. */
      readonly finishedOn?: string;
    };
    /** What else came out. */
    readonly byproducts?: readonly ResourceDescriptor[];
  };
}

const externalParameters: Check<JsonObject> = refine(anyObject, (value, context) => {
  if (Object.keys(value).length === 0)
    context.warn('PREDICATE_EMPTY', 'some validators refuse provenance without external parameters');
});

const runDetails: Check<ProvenanceV1Predicate['runDetails']> = object({
  builder: object({
    id: uri,
    version: optional(map(anyText)),
    builderDependencies: optional(list(descriptor)),
  }),
  metadata: optional(
    object({
      invocationId: optional(anyText),
      startedOn: optional(timestamp),
      finishedOn: optional(timestamp),
    }),
  ),
  byproducts: optional(list(descriptor)),
});

/** SLSA provenance of version 1. */
export const provenanceV1: Predicate<'https://slsa.dev/provenance/v1', ProvenanceV1Predicate> =
  definePredicate({
    type: 'https://slsa.dev/provenance/v1',
    name: 'provenance',
    check: object({
      buildDefinition: object({
        buildType: uri,
        externalParameters,
        internalParameters: optional(anyObject),
        resolvedDependencies: optional(list(descriptor)),
      }),
      runDetails: warnMisspelt(runDetails, { byProducts: 'byproducts' }),
    }),
  });
