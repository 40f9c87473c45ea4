import type { LeafCertificate } from './certificate.js';
import type { CertConstraint } from './model.js';

/**
 * Hold a certificate against a constraint. Each list must be met one to one: a value that the constraint does not name fails it,
 * and so does one that it names and the certificate lacks.
 *
 * @param constraint - of a step
 * @param leaf - the certificate
 * @param roots - ids of the roots that its verified chains end in
 * @returns what does not fit; empty when all does
 */
export function unmetConstraints(
  constraint: CertConstraint,
  leaf: LeafCertificate,
  roots: readonly string[],
): string[] {
  const single = (value: string): string[] => (value === '' ? [] : [value]);
  const unmet = [
    difference('common name', single(constraint.commonName), single(leaf.commonName)),
    difference('dns names', constraint.dnsNames, leaf.dnsNames),
    difference('emails', constraint.emails, leaf.emails),
    difference('organizations', constraint.organizations, leaf.organizations),
    difference('uris', constraint.uris, leaf.uris),
  ];
  if (!isAny(constraint.roots) && !constraint.roots.some((root) => roots.includes(root))) unmet.push('root');
  return unmet.filter((name) => name !== undefined);
}

function difference(name: string, allowed: readonly string[], found: readonly string[]): string | undefined {
  if (isAny(allowed)) return undefined;
  const wanted = new Set(allowed.filter((value) => value !== ''));
  const met = new Set(found.filter((value) => value !== ''));
  const equal = wanted.size === met.size && [...wanted].every((value) => met.has(value));
  return equal ? undefined : name;
}

function isAny(allowed: readonly string[]): boolean {
  return allowed.length === 1 && allowed[0] === '*';
}
