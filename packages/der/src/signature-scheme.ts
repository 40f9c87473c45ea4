/**
 * The AlgorithmIdentifier of a signature (RFC 5280 section 4.1.1.2, RFC 4055, RFC 5758, RFC 8410).
 *
 * @module
 */
import { concatBytes, decodeHex, equalBytes } from '@sealwright/bytes';
import { DerError } from './errors.js';
import { DerReader } from './reader.js';
import { DerTag } from './tag.js';

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

/** The parameters have one encoding for each hash, or two: the default trailer is left out, or written out. */
function readPss(parameters: Uint8Array): CertificateSignatureScheme {
  const plain = decodeHex(PSS);
  const hash = HASHES[(parameters[PSS_HASHES[0]] ?? 0) - 1];
  if (hash !== undefined) {
    const [name, size] = hash;
    for (const at of PSS_HASHES) plain[at] = parameters[PSS_HASHES[0]] ?? 0;
    plain[plain.byteLength - 1] = size;
    if (equalBytes(parameters, plain)) return `rsa-pss-${name}`;
    plain[1] = (plain[1] ?? 0) + TRAILER.byteLength;
    if (equalBytes(parameters, concatBytes(plain, TRAILER))) return `rsa-pss-${name}`;
  }
  throw new DerError('ERR_DER_ALGORITHM', 'expected one hash throughout and a salt of its length');
}

const OID_PSS = '1.2.840.113549.1.1.10';
/** RSASSA-PSS-params: SHA-256, MGF1 with SHA-256, salt of 32 bytes. */
const PSS =
  '3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120';
/** Where the last arc of the identifier of a hash stands: 1 for SHA-256, 2 for SHA-384, 3 for SHA-512. */
const PSS_HASHES = [0x10, 0x2e] as const;
/** Trailer field 1. */
const TRAILER = Uint8Array.of(0xa3, 0x03, 0x02, 0x01, 0x01);
const HASHES = [
  ['sha256', 32],
  ['sha384', 48],
  ['sha512', 64],
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
