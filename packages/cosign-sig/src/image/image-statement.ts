import type { Bytes } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import type { ImageReference } from '@sealwright/oci';
import { attestationStatement } from '../attestation-statement.js';
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

/** The statement about an image, encoded. */
export function imageStatement(digest: string, image: ImageReference, claim: ImageClaim): Bytes {
  const { predicateType, predicate, statementVersion: version } = claim;
  return attestationStatement({
    name: dockerReference(repositoryName(image)),
    digest: { sha256: sha256Hex(digest) },
    predicateType,
    predicate,
    ...(version === undefined ? {} : { version }),
  });
}
