/**
 * Attestation results as EAR tokens: what was found, tier by tier, signed.
 *
 * @module
 */
import { encodeBase64, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { digest, exportPublicJwk, sign, type PrivateKey, type PublicKey } from '@sealwright/crypto';
import { canonicalJson, type JsonObject, type JsonValue } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';

/** What an attestation comes to, worst last. */
export type EarStatus = 'none' | 'affirming' | 'warning' | 'contraindicated';

/** A member of the trustworthiness vector. */
export type TrustClaim =
  | 'instance-identity'
  | 'configuration'
  | 'executables'
  | 'file-system'
  | 'hardware'
  | 'runtime-opaque'
  | 'storage-opaque'
  | 'sourced-data';

/** Every {@link TrustClaim}, in the order in which tokens show them. */
export const TRUST_CLAIMS: readonly TrustClaim[] = [
  'instance-identity',
  'configuration',
  'executables',
  'file-system',
  'hardware',
  'runtime-opaque',
  'storage-opaque',
  'sourced-data',
];

/** A trustworthiness vector: AR4SI values from -128 to 127. What a policy says nothing of is left out. */
export type TrustVector = { readonly [claim in TrustClaim]?: number };

/**
 * Read a policy's trust claims. Unknown members and values that do not fit 8 bits are refused, where other
 * implementations crash or cut.
 *
 * @param value - an object from claims to integers
 * @throws {@link KbsProtocolError} `ERR_KBS_EAR`
 */
export function parseTrustVector(value: JsonObject): TrustVector {
  const entries = Object.entries(value).map(
    ([name, tier]) => [mustBeClaim(name), mustBeTier(name, tier)] as const,
  );
  if (entries.length === 0)
    throw new KbsProtocolError('ERR_KBS_EAR', 'At least one policy claim must be set.');
  const given = new Map(entries);
  return Object.fromEntries(
    TRUST_CLAIMS.filter((name) => given.has(name)).map((name) => [name, given.get(name)]),
  );
}

/**
 * The tier of one AR4SI value.
 *
 * @param value - an integer from -128 to 127
 */
export function trustTier(value: number): EarStatus {
  if (value >= -1 && value <= 1) return 'none';
  if (value >= -32 && value <= 31) return 'affirming';
  if (value >= -96 && value <= 95) return 'warning';
  return 'contraindicated';
}

/**
 * The status of a vector: its worst tier.
 *
 * @param vector - at least one claim
 * @throws {@link KbsProtocolError} `ERR_KBS_EAR` for a vector without claims
 */
export function earStatus(vector: TrustVector): EarStatus {
  const tiers = Object.values(parseTrustVector(vector)).map((value) => STATUSES.indexOf(trustTier(value)));
  return STATUSES[Math.max(...tiers)] ?? 'contraindicated';
}

/** One appraised device. */
export interface EarSubmodule {
  /** Its class; the token counts the devices of a class: `cpu0`, `gpu0`, `gpu1`. */
  readonly class: string;
  /** What the policy says of it. */
  readonly trustVector: TrustVector;
  /** The policy's id. Default `default`. */
  readonly policyId?: string;
  /** What the verifier found, as {@link annotatedEvidence} arranges it. */
  readonly annotatedEvidence: JsonObject;
  /** Further members of the submodule, such as `ear.trustee.identifiers`. */
  readonly extensions?: JsonObject;
}

/** What {@link annotatedEvidence} arranges. */
export interface AnnotatedEvidenceParts {
  /** The kind of TEE, under whose name the claims go. */
  readonly tee: string;
  /** The verifier's claims, `init_data` and `report_data` among them if the evidence carries them. */
  readonly claims: JsonObject;
  /** The object that was hashed into the report data. */
  readonly runtimeData: JsonObject;
  /** The claims of the init-data; null when only its digest is known. */
  readonly initDataClaims?: JsonValue;
  /** Show the devices' evidence in the runtime data too. Default true. */
  readonly verbose?: boolean;
}

/**
 * Arrange a verifier's claims as tokens and policies see them.
 *
 * @param parts - the claims and the plaintexts of what they are bound to
 */
export function annotatedEvidence(parts: AnnotatedEvidenceParts): JsonObject {
  const { init_data: initData, report_data: reported, ...rest } = parts.claims;
  const { 'additional-evidence': additional, ...brief } = parts.runtimeData;
  const runtimeData = parts.verbose === false || additional === undefined ? brief : parts.runtimeData;
  return {
    ...(initData === undefined
      ? {}
      : { init_data: initData, init_data_claims: parts.initDataClaims ?? null }),
    ...(reported === undefined ? {} : { report_data: reported, runtime_data_claims: runtimeData }),
    [parts.tee]: rest,
  };
}

/** What {@link issueEar} signs. */
export interface EarInput {
  /** The appraised devices. */
  readonly submodules: readonly EarSubmodule[];
  /** When it is issued, in milliseconds since 1970. */
  readonly now: number;
  /** How long it is good for. Default 300. */
  readonly lifetimeSeconds?: number;
  /** The issuer. Default `CoCo-Attestation-Service`. */
  readonly issuer?: string;
  /** The profile. Default that of Trustee. */
  readonly profile?: string;
  /** Who verified. Default that of Trustee. */
  readonly verifierId?: { readonly developer: string; readonly build: string };
}

/** How {@link issueEar} names its key. */
export interface EarKeyOptions {
  /** The chain of the signing key, its own certificate first, each in DER. */
  readonly x5c?: readonly Uint8Array[];
  /** Where that chain can be found. */
  readonly x5u?: string;
  /** Leave out the `kid`, as Trustee does. Default false: it is the key's RFC 7638 thumbprint. */
  readonly omitKid?: boolean;
}

/**
 * Sign an attestation result.
 *
 * @param input - the appraised devices and the times
 * @param signingKey - a P-256 key
 * @param options - how to name the key
 * @throws {@link KbsProtocolError} `ERR_KBS_EAR` for a key of another kind, or no or unreadable submodules
 *
 * @example
 * ```ts
 * const submodule = { class: 'cpu0', annotatedEvidence: evidence, trustVector: { hardware: 2, executables: 3 } };
 * const token = await issueEar({ now, issuer: 'https://kbs.example', submodules: [submodule] }, key); // P-256
 * console.log(token.split('.').length); // 3
 * ```
 */
export async function issueEar(
  input: EarInput,
  signingKey: PrivateKey,
  options: EarKeyOptions = {},
): Promise<string> {
  if (signingKey.kind !== 'ec-p256')
    throw new KbsProtocolError('ERR_KBS_EAR', 'expected a P-256 signing key');
  const claims = earClaims(input);
  const jwk = tokenJwk(signingKey.publicKey, options);
  const kid = options.omitKid === true ? {} : { kid: keyThumbprint(signingKey.publicKey) };
  const header = JSON.stringify({ typ: 'JWT', alg: 'ES256', ...kid, jwk });
  const signed = `${encodeBase64url(encodeUtf8(header))}.${encodeBase64url(encodeUtf8(JSON.stringify(claims)))}`;
  const signature = await sign(signingKey, encodeUtf8(signed), { scheme: 'ecdsa-sha256', encoding: 'raw' });
  return `${signed}.${encodeBase64url(signature)}`;
}

/**
 * The claims that {@link issueEar} signs.
 *
 * @param input - the appraised devices and the times
 * @throws {@link KbsProtocolError} `ERR_KBS_EAR`
 */
export function earClaims(input: EarInput): JsonObject {
  if (input.submodules.length === 0)
    throw new KbsProtocolError('ERR_KBS_EAR', 'expected at least one submodule');
  const iat = Math.floor(input.now / 1000);
  return {
    eat_profile: input.profile ?? 'tag:github.com,2024:confidential-containers/Trustee',
    iat,
    'ear.verifier-id': { ...(input.verifierId ?? DEFAULT_VERIFIER) },
    submods: submodules(input.submodules),
    exp: iat + (input.lifetimeSeconds ?? 300),
    iss: input.issuer ?? 'CoCo-Attestation-Service',
  };
}

/**
 * The JWK of a token's key, as headers and key sets show it.
 *
 * @param key - a P-256 key
 * @param options - its chain, if it has one
 */
export function tokenJwk(key: PublicKey, options: EarKeyOptions = {}): JsonObject {
  const { x, y } = exportPublicJwk(key);
  return {
    alg: 'ES256',
    kty: 'EC',
    crv: 'P-256',
    x: x ?? '',
    y: y ?? '',
    ...(options.x5u === undefined ? {} : { x5u: options.x5u }),
    ...(options.x5c === undefined
      ? {}
      : { x5c: options.x5c.map((certificate) => encodeBase64(certificate)) }),
  };
}

/**
 * The RFC 7638 thumbprint of an EC key: SHA-256 of its canonical JWK, base64url.
 *
 * @param key - an EC key
 */
export function keyThumbprint(key: PublicKey): string {
  const { kty, crv, x, y } = exportPublicJwk(key);
  return encodeBase64url(
    digest('sha256', encodeUtf8(canonicalJson({ crv: crv ?? '', kty, x: x ?? '', y: y ?? '' }))),
  );
}

function submodules(devices: readonly EarSubmodule[]): JsonObject {
  const counters = new Map<string, number>();
  return Object.fromEntries(
    devices.map((device) => {
      const count = counters.get(device.class) ?? 0;
      counters.set(device.class, count + 1);
      return [`${device.class}${count}`, submodule(device)];
    }),
  );
}

function submodule(device: EarSubmodule): JsonObject {
  const vector = parseTrustVector(device.trustVector);
  return {
    ...device.extensions,
    'ear.status': earStatus(vector),
    'ear.trustworthiness-vector': { ...vector },
    'ear.appraisal-policy-id': device.policyId ?? 'default',
    'ear.veraison.annotated-evidence': device.annotatedEvidence,
  };
}

function mustBeClaim(name: string): TrustClaim {
  const known = TRUST_CLAIMS.find((claim) => claim === name);
  if (known !== undefined) return known;
  throw new KbsProtocolError('ERR_KBS_EAR', `expected trust claims among ${TRUST_CLAIMS.join(', ')}`);
}

function mustBeTier(name: string, value: JsonValue | undefined): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= -128 && value <= 127) return value;
  throw new KbsProtocolError('ERR_KBS_EAR', `expected an integer from -128 to 127 for ${name}`);
}

const STATUSES: readonly EarStatus[] = ['none', 'affirming', 'warning', 'contraindicated'];

const DEFAULT_VERIFIER = {
  developer: 'https://confidentialcontainers.org',
  build: 'attestation-service 0.1.0',
};
