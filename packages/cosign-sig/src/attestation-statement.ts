/**
 * The statement of an attestation, as cosign makes it.
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { createStatement, type DigestSet, InTotoError } from '@sealwright/in-toto';
import { goJsonOrdered, type JsonObject } from '@sealwright/json';
import { CosignError } from './errors.js';
import { predicateTypeOf } from './predicate-types.js';

/** What is attested, and of what. */
export interface AttestationClaim {
  /** What it is about: a repository, or the name of a file. */
  readonly name: string;
  /** The digest of it, hexadecimal. */
  readonly digest: DigestSet;
  /** A name of cosign's `--type`, or a URI. */
  readonly predicateType: string;
  /** What is said; a text only for what cosign calls `spdx`. */
  readonly predicate: JsonObject | string;
  /** Version of the statement. Default `v0.1`, as cosign writes. */
  readonly version?: 'v0.1' | 'v1';
}

/**
 * Make the statement of an attestation.
 *
 * @param claim - what is attested, and of what
 * @returns the JSON to sign
 * @throws {@link CosignError} `ERR_COSIGN_PREDICATE_TYPE` or `ERR_COSIGN_ENVELOPE`.
 */
export function attestationStatement(claim: AttestationClaim): Bytes {
  const { name, digest, predicate, version = 'v0.1' } = claim;
  const predicateType = predicateTypeOf(claim.predicateType);
  const subject = [{ name, digest }];
  if (typeof predicate === 'string')
    return encodeUtf8(goJsonOrdered({ _type: TYPES[version], subject, predicateType, predicate }));
  try {
    return createStatement({ version, subject, predicateType, predicate }).bytes;
  } catch (cause) {
    if (!(cause instanceof InTotoError)) throw cause;
    throw new CosignError('ERR_COSIGN_ENVELOPE', cause.message, { cause });
  }
}

const TYPES = { 'v0.1': 'https://in-toto.io/Statement/v0.1', v1: 'https://in-toto.io/Statement/v1' };
