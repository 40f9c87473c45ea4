import type { JsonObject } from '@sealwright/json';
import type { ResourceDescriptor } from '../descriptor.js';
import { list, object, optional } from './composites.js';
import { descriptor } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { anyObject, text } from './scalars.js';

/** What is claimed of an artifact or of who made it. */
export interface ScaiAttribute {
  /** The claim, in words that producer and consumer share. */
  readonly attribute: string;
  /** What exactly it is about. */
  readonly target?: ResourceDescriptor;
  /** Under which conditions it holds. */
  readonly conditions?: Readonly<JsonObject>;
  /** What shows it, such as the quote of an enclave. */
  readonly evidence?: ResourceDescriptor;
}

/** A Supply Chain Attribute Integrity report: `https://in-toto.io/attestation/scai/v0.3`. */
export interface ScaiPredicate {
  /** At least one. */
  readonly attributes: readonly ScaiAttribute[];
  /** Who made the artifact. */
  readonly producer?: ResourceDescriptor;
}

/** Attribute reports of version 0.3; reads those of version 0.2 too. */
export const scai: Predicate<
  'https://in-toto.io/attestation/scai/v0.3' | 'https://in-toto.io/attestation/scai/attribute-report/v0.2',
  ScaiPredicate
> = definePredicate({
  type: 'https://in-toto.io/attestation/scai/v0.3',
  aliases: ['https://in-toto.io/attestation/scai/attribute-report/v0.2'],
  name: 'scai',
  check: object({
    attributes: list(
      object({
        attribute: text,
        target: optional(descriptor),
        conditions: optional(anyObject),
        evidence: optional(descriptor),
      }),
      { nonEmpty: true },
    ),
    producer: optional(descriptor),
  }),
});
