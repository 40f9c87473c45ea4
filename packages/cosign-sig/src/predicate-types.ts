import { CosignError } from './errors.js';

/**
 * The predicate type that a name of cosign's `--type` stands for. Anything that is not a name must be an absolute URI and stands
 * for itself.
 *
 * @param name - such as `slsaprovenance1`, or a URI
 * @throws {@link CosignError} `ERR_COSIGN_PREDICATE_TYPE`.
 */
export function predicateTypeOf(name: string): string {
  const known = PREDICATE_TYPES.get(name);
  if (known !== undefined) return known;
  if (name.length > 1024 || !URL.canParse(name)) {
    throw new CosignError('ERR_COSIGN_PREDICATE_TYPE', 'a predicate type is a URI or one of the known names');
  }
  return name;
}

/** The names that cosign's `--type` knows, and their predicate types. */
export const PREDICATE_TYPES: ReadonlyMap<string, string> = new Map([
  ['custom', 'https://cosign.sigstore.dev/attestation/v1'],
  ['slsaprovenance', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance02', 'https://slsa.dev/provenance/v0.2'],
  ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
  ['link', 'https://in-toto.io/Link/v1'],
  ['spdx', 'https://spdx.dev/Document'],
  ['spdxjson', 'https://spdx.dev/Document'],
  ['cyclonedx', 'https://cyclonedx.org/bom'],
  ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1'],
  ['openvex', 'https://openvex.dev/ns'],
]);
