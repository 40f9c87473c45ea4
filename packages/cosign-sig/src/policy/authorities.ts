import { equalBytes } from '@sealwright/bytes';
import { decodePem, DerError } from '@sealwright/der';
import { CosignError } from '../errors.js';
import { type TrustedAuthority, trustedAuthority } from '../trust/trusted-root.js';
import { readCertificate } from '../x509/chain.js';

/** Certificates that certify themselves are roots; the others may stand between. */
export function authoritiesOf(pem: string): readonly TrustedAuthority[] {
  const all = certificates(pem);
  const isRoot = (der: Uint8Array): boolean => {
    const { certificate } = readCertificate(der);
    return equalBytes(certificate.subject, certificate.issuer);
  };
  const between = all.filter((der) => !isRoot(der));
  return all.filter(isRoot).map((der) => trustedAuthority([...between, der]));
}

/** The certificates of a PEM text. */
export function certificates(pem: string): readonly Uint8Array[] {
  try {
    const blocks = decodePem(pem, { maxBytes: 1 << 20 });
    if (blocks.length <= MAX_CERTIFICATES) return blocks.map(({ bytes }) => bytes);
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'expected certificates in PEM', { cause });
  }
  throw new CosignError('ERR_COSIGN_LIMIT', `a policy names at most ${MAX_CERTIFICATES} certificates`);
}

const MAX_CERTIFICATES = 100;
