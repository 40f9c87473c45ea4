/**
 * Media types and file names of attestations and bundles (framework 1.2, envelope and bundle layers).
 *
 * @module
 */

/** The media type of a DSSE envelope in a registry. */
export const DSSE_ENVELOPE_MEDIA_TYPE = 'application/vnd.dsse.envelope.v1+json';

/** The media type of an attestation bundle in a store. */
export const BUNDLE_MEDIA_TYPE = 'application/vnd.in-toto.bundle';

/**
 * The media type of one attestation in a store.
 *
 * @param predicate - what its predicate is called, such as `provenance`
 * @throws `TypeError` for anything that is no such name.
 */
export function attestationMediaType(predicate: string): string {
  return `application/vnd.in-toto.${checked(predicate)}+dsse`;
}

/**
 * The payload type that also names the predicate. Many verifiers know only the general one, `INTOTO_PAYLOAD_TYPE`.
 *
 * @param predicate - what it is called, such as `provenance`
 * @throws `TypeError` for anything that is no such name.
 */
export function predicatePayloadType(predicate: string): string {
  return `application/vnd.in-toto.${checked(predicate)}+json`;
}

/**
 * The file name of one attestation.
 *
 * @param name - of the step, or whatever it is about
 * @param keyid - of whoever signed, where several do; its first eight characters tell the files apart
 */
export function attestationFileName(name: string, keyid?: string): string {
  return keyid === undefined ? `${name}.json` : `${name}.${keyid.slice(0, 8)}.json`;
}

/**
 * The file name of a bundle.
 *
 * @param artifact - the file name of what it is about
 */
export function bundleFileName(artifact: string): string {
  return `${artifact}.intoto.jsonl`;
}

function checked(predicate: string): string {
  if (PREDICATE_NAME.test(predicate)) return predicate;
  throw new TypeError('a predicate in a media type is named by a-z, 0-9, ., _ and -');
}

const PREDICATE_NAME = /^[a-z0-9][a-z0-9._-]*$/;
