/**
 * The standard certificate extensions that decide about a chain (RFC 5280 section 4.2.1).
 *
 * @module
 */
import { decodeUtf8 } from '@sealwright/bytes';
import { type Certificate, DerReader, readBasicConstraints, readKeyUsage } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { addressText } from './ip-address.js';

/** One name of a certificate. */
export interface SubjectName {
  /** What kind of name. `other` is the `user!domain` of Fulcio, which has an object identifier of its own. */
  readonly type: 'email' | 'dns' | 'uri' | 'ip' | 'other';
  /** The name as text; an address as `192.0.2.1` or `2001:db8::1`. */
  readonly value: string;
}

/** What the extensions of a certificate allow. */
export interface CertificateUses {
  /** Whether it may issue certificates: basic constraints say so, and the key usage does not say otherwise. */
  readonly authority: boolean;
  /** How many authorities may stand below it; `undefined` for any number. */
  readonly pathLength: number | undefined;
  /** Whether the key usage, when given, allows signatures. */
  readonly signs: boolean;
  /** The extended key usages, dotted; `undefined` when it does not say. */
  readonly purposes: readonly string[] | undefined;
  /** Whether the extended key usage is critical. */
  readonly purposesCritical: boolean;
}

/** The purpose of code signing. */
export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
/** The purpose of time stamping. */
export const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/** Read what a certificate may do, and refuse a critical extension that nobody here understands. */
export function usesOf(certificate: Certificate): CertificateUses {
  const critical = certificate.extensions.find(
    (extension) => extension.critical && !KNOWN.has(extension.oid),
  );
  if (critical !== undefined)
    throw new CosignError('ERR_COSIGN_CERTIFICATE', `critical extension ${critical.oid} is not understood`);
  const basic = readBasicConstraints(certificate);
  const usage = readKeyUsage(certificate);
  const purposes = certificate.extensions.find(({ oid }) => oid === EXTENDED_KEY_USAGE);
  return {
    authority: basic?.isAuthority === true && usage?.has('keyCertSign') !== false,
    pathLength: basic?.pathLength,
    signs: usage === undefined || usage.has('digitalSignature') || usage.has('nonRepudiation'),
    purposes: purposes === undefined ? undefined : readPurposes(purposes.value),
    purposesCritical: purposes?.critical === true,
  };
}

/**
 * The subject alternative names, in order. Kinds that name no signer are passed over.
 *
 * @param certificate - decoded
 */
export function subjectNames(certificate: Certificate): SubjectName[] {
  const value = valueOf(certificate, SUBJECT_ALT_NAME);
  if (value === undefined) return [];
  const names: SubjectName[] = [];
  const list = new DerReader(value).enter();
  while (!list.done) {
    const { tag, contents } = list.element();
    const type = NAME_TYPES.get(tag);
    if (tag === 0xa0) {
      const other = readOtherName(contents);
      if (other !== undefined) names.push({ type: 'other', value: other });
    } else if (type === 'ip') names.push({ type, value: addressText(contents) });
    else if (type !== undefined) names.push({ type, value: decodeUtf8(contents) });
  }
  return names;
}

/** What an extension holds. */
export function valueOf(certificate: Certificate, oid: string): Uint8Array | undefined {
  return certificate.extensions.find((extension) => extension.oid === oid)?.value;
}

function readPurposes(value: Uint8Array): string[] {
  const outer = new DerReader(value);
  const list = outer.enter();
  outer.end();
  const purposes: string[] = [];
  while (!list.done) purposes.push(list.oid());
  return purposes;
}

/** Fulcio's `user!domain`: an otherName whose value is a UTF8String; another kind is skipped. */
function readOtherName(contents: Uint8Array): string | undefined {
  const reader = new DerReader(contents);
  if (reader.oid() !== FULCIO_OTHER_NAME) return undefined;
  const value = reader.enter(0xa0);
  return decodeUtf8(value.element(0x0c).contents);
}

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_ALT_NAME = '2.5.29.17';
const FULCIO_OTHER_NAME = '1.3.6.1.4.1.57264.1.7';
const KNOWN = new Set([BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_ALT_NAME]);
const NAME_TYPES: ReadonlyMap<number, 'email' | 'dns' | 'uri' | 'ip'> = new Map([
  [0x81, 'email'],
  [0x82, 'dns'],
  [0x86, 'uri'],
  [0x87, 'ip'],
]);
