/**
 * Whom to trust: the name and the key of Intel's root, pinned here, or of a root of one's own for tests.
 *
 * @module
 */
import { type Bytes, decodeBase64, decodeHex } from '@sealwright/bytes';
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
  return { subject: decodeBase64(SUBJECT), spki: decodeBase64(SPKI), sha256: decodeHex(SHA256) };
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

const SUBJECT =
  'MGgxGjAYBgNVBAMMEUludGVsIFNHWCBSb290IENBMRowGAYDVQQKDBFJbnRlbCBDb3Jwb3JhdGlvbjEUMBIGA1UEBwwLU2FudGEgQ2xhcmExCzAJBgNVBAgMAkNBMQswCQYDVQQGEwJVUw==';
const SPKI =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBVJfVnkY4u3IjkDYYL0MxO4mqsyYjlBalTVYxFP2sJBK5zlA==';
const SHA256 = '44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3';
