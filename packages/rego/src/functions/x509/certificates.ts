import { encodeBase64 } from '@sealwright/bytes';
import { type Certificate, DerReader, DerTag, parseCertificate, readBasicConstraints } from '@sealwright/der';
import { integerOf } from '@sealwright/crypto';
import { publicKeyJson, signatureAlgorithm } from './algorithms.js';
import {
  alternativeNames,
  alternativeNamesJson,
  listOrNull,
  nameConstraintsJson,
  sequenceOf,
  urlsIn,
} from './general-names.js';
import { parseFirstVersion } from './first-version.js';
import { nameJson, oidJson } from './names.js';

/** Certificates that stand one after the other. */
export function certificatesIn(der: Uint8Array): readonly Certificate[] {
  const all = new DerReader(der);
  const certificates: Certificate[] = [];
  while (!all.done) {
    const { raw } = all.element();
    certificates.push(parseFirstVersion(raw) ?? parseCertificate(raw));
  }
  return certificates;
}

/** A certificate as JSON of Go's `x509.Certificate`. */
export function certificateJson(certificate: Certificate): object {
  const { raw, signed, spki, subject, issuer, serial, notBefore, notAfter } = certificate;
  const extension = (oid: string): Uint8Array | undefined =>
    certificate.extensions.find((each) => each.oid === oid)?.value;
  const constraints = certificate.extensions.find(({ oid }) => oid === '2.5.29.30');
  return {
    Raw: encodeBase64(raw),
    RawTBSCertificate: encodeBase64(signed),
    RawSubjectPublicKeyInfo: encodeBase64(spki),
    RawSubject: encodeBase64(subject),
    RawIssuer: encodeBase64(issuer),
    Signature: encodeBase64(certificate.signature),
    SignatureAlgorithm: signatureAlgorithm(certificate.signatureAlgorithm),
    ...publicKeyJson(spki),
    Version: isFirstVersion(certificate) ? 1 : 3,
    SerialNumber: BigInt.asIntN(serial.length * 8, integerOf(serial)),
    Issuer: nameJson(issuer),
    Subject: nameJson(subject),
    NotBefore: timeText(notBefore),
    NotAfter: timeText(notAfter),
    Extensions: extensionsJson(certificate.extensions),
    ExtraExtensions: null,
    UnhandledCriticalExtensions: listOrNull(
      certificate.extensions
        .filter(({ oid, critical }) => critical && !KNOWN_EXTENSIONS.includes(oid))
        .map(({ oid }) => oidJson(oid)),
    ),
    KeyUsage: keyUsage(extension('2.5.29.15')),
    ...extendedKeyUsageJson(extension('2.5.29.37')),
    ...basicConstraintsJson(certificate),
    SubjectKeyId: subjectKeyId(extension('2.5.29.14')),
    AuthorityKeyId: authorityKeyId(extension('2.5.29.35')),
    ...accessJson(extension('1.3.6.1.5.5.7.1.1')),
    ...alternativeNamesJson(alternativeNames(extension('2.5.29.17'))),
    ...nameConstraintsJson(constraints?.value, constraints?.critical === true),
    CRLDistributionPoints: distributionPoints(extension('2.5.29.31')),
    ...policiesJson(extension('2.5.29.32'), extension('2.5.29.33')),
    ...policyConstraintsJson(extension('2.5.29.36'), extension('2.5.29.54')),
  };
}

/** Whether a certificate does not name its version, and can have no extensions. */
export function isFirstVersion({ signed }: Certificate): boolean {
  return new DerReader(signed).enter().peek() !== DerTag.context0;
}

/** With the texts of the URLs, which Go does not have. */
export function withUris(certificate: Certificate): object {
  const value = certificate.extensions.find(({ oid }) => oid === '2.5.29.17')?.value;
  return { ...certificateJson(certificate), URIStrings: listOrNull(alternativeNames(value).uris) };
}

/** Extensions as JSON of Go. */
export function extensionsJson(extensions: Certificate['extensions']): unknown {
  return listOrNull(
    extensions.map(({ oid, critical, value }) => ({
      Id: oidJson(oid),
      Critical: critical,
      Value: encodeBase64(value),
    })),
  );
}

/** Purposes of an extension by their numbers in Go, and those that have none. */
export function purposesOf(value: Uint8Array | undefined): {
  readonly known: readonly number[];
  readonly unknown: readonly string[];
} {
  const [known, unknown]: [number[], string[]] = [[], []];
  const all = sequenceOf(value);
  while (!all.done) {
    const oid = all.oid();
    const at = PURPOSES.indexOf(oid);
    if (at < 0) unknown.push(oid);
    else known.push(at);
  }
  return { known, unknown };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}

