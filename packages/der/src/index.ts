/**
 * Strict DER and PEM, and the key structures of X.509 and PKCS that other packages need. It parses; it never verifies.
 *
 * @packageDocumentation
 */
export {
  parseCertificate,
  parseCertificateList,
  type Certificate,
  type CertificateExtension,
  type CertificateList,
} from './certificate.js';
export { DerError, type DerErrorCode } from './errors.js';
export {
  parseEcPrivateKey,
  parsePkcs8,
  pkcs8FromEcPrivateKey,
  pkcs8FromRsaPrivateKey,
  type EcPrivateKeyInfo,
  type Pkcs8Info,
} from './private-key.js';
export { decodePem, encodePem, type PemBlock, type PemOptions } from './pem.js';
export { DerReader, type DerElement } from './reader.js';
export {
  encodeSpki,
  parseRsaPublicKey,
  parseSpki,
  type KeyKind,
  type RsaPublicKey,
  type SpkiInfo,
} from './spki.js';
export { DerTag } from './tag.js';
export {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from './writer.js';
