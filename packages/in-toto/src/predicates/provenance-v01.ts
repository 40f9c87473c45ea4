import type { JsonValue } from '@sealwright/json';
import type { ResourceDescriptor } from '../descriptor.js';
import type { Check } from './check.js';
import { list, object, optional, refine } from './composites.js';
import { descriptor } from './descriptors.js';
import { withInvocationId } from './invocation-id.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyText, anyValue, boolean, integer, timestamp, uri } from './scalars.js';

/** How something was built: `https://slsa.dev/provenance/v0.1`. */
export interface ProvenanceV01Predicate {
  /** The platform that is trusted to say all this. */
  readonly builder: {
    /** A URI of the platform. */
    readonly id: string;
  };
  /** How it was told to build. */
  readonly recipe?: {
    /** A URI of how to read the recipe. */
    readonly type: string;
    /** Which of the materials holds it, from 0. */
    readonly definedInMaterial?: number;
    /** Which file or target. */
    readonly entryPoint?: string;
    /** What came from outside. */
    readonly arguments?: JsonValue;
    /** What the platform set. */
    readonly environment?: JsonValue;
  };
  /** When, and how complete this is. */
  readonly metadata?: {
    /** Which execution; also read from `buildInvocationID`. */
    readonly buildInvocationId?: string;
    /** Timestamp. */
    readonly buildStartedOn?: string;
    /** Timestamp. */
    readonly buildFinishedOn?: string;
    /** What is complete; `false` unless said. */
    readonly completeness?: {
      /** Whether all arguments are listed. */
      readonly arguments?: boolean;
      /** Whether all of the environment is listed. */
      readonly environment?: boolean;
      /** Whether all materials are listed. */
      readonly materials?: boolean;
    };
    /** Whether another run gives the same bytes. */
    readonly reproducible?: boolean;
  };
  /** What was fetched. */
  readonly materials?: readonly ResourceDescriptor[];
}

const members: Check<ProvenanceV01Predicate> = object({
  builder: object({ id: uri }),
  recipe: optional(
    object({
      type: uri,
      definedInMaterial: optional(integer),
      entryPoint: optional(anyText),
      arguments: optional(anyValue),
      environment: optional(anyValue),
    }),
  ),
  metadata: optional(
    withInvocationId(
      object({
        buildInvocationId: optional(anyText),
        buildStartedOn: optional(timestamp),
        buildFinishedOn: optional(timestamp),
        completeness: optional(
          object({
            arguments: optional(boolean),
            environment: optional(boolean),
            materials: optional(boolean),
          }),
        ),
        reproducible: optional(boolean),
      }),
    ),
  ),
  materials: optional(list(descriptor)),
});

/** SLSA provenance of version 0.1, under both of its names. */
export const provenanceV01: Predicate<
  'https://slsa.dev/provenance/v0.1' | 'https://in-toto.io/Provenance/v0.1',
  ProvenanceV01Predicate
> = definePredicate({
  type: 'https://slsa.dev/provenance/v0.1',
  aliases: ['https://in-toto.io/Provenance/v0.1'],
  name: 'provenance',
  check: refine(members, ({ recipe, materials = [] }, context) => {
    const index = recipe?.definedInMaterial;
    if (index !== undefined && (index < 0 || index >= materials.length))
      context.at('recipe', 'definedInMaterial').error('PREDICATE_OUT_OF_RANGE', 'there is no such material');
  }),
});
