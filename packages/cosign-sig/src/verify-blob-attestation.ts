import { encodeHex } from '@sealwright/bytes';
import { digest as digestOf } from '@sealwright/crypto';
import type { DigestSet } from '@sealwright/in-toto';
import { CosignError } from './errors.js';
import { type AttestationOptions, openAttestation, type VerifiedAttestation } from './open-attestation.js';

/** How to verify the attestation of a blob. Either the blob or its digests are needed, unless claims are skipped. */
export interface VerifyBlobAttestationOptions extends AttestationOptions {
  /** The blob itself; its SHA-256, SHA-384 and SHA-512 count. */
  readonly blob?: Uint8Array;
  /** Digests of the blob that the caller computed: `sha256`, `sha384` or `sha512`, in hexadecimal. */
  readonly digests?: DigestSet;
}

/**
 * Verify an attestation of a file, without a registry, as `cosign verify-blob-attestation --key` does.
 *
 * @param envelope - the DSSE envelope, as JSON text
 * @param options - key, predicate type, and the blob or its digests
 * @throws {@link CosignError} `ERR_COSIGN_NO_MATCH`, `ERR_COSIGN_ENVELOPE`, `ERR_COSIGN_PREDICATE_TYPE` or `ERR_COSIGN_DIGEST`.
 */
export async function verifyBlobAttestation(
  envelope: Uint8Array,
  options: VerifyBlobAttestationOptions,
): Promise<VerifiedAttestation> {
  const artifact = { ...options.digests };
  if (options.blob !== undefined) {
    for (const algorithm of ALGORITHMS) artifact[algorithm] = encodeHex(digestOf(algorithm, options.blob));
  }
  const names = Object.keys(artifact);
  const known = names.every((name) => (ALGORITHMS as readonly string[]).includes(name));
  if (!known || (names.length === 0 && options.dangerouslySkipClaims !== true)) {
    throw new CosignError('ERR_COSIGN_DIGEST', 'expected the blob, or its sha256, sha384 or sha512 digest');
  }
  return openAttestation(envelope, artifact, options);
}

const ALGORITHMS = ['sha256', 'sha384', 'sha512'] as const;
