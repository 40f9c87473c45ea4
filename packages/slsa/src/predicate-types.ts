/** Predicate type of provenance 0.1. */
export const PROVENANCE_V01 = 'https://slsa.dev/provenance/v0.1';

/** Predicate type of provenance 0.1 before it had a home of its own. */
export const PROVENANCE_V01_INTOTO = 'https://in-toto.io/Provenance/v0.1';

/** Predicate type of provenance 0.2. */
export const PROVENANCE_V02 = 'https://slsa.dev/provenance/v0.2';

/** Predicate type of provenance 1. */
export const PROVENANCE_V1 = 'https://slsa.dev/provenance/v1';

/** Predicate type of verification summaries 0.1. */
export const VSA_V01 = 'https://slsa.dev/verification_summary/v0.1';

/** Predicate type of verification summaries 0.2. */
export const VSA_V02 = 'https://slsa.dev/verification_summary/v0.2';

/** Predicate type of verification summaries 1. */
export const VSA_V1 = 'https://slsa.dev/verification_summary/v1';
