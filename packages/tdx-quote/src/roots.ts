/**
 * Whom to trust: the name and the key of Intel's root, pinned here, or of a root of one's own for tests.
 *
 * @module
 */
import { type Bytes, decodeHex, encodeUtf8 } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { type Certificate, parseCertificate } from '@sealwright/der';

/** Someone to trust. */
export interface TdxTrustAnchor {
  /** The subject's name, as encoded. */
  readonly subject: Bytes;
  /** The SubjectPublicKeyInfo, as encoded: a P-256 key. */
  readonly spki: Bytes;
  /** SHA-256 of the certificate. When given, no other certificate of the same name and key will do. */
  readonly sha256?: Bytes;
}

/** Intel SGX Root CA, which vouches for SGX and TDX alike. */
export function intelTrustAnchor(): TdxTrustAnchor {
  return { subject: encodeUtf8(SUBJECT), spki: decodeHex(SPKI), sha256: decodeHex(SHA256) };
}

/**
 * Make an anchor of a certificate.
 *
 * @param der - a root certificate that is trusted for reasons of the caller's own, DER
 * @throws `DerError` for anything malformed.
 */
export function trustAnchorOf(der: Uint8Array): TdxTrustAnchor {
  const { subject, spki, raw }: Certificate = parseCertificate(der);
  return { subject, spki, sha256: sha2('sha256', raw) };
}

/** The name in DER, whose bytes are all ASCII: common name, organization, locality, state, country. */
const SUBJECT =
  '0h1\x1a0\x18\x06\x03U\x04\x03\x0c\x11Intel SGX Root CA1\x1a0\x18\x06\x03U\x04\x0a\x0c\x11Intel Corporation1\x140\x12\x06\x03U\x04\x07\x0c\x0bSanta Clara1\x0b0\x09\x06\x03U\x04\x08\x0c\x02CA1\x0b0\x09\x06\x03U\x04\x06\x13\x02US';
const SPKI =
  '3059301306072a8648ce3d020106082a8648ce3d03010703420004' +
  '0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394';
const SHA256 = '44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3';
