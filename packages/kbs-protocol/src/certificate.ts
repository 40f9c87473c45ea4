/**
 * As much of X.509 as the header of a token needs: a leaf certificate, intermediates in any order, trusted ends.
 *
 * @module
 */
import { copyBytes, encodeHex, equalBytes, type Bytes } from '@sealwright/bytes';
import { importPublicKey, verify, type PublicKey, type SignatureScheme } from '@sealwright/crypto';
import { decodePem } from '@sealwright/der';
import { derChildren, derElement, type DerElement } from './der-element.js';
import { KbsProtocolError } from './errors.js';

/** A decoded certificate. Decoded is not verified. */
export interface Certificate {
  /** The signed part, exactly as received. */
  readonly signed: Bytes;
  /** The signature. */
  readonly signature: Bytes;
  /** How the signature was made. */
  readonly scheme: SignatureScheme;
  /** The issuer's name, in DER. */
  readonly issuer: Bytes;
  /** The subject's name, in DER. */
  readonly subject: Bytes;
  /** The first instant of its validity, in milliseconds since 1970. */
  readonly notBefore: number;
  /** The last instant of its validity, in milliseconds since 1970. */
  readonly notAfter: number;
  /** The subject's key. */
  readonly publicKey: PublicKey;
  /** Whether it may issue certificates: basicConstraints says so, and keyUsage, where it is there, does not deny it. */
  readonly mayIssue: boolean;
  /** How many intermediates may follow it; undefined for any number. */
  readonly pathLength: number | undefined;
}

/**
 * Read a certificate.
 *
 * @param der - the certificate, 64 KiB at most
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.byteLength > MAX_BYTES) throw unreadable('is too long');
  const outer = derElement(der, 0);
  if (outer?.tag !== 0x30 || outer.to !== der.byteLength) throw unreadable('is not DER');
  const [tbs, algorithm, signature] = fields(der, outer, [0x30, 0x30, 0x03]);
  const inside = childrenOf(der, tbs);
  // version [0] is absent in version 1, which cannot say what a certificate may do.
  if (inside[0]?.tag !== 0xa0) throw unreadable('is not of version 3');
  const [, inner, issuer, validity, subject, spki] = inside.slice(1);
  if (!inner || !issuer || !validity || !subject || !spki) throw unreadable('lacks a field');
  if (!equalBytes(contentOf(der, inner, true), contentOf(der, algorithm, true)))
    throw unreadable('names two algorithms');
  const [notBefore, notAfter] = childrenOf(der, validity).map((time) => timeOf(der, time));
  if (notBefore === undefined || notAfter === undefined) throw unreadable('lacks its validity');
  return {
    signed: contentOf(der, tbs, true),
    signature: bitsOf(der, signature),
    scheme: schemeOf(der, algorithm),
    issuer: contentOf(der, issuer, true),
    subject: contentOf(der, subject, true),
    notBefore,
    notAfter,
    publicKey: keyOf(contentOf(der, spki, true)),
    ...constraintsOf(
      der,
      inside.find(({ tag }) => tag === 0xa3),
    ),
  };
}

/**
 * Read the certificates of a PEM bundle.
 *
 * @param pem - one or more `CERTIFICATE` blocks
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export function parseCertificates(pem: string): Certificate[] {
  let blocks: { label: string; bytes: Uint8Array }[];
  try {
    blocks = decodePem(pem);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'expected PEM', { cause });
  }
  const certificates = blocks.filter(({ label }) => label === 'CERTIFICATE');
  if (certificates.length === 0)
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'expected a certificate in PEM');
  return certificates.map(({ bytes }) => parseCertificate(bytes));
}

/**
 * Check that a leaf chains to a trusted certificate, which may itself be an intermediate or the leaf.
 *
 * @param leaf - the certificate of the token's key
 * @param intermediates - untrusted helpers, in any order
 * @param trusted - where the chain may end
 * @param now - milliseconds since 1970
 * @throws {@link KbsProtocolError} `ERR_KBS_CERTIFICATE`
 */
export async function verifyChain(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  trusted: readonly Certificate[],
  now: number,
): Promise<void> {
  let current = leaf;
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    if (now < current.notBefore || now > current.notAfter) {
      throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'a certificate of the chain is not valid now');
    }
    if (trusted.some((end) => equalBytes(end.signed, current.signed))) return;
    const end = await issuerAmong(trusted, current, depth, now);
    if (end !== undefined) return;
    const next = await issuerAmong(intermediates, current, depth, now);
    if (next === undefined) break;
    current = next;
  }
  throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'no path to a trusted certificate');
}

/** The first valid candidate that issued a certificate; `below` intermediates stand between it and the leaf. */
async function issuerAmong(
  candidates: readonly Certificate[],
  subject: Certificate,
  below: number,
  now: number,
): Promise<Certificate | undefined> {
  for (const issuer of candidates) {
    const fits =
      issuer.mayIssue && (issuer.pathLength ?? below) >= below && equalBytes(issuer.subject, subject.issuer);
    if (!fits || now < issuer.notBefore || now > issuer.notAfter) continue;
    if (await signedBy(subject, issuer.publicKey)) return issuer;
  }
  return undefined;
}

async function signedBy(certificate: Certificate, key: PublicKey): Promise<boolean> {
  const family = certificate.scheme.split('-', 1)[0];
  if (key.kind.split('-', 1)[0] !== (family === 'ecdsa' ? 'ec' : family)) return false;
  try {
    return await verify(key, certificate.signed, certificate.signature, { scheme: certificate.scheme });
  } catch {
    // A scheme that the key does not go with, such as SHA-384 over a P-256 key where the platform refuses it.
    return false;
  }
}

