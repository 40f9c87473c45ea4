/** Predicate type of provenance 0.2. */
export const PROVENANCE_V02 = 'https://slsa.dev/provenance/v0.2';

/** Predicate type of provenance 1. */
export const PROVENANCE_V1 = 'https://slsa.dev/provenance/v1';
