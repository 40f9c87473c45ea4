/**
 * The AlgorithmIdentifier of a signature (RFC 5280 section 4.1.1.2, RFC 4055, RFC 5758, RFC 8410).
 *
 * @module
 */
import { equalBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { DerTag } from './tag.js';
import { encodeElement, encodeInteger, encodeNull, encodeOid, encodeSequence } from './writer.js';

/** How a certificate or a list was signed. Of RSASSA-PSS only the form whose three hashes agree and whose salt is as long as they are. */
export type CertificateSignatureScheme =
  | 'ed25519'
  | `${'ecdsa' | 'rsa-pkcs1' | 'rsa-pss'}-${'sha256' | 'sha384' | 'sha512'}`;

/**
 * Read the AlgorithmIdentifier of a signature.
 *
 * @param der - the structure and nothing after it
 * @throws {@link DerError} `ERR_DER_ALGORITHM` for an algorithm that is not used here, SHA-1 among them, else what was malformed.
 */
export function readSignatureScheme(der: Uint8Array): CertificateSignatureScheme {
  const outer = new DerReader(der);
  const identifier = outer.enter();
  outer.end();
  const oid = identifier.oid();
  if (oid === OID_PSS) return readPss(identifier.element(DerTag.sequence).raw);
  const simple = SIMPLE.get(oid);
  if (simple === undefined)
    throw new DerError('ERR_DER_ALGORITHM', 'a signature algorithm that is not used here');
  if (simple.startsWith('rsa')) identifier.null();
  identifier.end();
  return simple;
}

function readPss(parameters: Uint8Array): CertificateSignatureScheme {
  for (const [hash, oid, size] of HASHES)
    for (const trailer of [[], [encodeElement(0xa3, encodeInteger(Uint8Array.of(1)))]])
      if (equalBytes(parameters, encodeSequence(...pssParameters(oid, size), ...trailer)))
        return `rsa-pss-${hash}`;
  throw new DerError('ERR_DER_ALGORITHM', 'expected one hash throughout and a salt of its length');
}

function pssParameters(oid: string, size: number): Uint8Array[] {
  const hash = encodeSequence(encodeOid(oid), encodeNull());
  return [
    encodeElement(0xa0, hash),
    encodeElement(0xa1, encodeSequence(encodeOid(OID_MGF1), hash)),
    encodeElement(0xa2, encodeInteger(Uint8Array.of(size))),
  ];
}

const OID_PSS = '1.2.840.113549.1.1.10';
const OID_MGF1 = '1.2.840.113549.1.1.8';
const HASHES = [
  ['sha256', '2.16.840.1.101.3.4.2.1', 32],
  ['sha384', '2.16.840.1.101.3.4.2.2', 48],
  ['sha512', '2.16.840.1.101.3.4.2.3', 64],
] as const;
const SIMPLE: ReadonlyMap<string, CertificateSignatureScheme> = new Map([
  ['1.2.840.10045.4.3.2', 'ecdsa-sha256'],
  ['1.2.840.10045.4.3.3', 'ecdsa-sha384'],
  ['1.2.840.10045.4.3.4', 'ecdsa-sha512'],
  ['1.3.101.112', 'ed25519'],
  ['1.2.840.113549.1.1.11', 'rsa-pkcs1-sha256'],
  ['1.2.840.113549.1.1.12', 'rsa-pkcs1-sha384'],
  ['1.2.840.113549.1.1.13', 'rsa-pkcs1-sha512'],
]);
