/**
 * The statement about an image, as cosign makes it.
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { createStatement, InTotoError } from '@sealwright/in-toto';
import { goJsonOrdered, type JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { sha256Hex } from '../image-digest.js';
import { repositoryName } from '../registry.js';
import { dockerReference } from '../simple-signing.js';

/** What is said about an image. */
export interface ImageClaim {
  /** The predicate type, a URI. */
  readonly predicateType: string;
  /** The predicate; a text only for what cosign calls `spdx`. */
  readonly predicate: JsonObject | string;
  /** Version of the statement. Default `v0.1`. */
  readonly statementVersion?: 'v0.1' | 'v1';
}

/** The statement, encoded. */
export function imageStatement(digest: string, image: ImageReference, claim: ImageClaim): Bytes {
  const { predicateType, predicate, statementVersion: version = 'v0.1' } = claim;
  const subject = [{ name: dockerReference(repositoryName(image)), digest: { sha256: sha256Hex(digest) } }];
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
