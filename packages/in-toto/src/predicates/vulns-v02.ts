import { definePredicate, type Predicate } from './predicate.js';
import { type VulnsPredicate, vulnsPredicate, vulnsResult } from './vulns-shape.js';

/** Vulnerabilities of version 0.2. */
export const vulnsV02: Predicate<'https://in-toto.io/attestation/vulns/v0.2', VulnsPredicate> =
  definePredicate({
    type: 'https://in-toto.io/attestation/vulns/v0.2',
    name: 'vulns',
    check: vulnsPredicate(vulnsResult),
  });