/** extensions [3] SEQUENCE OF SEQUENCE (OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING). */
function constraintsOf(
  der: Uint8Array,
  wrapper: DerElement | undefined,
): { mayIssue: boolean; pathLength: number | undefined } {
  let isCa = false;
  let mayCertify = true;
  let pathLength: number | undefined;
  const list = wrapper === undefined ? undefined : childrenOf(der, wrapper)[0];
  for (const extension of list === undefined ? [] : childrenOf(der, list)) {
    const parts = childrenOf(der, extension);
    const [oid, value] = [parts[0], parts.at(-1)];
    if (oid?.tag !== 0x06 || value?.tag !== 0x04) throw unreadable('has an extension that is none');
    const name = encodeHex(contentOf(der, oid));
    const inner = derElement(der, value.from, value.to);
    if (name === BASIC_CONSTRAINTS && inner?.tag === 0x30) {
      const [ca, length] = childrenOf(der, inner);
      isCa = ca?.tag === 0x01 && der[ca.from] === 0xff;
      if (length?.tag === 0x02) pathLength = length.to - length.from === 1 ? der[length.from] : 0;
    } else if (name === KEY_USAGE && inner?.tag === 0x03) {
      // Bit 5, keyCertSign, counted from the left of the first octet after the count of unused bits.
      mayCertify = ((der[inner.from + 1] ?? 0) & 0x04) !== 0;
    } else if (parts.length === 3 && !KNOWN_EXTENSIONS.has(name)) {
      throw unreadable('has a critical extension that is not known here');
    }
  }
  return { mayIssue: isCa && mayCertify, pathLength };
}

function schemeOf(der: Uint8Array, algorithm: DerElement): SignatureScheme {
  const oid = childrenOf(der, algorithm)[0];
  const scheme = oid === undefined ? undefined : SCHEMES.get(encodeHex(contentOf(der, oid)));
  if (scheme === undefined) throw unreadable('is signed with an algorithm that is not known here');
  return scheme;
}

/** UTCTime `YYMMDDhhmmssZ` or GeneralizedTime `YYYYMMDDhhmmssZ`. */
function timeOf(der: Uint8Array, time: DerElement): number {
  const text = String.fromCharCode(...contentOf(der, time));
  const full = time.tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : text;
  if ((time.tag !== 0x17 && time.tag !== 0x18) || !/^\d{14}Z$/.test(full))
    throw unreadable('has a time that is none');
  const [year, month, day] = [full.slice(0, 4), full.slice(4, 6), full.slice(6, 8)];
  const instant = Date.parse(
    `${year}-${month}-${day}T${full.slice(8, 10)}:${full.slice(10, 12)}:${full.slice(12, 14)}Z`,
  );
  // A comparison with NaN is false both ways, so such a time would never end.
  if (Number.isNaN(instant)) throw unreadable('has a time that is none');
  return instant;
}

function keyOf(spki: Bytes): PublicKey {
  try {
    return importPublicKey(spki);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_CERTIFICATE', 'the certificate has a key of an unknown kind', {
      cause,
    });
  }
}

function fields(
  der: Uint8Array,
  parent: DerElement,
  tags: readonly [number, number, number],
): [DerElement, DerElement, DerElement] {
  const [first, second, third, ...more] = childrenOf(der, parent);
  if (first?.tag !== tags[0] || second?.tag !== tags[1] || third?.tag !== tags[2] || more.length > 0) {
    throw unreadable('is not three fields');
  }
  return [first, second, third];
}

function childrenOf(der: Uint8Array, parent: DerElement): DerElement[] {
  const children = derChildren(der, parent);
  if (children === undefined) throw unreadable('is not DER');
  return children;
}

/** The octets of a BIT STRING without unused bits. */
function bitsOf(der: Uint8Array, element: DerElement): Bytes {
  if (der[element.from] !== 0) throw unreadable('has a signature of odd bits');
  return copyBytes(der.subarray(element.from + 1, element.to));
}

function contentOf(der: Uint8Array, element: DerElement, whole: boolean = false): Bytes {
  if (element.to - element.start > MAX_BYTES) throw unreadable('is too long');
  return copyBytes(der.subarray(whole ? element.start : element.from, element.to));
}

function unreadable(what: string): KbsProtocolError {
  return new KbsProtocolError('ERR_KBS_CERTIFICATE', `the certificate ${what}`);
}

/** Contents of object identifiers, in hexadecimal. */
const SCHEMES: ReadonlyMap<string, SignatureScheme> = new Map([
  ['2a8648ce3d040302', 'ecdsa-sha256'], // 1.2.840.10045.4.3.2
  ['2a8648ce3d040303', 'ecdsa-sha384'], // 1.2.840.10045.4.3.3
  ['2a8648ce3d040304', 'ecdsa-sha512'], // 1.2.840.10045.4.3.4
  ['2a864886f70d01010b', 'rsa-pkcs1-sha256'], // 1.2.840.113549.1.1.11
  ['2a864886f70d01010c', 'rsa-pkcs1-sha384'], // 1.2.840.113549.1.1.12
  ['2a864886f70d01010d', 'rsa-pkcs1-sha512'], // 1.2.840.113549.1.1.13
  ['2b6570', 'ed25519'], // 1.3.101.112
]);
const BASIC_CONSTRAINTS = '551d13'; // 2.5.29.19
const KEY_USAGE = '551d0f'; // 2.5.29.15

/** Extensions that may be critical and say nothing against the use here: key usages and subject names. */
const KNOWN_EXTENSIONS: ReadonlySet<string> = new Set([BASIC_CONSTRAINTS, KEY_USAGE, '551d25', '551d11']);

const MAX_BYTES = 0x1_0000;
const MAX_DEPTH = 8;
