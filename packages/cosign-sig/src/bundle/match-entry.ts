/**
 * Whether a log entry is about the signature at hand: the same data, the same signature, the same key or certificate.
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { digest, type PublicKey } from '@sealwright/crypto';
import { CosignError } from '../errors.js';
import { detailsAgree, isVerifier, type LoggedEntry, type LoggedDigest } from '../log/entry-body.js';
import type { SignedData } from './check-signature.js';
import type { BundleContent } from './parse-bundle.js';

/** The signature that a log must have. */
export interface LoggedEvidence {
  readonly content: BundleContent;
  readonly data: SignedData;
  /** The envelope as it was stored, where that is known. */
  readonly envelope: Uint8Array | undefined;
  /** Whether it comes from the tag layout, whose entries all hash with SHA-256. */
  readonly tagged: boolean;
  readonly verifierKind: 'publicKey' | 'certificate';
  /** The key or certificate, DER. */
  readonly verifier: Uint8Array;
  /** The key of it. */
  readonly key: PublicKey;
}

/** @throws CosignError `ERR_COSIGN_LOG_ENTRY`. */
export function matchEntry(logged: LoggedEntry, evidence: LoggedEvidence): void {
  const { content, data, envelope } = evidence;
  if (evidence.tagged && logged.data !== undefined && logged.data.algorithm !== 'sha256')
    throw fault('the entry hashes with something other than SHA-256');
  const bound = [
    logged.data === undefined ? undefined : mustEqualData(logged.data, data),
    logged.payload === undefined ? undefined : mustEqualPayload(logged.payload, content),
    logged.envelope === undefined || envelope === undefined
      ? undefined
      : mustEqual(logged.envelope, envelope, 'envelope'),
  ];
  if (!bound.includes(true)) throw fault('the entry is about nothing that was signed here');
  const signature = content.kind === 'dsse' ? content.envelope.signatures[0]?.sig : content.signature;
  const found = logged.signatures.find(
    (candidate) =>
      isVerifier(candidate, evidence.verifierKind, evidence.verifier) &&
      (candidate.signature === undefined
        ? envelope !== undefined && logged.envelope !== undefined
        : signature !== undefined && equalBytes(candidate.signature, signature)),
  );
  if (found === undefined) throw fault('the entry holds another signature, or another key or certificate');
  if (envelope === undefined && logged.signatures.length > 1) throw fault('the entry holds more signatures');
  if (!detailsAgree(found, evidence.key, logged.data?.algorithm))
    throw fault('the entry describes another key');
}

function mustEqualData(logged: LoggedDigest, data: SignedData): true {
  if (data.kind === 'dsse') return mustEqual(logged, data.encoded, 'data');
  const own = data.artifact.digest(logged.algorithm);
  if (own === undefined)
    throw fault(`the entry has a ${logged.algorithm} digest, which is not known of the artifact`);
  if (!equalBytes(own, logged.value)) throw fault('the entry is about another artifact');
  return true;
}

function mustEqualPayload(logged: LoggedDigest, content: BundleContent): true {
  if (content.kind !== 'dsse') throw fault('the entry is about an envelope');
  return mustEqual(logged, content.envelope.payload, 'payload');
}

function mustEqual(logged: LoggedDigest, bytes: Uint8Array, what: string): true {
  if (!equalBytes(digest(logged.algorithm, bytes), logged.value))
    throw fault(`the entry is about another ${what}`);
  return true;
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_LOG_ENTRY', message);
}
