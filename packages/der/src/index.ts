/**
 * Strict DER and PEM, the key structures of X.509 and PKCS that other packages need, certificates, chains and revocation lists.
 * Who checks a signature is an argument; the rest of a verdict is made here.
 *
 * @packageDocumentation
 */
export { parseCertificate, type Certificate } from './certificate.js';
export {
  findRevoked,
  isRevoked,
  parseCertificateList,
  type CertificateList,
  type CertificateListOptions,
  type RevokedCertificate,
} from './certificate-list.js';
export {
  mustBeAuthority,
  mustBeCurrent,
  mustBeValid,
  mustKnowCritical,
  mustSignLists,
  signatureCheck,
  verifyCertificateChain,
  verifyCertificateList,
  verifyIssued,
  type CertificateListCheck,
  type ChainOptions,
  type SignatureCheck,
  type SignatureVerifier,
  type TrustAnchor,
} from './chain.js';
export { DerError, type DerErrorCode } from './errors.js';
export {
  findExtension,
  readBasicConstraints,
  readKeyUsage,
  type BasicConstraints,
  type KeyUsage,
} from './extension.js';
export { mustBePermitted } from './name-constraints.js';
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
export { readSignatureScheme, type CertificateSignatureScheme } from './signature-scheme.js';
export type { CertificateExtension, SignedStructure } from './signed.js';
export {
  encodeSpki,
  parseRsaPublicKey,
  parseSpki,
  type KeyKind,
  type RsaPublicKey,
  type SpkiInfo,
} from './spki.js';
export { DerTag } from './tag.js';
export { readTime } from './time.js';
export {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from './writer.js';
