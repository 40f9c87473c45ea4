/**
 * Verification of attestation tokens: which key is trusted, did it sign, is the token still good, which TEE key is
 * in it.
 *
 * @module
 */
import { decodeBase64, decodeBase64url, encodeUtf8, equalBytes, type Bytes } from '@sealwright/bytes';
import { importPublicKey, verify, type Jwk, type PublicKey, type SignatureScheme } from '@sealwright/crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { objectAt, own, readJson, stringAt } from './fields.js';
import { parseTeeKey, type TeeKeyOptions, type TeePublicKey } from './tee-key.js';
import { parseCertificates, verifyChain, parseCertificate, type TokenCertificate } from './certificate.js';

/** Whose tokens are believed. */
export interface TokenTrustOptions {
  /** Keys that are trusted as they are: the header's JWK must be one of them. */
  readonly trustedKeys?: readonly PublicKey[];
  /** JWK sets (`{"keys":[…]}`), for tokens that name their key by `kid`. */
  readonly trustedJwkSets?: readonly JsonValue[];
  /** PEM bundles; the chain in the header's JWK must end in one of these certificates. */
  readonly trustedCertificates?: readonly string[];
  /** Believe whatever key a token brings: everybody can make tokens then. Default false. */
  readonly dangerouslyTrustHeaderJwk?: boolean;
}

/** Trust that was read and checked once. */
export interface TokenTrust {
  /** The keys trusted as they are. */
  readonly keys: readonly PublicKey[];
  /** The keys of the sets, with `kid` and `alg`. */
  readonly named: readonly NamedKey[];
  /** The trusted certificates. */
  readonly certificates: readonly TokenCertificate[];
  /** Whether the header's key is believed. */
  readonly headerJwk: boolean;
}

/** A key of a JWK set. */
export interface NamedKey {
  /** Its name. */
  readonly kid: string;
  /** Its algorithm, as JWS calls it. */
  readonly alg: string;
  /** The key. */
  readonly key: PublicKey;
}

/** Options of {@link verifyToken}. */
export interface VerifyTokenOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The instant at which the chain of the key must be valid, in milliseconds since 1970. Default: `now`. */
  readonly certificateTime?: number;
  /** How long past its end a token is still good. Default 60. */
  readonly leewaySeconds?: number;
  /** The issuer that is wanted. Default: any. */
  readonly issuer?: string;
  /** The audience that is wanted. Default: any. */
  readonly audience?: string;
  /** Cap on the token, in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
}

declare const verified: unique symbol;

/** The claims of a token whose signature and time were checked. Only {@link verifyToken} makes one. */
export interface VerifiedToken {
  /** The whole payload. */
  readonly claims: JsonObject;
  /** The end of the token, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The key that signed. */
  readonly key: PublicKey;
  /** Marks what was verified. */
  readonly [verified]: true;
}

/**
 * Read trust once, for many tokens. Keys of a set that have no `kid` or no `alg`, or are of a kind that is not read
 * here, are left out, as a set may serve others too.
 *
 * @param options - whose tokens are believed
 * @throws {@link KbsProtocolError} `ERR_KBS_TOKEN_KEY` or `ERR_KBS_CERTIFICATE`
 */
export function createTokenTrust(options: TokenTrustOptions): TokenTrust {
  const trust: TokenTrust = {
    keys: [...(options.trustedKeys ?? [])],
    named: (options.trustedJwkSets ?? []).flatMap(namedKeys),
    certificates: (options.trustedCertificates ?? []).flatMap((pem) => parseCertificates(pem)),
    headerJwk: options.dangerouslyTrustHeaderJwk === true,
  };
  const sources = trust.keys.length + trust.certificates.length + (options.trustedJwkSets?.length ?? 0);
  if (sources > 0 || trust.headerJwk) return trust;
  throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'expected certificates, keys or key sets to trust');
}

/**
 * Verify an attestation token.
 *
 * @param token - the token, in JWS compact form
 * @param trust - whose tokens are believed
 * @param options - the time, and what else is wanted
 * @throws {@link KbsProtocolError} `ERR_KBS_LIMIT`, `ERR_KBS_TOKEN`, `ERR_KBS_TOKEN_KEY`, `ERR_KBS_CERTIFICATE`,
 * `ERR_KBS_TOKEN_SIGNATURE`, `ERR_KBS_TOKEN_EXPIRED` or `ERR_KBS_TOKEN_CLAIMS`
 *
 * @example
 * ```ts
 * const trust = createTokenTrust({ trustedKeys: [key.publicKey] });
 * const { claims, expiresAt } = await verifyToken(token, trust, { now });
 * console.log(claims['eat_profile'], expiresAt > now); // tag:github.com,2024:confidential-containers/Trustee true
 * ```
 */