function keyUsage(value: Uint8Array | undefined): number {
  if (value === undefined) return 0;
  const [, ...bytes] = new DerReader(value).element(DerTag.bitString).contents;
  let usage = 0;
  for (let bit = 0; bit < 9; bit += 1)
    if ((((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0) usage |= 1 << bit;
  return usage;
}

function extendedKeyUsageJson(value: Uint8Array | undefined): object {
  const { known, unknown } = purposesOf(value);
  return { ExtKeyUsage: listOrNull(known), UnknownExtKeyUsage: listOrNull(unknown.map(oidJson)) };
}

function basicConstraintsJson(certificate: Certificate): object {
  const constraints = readBasicConstraints(certificate);
  const length = constraints === undefined ? 0 : (constraints.pathLength ?? -1);
  return {
    BasicConstraintsValid: constraints !== undefined,
    IsCA: constraints?.isAuthority === true,
    MaxPathLen: length,
    MaxPathLenZero: constraints !== undefined && length === 0,
  };
}

function subjectKeyId(value: Uint8Array | undefined): string | null {
  return value === undefined ? null : encodeBase64(new DerReader(value).octetString());
}

function authorityKeyId(value: Uint8Array | undefined): string | null {
  const fields = value === undefined ? undefined : new DerReader(value).enter();
  return fields?.peek() === 0x80 ? encodeBase64(fields.element().contents) : null;
}

function accessJson(value: Uint8Array | undefined): object {
  const [servers, issuers]: [string[], string[]] = [[], []];
  const all = sequenceOf(value);
  while (!all.done) {
    const access = all.enter();
    const method = access.oid();
    if (method === '1.3.6.1.5.5.7.48.1') servers.push(...urlsIn(access));
    if (method === '1.3.6.1.5.5.7.48.2') issuers.push(...urlsIn(access));
  }
  return { OCSPServer: listOrNull(servers), IssuingCertificateURL: listOrNull(issuers) };
}

function distributionPoints(value: Uint8Array | undefined): unknown {
  const urls: string[] = [];
  const all = sequenceOf(value);
  while (!all.done) {
    const point = all.enter();
    if (point.peek() !== DerTag.context0) continue;
    const name = point.enter(DerTag.context0);
    if (name.peek() === DerTag.context0) urls.push(...urlsIn(name.enter(DerTag.context0)));
  }
  return listOrNull(urls);
}

function policiesJson(policies: Uint8Array | undefined, mappings: Uint8Array | undefined): object {
  const oids: string[] = [];
  const all = sequenceOf(policies);
  while (!all.done) oids.push(all.enter().oid());
  const pairs: unknown[] = [];
  const mapped = sequenceOf(mappings);
  while (!mapped.done) {
    const pair = mapped.enter();
    pairs.push({ IssuerDomainPolicy: pair.oid(), SubjectDomainPolicy: pair.oid() });
  }
  return {
    PolicyIdentifiers: listOrNull(oids.map(oidJson)),
    Policies: listOrNull(oids),
    PolicyMappings: listOrNull(pairs),
  };
}

function policyConstraintsJson(constraints: Uint8Array | undefined, any: Uint8Array | undefined): object {
  const counts = new Map<number, bigint>();
  const all = sequenceOf(constraints);
  while (!all.done) {
    const { tag, contents } = all.element();
    counts.set(tag, integerOf(contents));
  }
  const inhibit = any === undefined ? undefined : integerOf(new DerReader(any).unsigned());
  return {
    RequireExplicitPolicy: counts.get(0x80) ?? 0,
    RequireExplicitPolicyZero: counts.get(0x80) === 0n,
    InhibitPolicyMapping: counts.get(0x81) ?? 0,
    InhibitPolicyMappingZero: counts.get(0x81) === 0n,
    InhibitAnyPolicy: inhibit ?? 0,
    InhibitAnyPolicyZero: inhibit === 0n,
  };
}

/** In the order of their numbers. */
const PURPOSES: readonly string[] = [
  '2.5.29.37.0',
  ...Array.from({ length: 9 }, (_item, index) => `1.3.6.1.5.5.7.3.${index + 1}`),
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
];

/** Extensions that may be critical. */
export const KNOWN_EXTENSIONS: readonly string[] = [
  ...[14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54].map((last) => `2.5.29.${last}`),
  '1.3.6.1.5.5.7.1.1',
];
