import { list, object, optional } from './composites.js';
import { descriptorWith, type DescriptorWith } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { uri } from './scalars.js';
import { vsaV0Members, type VsaV0Predicate } from './vsa-v0-shape.js';

/** What a verifier concluded about an artifact: `https://slsa.dev/verification_summary/v0.2`. */
export interface VsaV02Predicate extends VsaV0Predicate {
  /** Where a consumer would fetch the artifact. */
  readonly resource_uri: string;
  /** All attestations that were used, when there are any here. */
  readonly input_attestations?: readonly DescriptorWith<'digest'>[];
}

/** Verification summaries of version 0.2. */
export const vsaV02: Predicate<'https://slsa.dev/verification_summary/v0.2', VsaV02Predicate> =
  definePredicate({
    type: 'https://slsa.dev/verification_summary/v0.2',
    name: 'vsa',
    check: object({
      ...vsaV0Members,
      resource_uri: uri,
      input_attestations: optional(list(descriptorWith('digest'))),
    }),
  });
