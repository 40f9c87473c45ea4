import { decodeUtf8 } from '@sealwright/bytes';
import {
  createBundleVerifier,
  parseBundle,
  parseCosignPublicKey,
  parseTrustedRoot,
  type SignatureVerdict,
  type TrustedRoot,
  type VerificationPolicy,
} from '@sealwright/cosign-sig';

/** What a person gave to the page; nothing of it leaves. */
export interface Dropped {
  /** The Sigstore bundle. */
  readonly bundle: Uint8Array;
  /** What it is about: the file, or its SHA-256 in hexadecimal. */
  readonly artifact: Uint8Array | string;
  /** `trusted_root.json`; without it only keys can be believed. */
  readonly trustedRoot?: Uint8Array;
  /** A public key in PEM. */
  readonly key?: Uint8Array;
  /** Who may have signed. */
  readonly identity?: { readonly issuer: string; readonly subject: string };
}

/**
 * Verify what was dropped. Logs count where a trusted root is given.
 *
 * @param dropped - by a person
 * @throws `CosignError` and others of the packages, for what cannot be read
 */
export async function verifyDropped(dropped: Dropped): Promise<SignatureVerdict> {
  const bundle = parseBundle(dropped.bundle);
  const trustedRoot =
    dropped.trustedRoot === undefined ? NOTHING_TRUSTED : parseTrustedRoot(dropped.trustedRoot);
  const { artifact } = dropped;
  return createBundleVerifier(trustedRoot).appraise(
    bundle,
    typeof artifact === 'string' ? { sha256: artifact } : { bytes: artifact },
    policyOf(dropped),
  );
}

function policyOf({ key, identity, trustedRoot }: Dropped): VerificationPolicy {
  const logs = trustedRoot === undefined ? { logEntries: 0 } : {};
  if (key !== undefined) return { keys: [parseCosignPublicKey(decodeUtf8(key))], ...logs };
  if (identity !== undefined && identity.issuer !== '' && identity.subject !== '')
    return { identities: [identity] };
  throw new TypeError(
    'say who may have signed: a public key, or the issuer and the subject of a certificate',
  );
}

const NOTHING_TRUSTED: TrustedRoot = {
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
};
