import { object } from './composites.js';
import { definePredicate, type Predicate } from './predicate.js';
import { vsaV0Members, type VsaV0Predicate } from './vsa-v0-shape.js';

/** Verification summaries of version 0.1, which name the artifact by its subject alone. */
export const vsaV01: Predicate<'https://slsa.dev/verification_summary/v0.1', VsaV0Predicate> =
  definePredicate({
    type: 'https://slsa.dev/verification_summary/v0.1',
    name: 'vsa',
    check: object(vsaV0Members),
  });
