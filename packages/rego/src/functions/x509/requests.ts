import { encodeBase64 } from '@sealwright/bytes';
import { type CertificateExtension, DerReader, DerTag } from '@sealwright/der';
import { integerOf } from '@sealwright/crypto';
import { publicKeyJson, signatureAlgorithm } from './algorithms.js';
import { extensionsJson } from './certificates.js';
import { alternativeNames, alternativeNamesJson } from './general-names.js';
import { nameJson, oidJson } from './names.js';

/** A certification request (RFC 2986) as JSON of Go's `x509.CertificateRequest`. */
export function requestJson(der: Uint8Array): object {
  const whole = new DerReader(der);
  const outer = whole.enter();
  whole.end();
  const info = outer.element(DerTag.sequence);
  const algorithm = outer.element(DerTag.sequence).raw;
  const signature = outer.bitString();
  outer.end();
  const fields = new DerReader(info.raw).enter();
  const version = integerOf(fields.unsigned());
  const subject = fields.element(DerTag.sequence).raw;
  const spki = fields.element(DerTag.sequence).raw;
  const extensions: CertificateExtension[] = [];
  const attributes: unknown[] = [];
  const given = fields.done ? fields : fields.enter(DerTag.context0);
  while (!given.done) {
    const attribute = given.enter();
    if (attribute.oid() !== EXTENSION_REQUEST) continue;
    const own = extensionsOf(attribute.enter(DerTag.set).enter());
    extensions.push(...own);
    const value = own.map(({ oid, value: bytes }) => ({ Type: oidJson(oid), Value: encodeBase64(bytes) }));
    // extensions that are critical have three members, and do not fit this older form
    if (own.every(({ critical }) => !critical))
      attributes.push({ Type: oidJson(EXTENSION_REQUEST), Value: [value] });
  }
  const names = extensions.find(({ oid }) => oid === '2.5.29.17')?.value;
  return {
    Raw: encodeBase64(der),
    RawTBSCertificateRequest: encodeBase64(info.raw),
    RawSubjectPublicKeyInfo: encodeBase64(spki),
    RawSubject: encodeBase64(subject),
    Version: version,
    Signature: encodeBase64(signature),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    ...publicKeyJson(spki),
    Subject: nameJson(subject),
    Attributes: attributes,
    Extensions: extensionsJson(extensions),
    ExtraExtensions: null,
    ...alternativeNamesJson(alternativeNames(names)),
  };
}

function extensionsOf(list: DerReader): readonly CertificateExtension[] {
  const extensions: CertificateExtension[] = [];
  while (!list.done) {
    const extension = list.enter();
    const oid = extension.oid();
    const critical =
      extension.peek() === DerTag.boolean && extension.element().contents.some((byte) => byte !== 0);
    extensions.push({ oid, critical, value: extension.octetString() });
  }
  return extensions;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
