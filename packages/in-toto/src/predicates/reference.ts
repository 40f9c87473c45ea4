import { list, object } from './composites.js';
import { descriptorWith, type DescriptorWith } from './descriptors.js';
import { definePredicate, type Predicate } from './predicate.js';
import { uri } from './scalars.js';

/** Where more about the subjects is, such as an SBOM: `https://in-toto.io/attestation/reference/v0.1`. */
export interface ReferencePredicate {
  /** Who says so. */
  readonly attester: {
    /** A URI of the attester. */
    readonly id: string;
  };
  /** The documents; each is about all subjects together. */
  readonly references: readonly DescriptorWith<'downloadLocation' | 'mediaType'>[];
}

/** References of version 0.1. */
export const reference: Predicate<'https://in-toto.io/attestation/reference/v0.1', ReferencePredicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/reference/v0.1',
    name: 'reference',
    check: object({
      attester: object({ id: uri }),
      references: list(descriptorWith('downloadLocation', 'mediaType')),
    }),
  });