export async function verifyToken(
  token: string,
  trust: TokenTrust,
  options: VerifyTokenOptions,
): Promise<VerifiedToken> {
  const maxBytes = options.maxBytes ?? 0x10_0000;
  if (token.length > maxBytes)
    throw new KbsProtocolError('ERR_KBS_LIMIT', `expected at most ${maxBytes} bytes`);
  const parts = token.split('.', 4);
  const [headerPart, payloadPart, signaturePart] = parts;
  if (
    parts.length !== 3 ||
    headerPart === undefined ||
    payloadPart === undefined ||
    signaturePart === undefined
  ) {
    throw new KbsProtocolError('ERR_KBS_TOKEN', 'expected three parts');
  }
  const header = objectAt(jsonOf(headerPart, maxBytes), '/header', 'ERR_KBS_TOKEN');
  if (Object.hasOwn(header, 'crit'))
    throw new KbsProtocolError('ERR_KBS_TOKEN', 'critical headers are not known here');
  const { key, alg } = await keyOf(header, trust, options.certificateTime ?? options.now);
  const suite = SUITES.get(alg);
  if (suite === undefined || stringAt(own(header, 'alg'), '/header/alg', 'ERR_KBS_TOKEN') !== alg) {
    throw new KbsProtocolError('ERR_KBS_TOKEN', "expected the algorithm of the header to be the key's");
  }
  if (!suite.kinds.includes(key.kind))
    throw new KbsProtocolError('ERR_KBS_TOKEN', 'the algorithm does not fit the key');
  const payload = jsonOf(payloadPart, maxBytes);
  const signed = encodeUtf8(`${headerPart}.${payloadPart}`);
  const signature = decode(signaturePart);
  if (!(await verify(key, signed, signature, { scheme: suite.scheme, encoding: 'raw' }))) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_SIGNATURE', 'the signature does not verify');
  }
  const claims = objectAt(payload, '/payload', 'ERR_KBS_TOKEN');
  return { claims, expiresAt: checkedEnd(claims, options) * 1000, key } as VerifiedToken;
}

/**
 * The TEE key in a token's claims: the value at the first of the known places that exists.
 *
 * @param claims - the payload of a verified token
 * @param extraPaths - JSON pointers to look at first
 * @param options - which TEE keys pass
 * @throws {@link KbsProtocolError} `ERR_KBS_TOKEN_CLAIMS` when there is none, `ERR_KBS_TEE_KEY` when what is there is
 * not one
 */
export function teeKeyFromClaims(
  claims: JsonObject,
  extraPaths: readonly string[] = [],
  options: TeeKeyOptions = {},
): TeePublicKey {
  for (const pointer of [...extraPaths, ...TEE_KEY_PATHS]) {
    const value = valueAt(claims, pointer);
    if (value !== undefined) return parseTeeKey(value, options);
  }
  throw new KbsProtocolError('ERR_KBS_TOKEN_CLAIMS', 'no TEE public key in the token');
}

/** Where tokens of the known kinds hold the TEE key, in the order in which they are looked at. */
export const TEE_KEY_PATHS: readonly string[] = [
  '/tdx/attester_runtime_data/tee-pubkey',
  '/tdx/attester_user_data/tee-pubkey',
  '/customized_claims/runtime_data/tee-pubkey',
  '/submods/cpu0/ear.veraison.annotated-evidence/runtime_data_claims/tee-pubkey',
  '/tee-pubkey',
];

async function keyOf(
  header: JsonObject,
  trust: TokenTrust,
  now: number,
): Promise<{ key: PublicKey; alg: string }> {
  const value = own(header, 'jwk');
  if (value === undefined)
    return namedKey(stringAt(own(header, 'kid'), '/header/kid', 'ERR_KBS_TOKEN_KEY'), trust);
  const jwk = objectAt(value, '/header/jwk', 'ERR_KBS_TOKEN');
  const alg = stringAt(own(jwk, 'alg'), '/header/jwk/alg', 'ERR_KBS_TOKEN');
  const key = keyOfJwk(jwk);
  const believed = trust.headerJwk || trust.keys.some((known) => equalBytes(known.spki, key.spki));
  if (!believed) await mustChain(jwk, key, trust.certificates, now);
  return { key, alg };
}

function namedKey(kid: string, trust: TokenTrust): { key: PublicKey; alg: string } {
  const found = trust.named.find((candidate) => candidate.kid === kid);
  if (found !== undefined) return found;
  throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'no trusted key has this kid', { pointer: '/header/kid' });
}

