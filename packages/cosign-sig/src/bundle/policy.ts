import type { PublicKey, SignatureHash } from '@sealwright/crypto';
import type { CertificateIdentity } from '../fulcio/identity.js';
import type { SignedCertificateTimestamp } from '../fulcio/sct.js';
import type { Witness } from '../log/checkpoint.js';

/** What a signature must have to be believed. */
export interface VerificationPolicy {
  /** Keys that may sign. With keys, certificates are not looked at. */
  readonly keys?: readonly PublicKey[];
  /** Certificates of the keys, DER, which the caller vouches for: a log may have one of them where it has the key otherwise. Default none. */
  readonly keyCertificates?: readonly Uint8Array[];
  /** Signers who may sign with a certificate; one of them is enough. Needed unless there are `keys`. */
  readonly identities?: readonly CertificateIdentity[];
  /** How many distinct logs must have the signature; logs of one operator are one. Default 1. */
  readonly logEntries?: number;
  /**
   * How many distinct sources must say when it was signed: authorities of timestamps, or logs that promise a time. Default 1 for
   * certificates, 0 for keys.
   */
  readonly times?: number;
  /** How many distinct authorities must have stamped it, whatever logs say. Default 0. */
  readonly timestamps?: number;
  /** How many distinct logs must have promised to publish the certificate. Default 1 for certificates. */
  readonly scts?: number;
  /** How many known witnesses must have cosigned the tree of a log entry. Default 0. */
  readonly cosignatures?: number;
  /** The witnesses that are believed. */
  readonly witnesses?: readonly Witness[];
  /** A timestamp of the certificate that was given beside it instead of inside. */
  readonly detachedSct?: SignedCertificateTimestamp;
  /**
   * The one hash that message signatures by ECDSA and RSA keys may be made with. Default: that of the curve's size or SHA-256, and
   * SHA-256 for RSA, as bundles have it.
   */
  readonly messageHash?: SignatureHash;
  /** The payload type that an envelope must have. Default `application/vnd.in-toto+json`. */
  readonly payloadType?: string;
  /**
   * Where nothing trusted says when it was signed: the moment to take for it. Only for authorities of one's own whose
   * certificates are long-lived; `times` must be 0. Default none.
   */
  readonly dangerouslyAssumeTime?: Date;
  /** Believe an envelope without comparing what it is about with an artifact. Default `false`. */
  readonly dangerouslySkipArtifact?: boolean;
  /** Believe any signer that a trusted authority certified. Default `false`. */
  readonly dangerouslyAcceptAnyIdentity?: boolean;
}
