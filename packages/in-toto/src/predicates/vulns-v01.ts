import { definePredicate, type Predicate } from './predicate.js';
import { nestedResult, type VulnsPredicate, vulnsPredicate } from './vulns-shape.js';

/** Vulnerabilities of version 0.1, in both shapes that its document has. */
export const vulnsV01: Predicate<'https://in-toto.io/attestation/vulns/v0.1', VulnsPredicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/vulns/v0.1',
    name: 'vulns',
    check: vulnsPredicate(nestedResult),
  });
