/**
 * The client of Fulcio, version 2 of its interface.
 *
 * @module
 */
import {
  type Bytes,
  BytesError,
  decodeBase64,
  decodeBase64url,
  encodeBase64,
  encodeUtf8,
  equalBytes,
} from '@sealwright/bytes';
import { exportPublicPem, type Signer } from '@sealwright/crypto';
import { decodePem, DerError } from '@sealwright/der';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { parseDetachedSct, type SignedCertificateTimestamp } from '../fulcio/sct.js';
import { readCertificate } from '../x509/chain.js';
import { askService, type ServiceOptions } from './exchange.js';

/** A certificate for a key, fresh from Fulcio. Whether to believe it is for the verifier. */
export interface IssuedCertificate {
  /** The certificate, DER. */
  readonly certificate: Bytes;
  /** Intermediates and root as they came along, DER. */
  readonly chain: readonly Bytes[];
  /** A timestamp of a certificate log that is not in the certificate. */
  readonly detachedSct: SignedCertificateTimestamp | undefined;
}

/** What an identity token says, unverified: Fulcio verifies it. */
export interface TokenClaims {
  /** Who issued it. */
  readonly issuer: string;
  /** Whom it is about. */
  readonly subject: string;
  /** The e-mail address, where the issuer vouches for one. */
  readonly email: string | undefined;
  /** When it expires, seconds since 1970; `undefined` when it does not say. */
  readonly expires: number | undefined;
}

/**
 * Have a key certified. The key must be held: it signs the subject of the token.
 *
 * @param service - Fulcio
 * @param token - an identity token (JWT) for the audience `sigstore`
 * @param signer - the key, made for this one occasion
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE`; `ERR_COSIGN_CERTIFICATE` when the certificate is for another key.
 */
export async function requestCertificate(
  service: ServiceOptions,
  token: string,
  signer: Signer,
): Promise<IssuedCertificate> {
  const { email, subject } = readTokenClaims(token);
  const proof = await signer.sign(encodeUtf8(email ?? subject));
  const answer = await askService(service, {
    path: '/api/v2/signingCert',
    json: {
      credentials: { oidcIdentityToken: token },
      publicKeyRequest: {
        publicKey: {
          algorithm: ALGORITHMS[signer.publicKey.kind],
          content: exportPublicPem(signer.publicKey),
        },
        proofOfPossession: encodeBase64(proof),
      },
    },
    maxBytes: 1 << 20,
  });
  const issued = readAnswer(answer.bytes);
  if (!equalBytes(readCertificate(issued.certificate).key.spki, signer.publicKey.spki))
    throw new CosignError('ERR_COSIGN_CERTIFICATE', 'the certificate is for another key');
  return issued;
}

/**
 * Read the claims of an identity token. Nothing is verified.
 *
 * @param token - a JWT in compact form, at most 64 KiB
 * @throws {@link CosignError} `ERR_COSIGN_IDENTITY`. Its message never quotes the token.
 */
export function readTokenClaims(token: string): TokenClaims {
  const parts = token.trim().split('.');
  try {
    const claims = parseJson(decodeBase64url(parts[1] ?? ''), { maxBytes: 64 << 10, duplicates: 'last' });
    if (parts.length === 3 && isJsonObject(claims)) {
      const { iss, sub, email, email_verified: verified, exp } = claims;
      if (typeof iss === 'string' && typeof sub === 'string') {
        return {
          issuer: iss,
          subject: sub,
          email: typeof email === 'string' && (verified === true || verified === 'true') ? email : undefined,
          expires: typeof exp === 'number' ? exp : undefined,
        };
      }
    }
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof BytesError)) throw error;
  }
  throw new CosignError('ERR_COSIGN_IDENTITY', 'expected an identity token with issuer and subject');
}

/**
 * The chains that Fulcio issues under. Trust comes from a trusted root, never from here.
 *
 * @param service - Fulcio
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE`.
 */
export async function fetchTrustBundle(service: ServiceOptions): Promise<readonly (readonly Bytes[])[]> {
  const { bytes } = await askService(service, { path: '/api/v2/trustBundle', maxBytes: 4 << 20 });
  const chains = object(parse(bytes))['chains'];
  if (!Array.isArray(chains)) throw fault('expected chains');
  return chains.map((chain) => certificatesIn(object(chain)));
}

/** One issuer of identity tokens that Fulcio takes. */
export interface FulcioIssuer {
  /** Its address; a `*` stands for letters, digits, `-` and `_`. */
  readonly url: string;
  /** The audience that tokens must be for. */
  readonly audience: string;
  /** The claim that a key must sign to prove that it is held. */
  readonly challengeClaim: string;
}

/**
 * The issuers whose tokens Fulcio takes.
 *
 * @param service - Fulcio
 * @throws {@link CosignError} `ERR_COSIGN_SERVICE`.
 */
export async function fetchFulcioIssuers(service: ServiceOptions): Promise<readonly FulcioIssuer[]> {
  const { bytes } = await askService(service, { path: '/api/v2/configuration', maxBytes: 4 << 20 });
  const issuers = object(parse(bytes))['issuers'] ?? [];
  if (!Array.isArray(issuers)) throw fault('expected issuers');
  return issuers.map((value) => {
    const { issuerUrl, wildcardIssuerUrl, audience, challengeClaim } = object(value);
    const text = (part: JsonValue | undefined): string => (typeof part === 'string' ? part : '');
    return {
      url: text(issuerUrl) || text(wildcardIssuerUrl),
      audience: text(audience),
      challengeClaim: text(challengeClaim),
    };
  });
}

function readAnswer(bytes: Uint8Array): IssuedCertificate {
  const answer = object(parse(bytes));
  const embedded = answer['signedCertificateEmbeddedSct'];
  const detached = answer['signedCertificateDetachedSct'];
  const issued = object(isJsonObject(embedded) ? embedded : (detached ?? null));
  const [certificate, ...chain] = certificatesIn(object(issued['chain'] ?? null));
  if (certificate === undefined) throw fault('expected a certificate');
  const sct = issued !== embedded ? issued['signedCertificateTimestamp'] : undefined;
  return {
    certificate,
    chain,
    detachedSct: typeof sct === 'string' && sct !== '' ? parseDetachedSct(base64(sct)) : undefined,
  };
}

function certificatesIn(chain: JsonObject): Bytes[] {
  const { certificates } = chain;
  if (!Array.isArray(certificates) || certificates.length > 16)
    throw fault('expected a chain of certificates');
  try {
    return certificates.flatMap((pem) => {
      const blocks = typeof pem === 'string' ? decodePem(pem) : [];
      if (blocks.length > 0 && blocks.every(({ label }) => label === 'CERTIFICATE'))
        return blocks.map(({ bytes }) => bytes);
      throw fault('expected certificates as PEM');
    });
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_SERVICE', 'the certificates are no PEM', { cause });
  }
}

function base64(text: string): Bytes {
  try {
    return decodeBase64(text);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_SERVICE', 'expected base64', { cause });
  }
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_SERVICE', `the answer is no JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault('expected an object');
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_SERVICE', message);
}

const ALGORITHMS = {
  'ec-p256': 'ECDSA',
  'ec-p384': 'ECDSA',
  'ec-p521': 'ECDSA',
  ed25519: 'ED25519',
  rsa: 'RSA_PSS',
};
