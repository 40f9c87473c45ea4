/**
 * Intel's certificates and revocation lists: reading them, and whether one vouches for another. Everything is ECDSA P-256 with SHA-256.
 *
 * @module
 */
import { type Bytes, decodeHex, decodeUtf8, equalBytes } from '@sealwright/bytes';
import { CryptoError, importP256, type PublicKey, sha2, verifyEcdsa } from '@sealwright/crypto';
import {
  type Certificate,
  type CertificateList,
  decodePem,
  DerError,
  mustBeAuthority,
  mustKnowCritical,
  parseCertificate,
  parseCertificateList,
  type SignedStructure,
} from '@sealwright/der';
import { isExpired } from './dates.js';
import { TdxQuoteError, type TdxQuoteErrorCode } from './errors.js';
import type { TdxTrustAnchor } from './roots.js';

/** Read the certificates of a PEM text, which may end with a NUL. */
export function readCertificates(pem: string): Certificate[] {
  return orMalformed(() =>
    decodePem(pem.endsWith('\0') ? pem.slice(0, -1) : pem, { maxBytes: MAX_PEM })
      .slice(0, MAX_CERTIFICATES)
      .map(({ bytes }) => parseCertificate(bytes)),
  );
}

/** The text of certificates. */
export function readPem(pem: Bytes): string {
  return orMalformed(() => decodeUtf8(pem));
}

function orMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new TdxQuoteError('ERR_TDX_CERT_MALFORMED', 'a chain of certificates cannot be read', { cause });
  }
}

/** Read a revocation list. */
export function readCrl(der: Bytes, which: 'root' | 'pck'): CertificateList {
  try {
    return parseCertificateList(der);
  } catch (cause) {
    throw new TdxQuoteError('ERR_TDX_CRL_MALFORMED', 'a revocation list cannot be read', {
      detail: which,
      cause,
    });
  }
}

/** Trusted roots, whose keys are imported once. */
export class Anchors {
  readonly #list: readonly TdxTrustAnchor[];
  readonly #keys = new Map<TdxTrustAnchor, PublicKey>();
  #last: { readonly raw: Bytes; readonly anchor: TdxTrustAnchor } | undefined;

  constructor(list: readonly TdxTrustAnchor[]) {
    this.#list = [...list];
  }

  /** The anchor that a root certificate stands for. Its self-signature counts unless the anchor pins its every byte. */
  async find(root: Certificate): Promise<TdxTrustAnchor> {
    if (this.#last !== undefined && equalBytes(this.#last.raw, root.raw)) return this.#last.anchor;
    const found = this.#list.find(
      ({ subject, spki, sha256 }) =>
        equalBytes(subject, root.subject) &&
        equalBytes(spki, root.spki) &&
        (sha256 === undefined || equalBytes(sha256, sha2('sha256', root.raw))),
    );
    if (found === undefined)
      throw new TdxQuoteError('ERR_TDX_CHAIN_UNTRUSTED_ROOT', 'the root is none of the trusted ones', {
        detail: root.commonName,
      });
    if (found.sha256 === undefined) await checkIssued(root, found.subject, this.key(found));
    this.#last = { raw: root.raw, anchor: found };
    return found;
  }

  /** The key of an anchor. */
  key(anchor: TdxTrustAnchor): PublicKey {
    const key = this.#keys.get(anchor) ?? importKey(anchor.spki);
    this.#keys.set(anchor, key);
    return key;
  }
}

/** Check the name of a certificate's issuer and its signature. */
export async function checkIssued(subject: Certificate, issuer: Bytes, key: PublicKey): Promise<void> {
  if (!equalBytes(subject.issuer, issuer) || !(await isSigned(subject, key)))
    throw new TdxQuoteError(
      'ERR_TDX_CHAIN_SIGNATURE_INVALID',
      'a certificate is not signed by the one above it',
      {
        detail: subject.commonName,
      },
    );
}

/** Whether a key signed a certificate or a list. */
export async function isSigned(subject: SignedStructure, key: PublicKey): Promise<boolean> {
  return (
    equalBytes(subject.signatureAlgorithm, ECDSA_SHA256) &&
    (await verifyEcdsa(key, 'sha256', subject.signed, subject.signature, 'der'))
  );
}

/** Check that an intermediate may issue, and that nothing critical is overlooked. */
export function checkUse(leaf: Certificate, intermediate: Certificate | undefined): void {
  try {
    mustKnowCritical(leaf.extensions, KNOWN);
    if (intermediate === undefined) return;
    mustKnowCritical(intermediate.extensions, KNOWN);
    mustBeAuthority(intermediate, 0);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new TdxQuoteError('ERR_TDX_CERT_WRONG_USE', 'a certificate does not allow the use made of it', {
      detail: (intermediate ?? leaf).commonName,
      cause,
    });
  }
}

/** Check the dates of certificates. */
export function checkDates(certificates: readonly Certificate[], at: number, allowExpired: boolean): boolean {
  return certificates
    .map(({ notBefore, notAfter, commonName }) =>
      isExpired('CERT', notBefore, notAfter, at, allowExpired, commonName),
    )
    .includes(true);
}

/** Import a P-256 key from a certificate, or the two coordinates of one. */
export function importKey(key: Uint8Array, code: TdxQuoteErrorCode = 'ERR_TDX_CERT_MALFORMED'): PublicKey {
  try {
    return importP256(key);
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new TdxQuoteError(code, 'a key on P-256 is expected', { cause });
  }
}

/** The AlgorithmIdentifier of ECDSA with SHA-256 (RFC 5758), which has one encoding. */
const ECDSA_SHA256: Bytes = decodeHex('300a06082a8648ce3d040302');
const MAX_PEM = 0x2_0000;
/** One more than any chain has, so that a longer one is seen to be too long. */
const MAX_CERTIFICATES = 4;
const KNOWN = ['2.5.29.19', '2.5.29.15'];
