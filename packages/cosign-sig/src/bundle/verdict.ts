import type { Bytes } from '@sealwright/bytes';
import type { PublicKey } from '@sealwright/crypto';
import type { Statement } from '@sealwright/in-toto';
import type { FulcioExtensions } from '../fulcio/extensions.js';
import type { VerifiedSct } from '../fulcio/sct.js';
import type { VerifiedLogEntry } from '../log/verify-log-entry.js';
import type { VerifiedTimestamp } from '../timestamp/verify-timestamp.js';
import type { SubjectName } from '../x509/extensions.js';

/** One thing that was looked at. */
export interface VerificationCheck {
  /** What was looked at. */
  readonly check:
    | 'log entry'
    | 'log entries'
    | 'cosignatures'
    | 'timestamp'
    | 'timestamps'
    | 'times'
    | 'certificate'
    | 'sct'
    | 'scts'
    | 'identity'
    | 'key'
    | 'signature'
    | 'digest'
    | 'payload type'
    | 'artifact';
  /** JSON pointer into the bundle, where it has a place there. */
  readonly pointer: string;
  /** `skipped` does not count for the verdict: an unknown log, a spare timestamp that does not hold. */
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What was found, or what was expected and not found. */
  readonly detail: string;
}

/** Whose certificate it was. */
export interface VerifiedCertificate {
  /** The certificate, DER. */
  readonly der: Bytes;
  /** Its names. */
  readonly names: readonly SubjectName[];
  /** Who vouched for them. */
  readonly issuer: string | undefined;
  /** What Fulcio wrote into it. */
  readonly extensions: FulcioExtensions;
}

/** Everything that came out about one signature. */
export interface SignatureVerdict {
  /** Whether everything that was asked for holds. Nothing else here is to be believed without it. */
  readonly verified: boolean;
  /** Every check, in order. */
  readonly checks: readonly VerificationCheck[];
  /** The key that made the signature. */
  readonly key: PublicKey | undefined;
  /** The signer's certificate; `undefined` with keys. */
  readonly certificate: VerifiedCertificate | undefined;
  /** The log entries that hold. */
  readonly logEntries: readonly VerifiedLogEntry[];
  /** The timestamps that hold. */
  readonly timestamps: readonly VerifiedTimestamp[];
  /** The certificate's timestamps that hold. */
  readonly scts: readonly VerifiedSct[];
  /** All moments at which it is known to have existed. */
  readonly times: readonly Date[];
  /** The statement in the envelope. */
  readonly statement: Statement | undefined;
}