async function mustChain(
  jwk: JsonObject,
  key: PublicKey,
  trusted: readonly TokenCertificate[],
  now: number,
): Promise<void> {
  const pointer = '/header/jwk/x5c';
  const x5c = own(jwk, 'x5c');
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > MAX_CHAIN) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'the key is not trusted, and brings no certificate', {
      pointer,
    });
  }
  const [leaf, ...others] = x5c.map((text) =>
    parseCertificate(certificateBytes(stringAt(text, pointer, 'ERR_KBS_TOKEN'))),
  );
  if (leaf === undefined || !equalBytes(leaf.publicKey.spki, key.spki)) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'the certificate is of another key', { pointer });
  }
  await verifyChain(leaf, others, trusted, now);
}

function certificateBytes(text: string): Bytes {
  const compact = text.replaceAll('\n', '').replaceAll('\r', '');
  try {
    return decodeBase64(compact);
  } catch {
    return decode(compact);
  }
}

function keyOfJwk(jwk: JsonObject): PublicKey {
  const text = (name: string): { [name: string]: string } => {
    const value = own(jwk, name);
    return typeof value === 'string' && value.length <= MAX_KEY_CHARACTERS ? { [name]: value } : {};
  };
  const parts = ['kty', 'crv', 'x', 'y', 'n', 'e'].map(text);
  try {
    return importPublicKey({ kty: '', ...Object.assign({}, ...parts) } as Jwk);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'expected a public key', {
      pointer: '/header/jwk',
      cause,
    });
  }
}

function namedKeys(set: JsonValue): NamedKey[] {
  const keys = isJsonObject(set) ? own(set, 'keys') : undefined;
  if (!Array.isArray(keys))
    throw new KbsProtocolError('ERR_KBS_TOKEN_KEY', 'expected a JWK set', { pointer: '/keys' });
  return keys.flatMap((jwk) => {
    if (!isJsonObject(jwk)) return [];
    const [kid, alg] = [own(jwk, 'kid'), own(jwk, 'alg')];
    if (typeof kid !== 'string' || typeof alg !== 'string' || !SUITES.has(alg)) return [];
    try {
      return [{ kid, alg, key: keyOfJwk(jwk) }];
    } catch {
      return [];
    }
  });
}

function checkedEnd(claims: JsonObject, options: VerifyTokenOptions): number {
  const exp = own(claims, 'exp');
  if (typeof exp !== 'number') throw new KbsProtocolError('ERR_KBS_TOKEN_EXPIRED', 'the token says no end');
  if (exp + (options.leewaySeconds ?? 60) < options.now / 1000) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_EXPIRED', 'the token is over');
  }
  if (options.issuer !== undefined && own(claims, 'iss') !== options.issuer) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_CLAIMS', 'the token is of another issuer', { pointer: '/iss' });
  }
  const aud = own(claims, 'aud');
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (options.audience !== undefined && !audiences.includes(options.audience)) {
    throw new KbsProtocolError('ERR_KBS_TOKEN_CLAIMS', 'the token is for another audience', {
      pointer: '/aud',
    });
  }
  return exp;
}

/** RFC 6901. */
function valueAt(root: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const raw of pointer.split('/').slice(1)) {
    const name = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(?:0|[1-9]\d{0,8})$/.test(name) ? value[Number(name)] : undefined;
    else value = isJsonObject(value) ? own(value, name) : undefined;
  }
  return value;
}

function jsonOf(part: string, maxBytes: number): JsonValue {
  return readJson(decode(part), maxBytes, 'ERR_KBS_TOKEN');
}

function decode(part: string): Bytes {
  try {
    return decodeBase64url(part);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_TOKEN', 'expected base64url without padding', { cause });
  }
}

/** JWS algorithms (RFC 7518 section 3.1, RFC 8037) and the keys that they go with. Neither `none` nor HMAC. */
const SUITES: ReadonlyMap<string, { readonly scheme: SignatureScheme; readonly kinds: readonly string[] }> =
  new Map([
    ['ES256', { scheme: 'ecdsa-sha256', kinds: ['ec-p256'] }],
    ['ES384', { scheme: 'ecdsa-sha384', kinds: ['ec-p384'] }],
    ['ES512', { scheme: 'ecdsa-sha512', kinds: ['ec-p521'] }],
    ['EdDSA', { scheme: 'ed25519', kinds: ['ed25519'] }],
    ['RS256', { scheme: 'rsa-pkcs1-sha256', kinds: ['rsa'] }],
    ['RS384', { scheme: 'rsa-pkcs1-sha384', kinds: ['rsa'] }],
    ['RS512', { scheme: 'rsa-pkcs1-sha512', kinds: ['rsa'] }],
    ['PS256', { scheme: 'rsa-pss-sha256', kinds: ['rsa'] }],
    ['PS384', { scheme: 'rsa-pss-sha384', kinds: ['rsa'] }],
    ['PS512', { scheme: 'rsa-pss-sha512', kinds: ['rsa'] }],
  ]);

const MAX_CHAIN = 8;
const MAX_KEY_CHARACTERS = 2048;
