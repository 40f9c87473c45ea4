/**
 * The simple signing payload: what an image signature is made over.
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import {
  goJson,
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { CosignError } from './errors.js';
import { isDigest } from './image-digest.js';

/** The `type` of a payload that cosign signs. */
export const COSIGN_SIGNATURE_TYPE = 'cosign container image signature';
/** The `type` of a payload that OpenPGP tools of containers/image sign. */
export const ATOMIC_SIGNATURE_TYPE = 'atomic container signature';

/** What a payload says. Nothing of it is to be believed before its signature was verified. */
export interface SimpleSigning {
  /** `critical.type`; empty where a lenient parse found none. */
  readonly type: string;
  /** `critical.identity.docker-reference`; empty where a lenient parse found none. */
  readonly dockerReference: string;
  /** `critical.image.docker-manifest-digest`; empty where a lenient parse found none. */
  readonly manifestDigest: string;
  /** `optional`; annotations that the signer added. */
  readonly optional: JsonObject | null;
}

/** What goes into a payload. */
export interface SimpleSigningInput {
  /** Who the image is: registry and repository, in the spelling of {@link dockerReference}. */
  readonly reference: string;
  /** Digest of the image manifest, such as `sha256:<hex>`; SHA-384 and SHA-512 as well. */
  readonly digest: string;
  /** Annotations; `null` and absent are the same, an empty object is not. Default `null`. */
  readonly optional?: JsonObject | null;
  /** Default {@link COSIGN_SIGNATURE_TYPE}. */
  readonly type?: string;
}

/** How to read a payload. */
export interface SimpleSigningOptions {
  /** `strict` as containers/image reads, `lenient` as cosign does. Default `strict`. */
  readonly mode?: 'strict' | 'lenient';
  /** The `type` that a strict parse expects. Default {@link COSIGN_SIGNATURE_TYPE}. */
  readonly type?: string;
  /** Take `optional: null` for any type, as image-rs does. Default for {@link COSIGN_SIGNATURE_TYPE} only. */
  readonly allowNullOptional?: boolean;
}

/**
 * Write a payload: the exact bytes that cosign writes for the same input.
 *
 * @param input - what it says
 * @throws {@link CosignError} `ERR_COSIGN_DIGEST`.
 */
export function simpleSigningPayload(input: SimpleSigningInput): Bytes {
  if (!isDigest(input.digest))
    throw new CosignError('ERR_COSIGN_DIGEST', 'expected a digest such as sha256:<hex>');
  return encodeUtf8(
    goJson({
      critical: {
        identity: { 'docker-reference': input.reference },
        image: { 'docker-manifest-digest': input.digest },
        type: input.type ?? COSIGN_SIGNATURE_TYPE,
      },
      optional: input.optional ?? null,
    }),
  );
}

/**
 * Read a payload. Do so after its signature was verified, and verify over the bytes, never over a re-encoding.
 *
 * @param bytes - at most 4 MiB
 * @param options - strict or lenient
 * @throws {@link CosignError} `ERR_COSIGN_PAYLOAD`.
 */
export function parseSimpleSigning(bytes: Uint8Array, options: SimpleSigningOptions = {}): SimpleSigning {
  const strict = options.mode !== 'lenient';
  const payload = object(json(bytes), '', strict ? ['critical', 'optional'] : []);
  const critical = object(payload['critical'] ?? (strict ? null : {}), '/critical', strict ? CRITICAL : []);
  const part = (name: string, member: string): string =>
    string(
      object(critical[name] ?? (strict ? null : {}), `/critical/${name}`, strict ? [member] : [])[member],
      `/critical/${name}/${member}`,
      strict,
    );
  const parsed = {
    type: string(critical['type'], '/critical/type', strict),
    dockerReference: part('identity', 'docker-reference'),
    manifestDigest: part('image', 'docker-manifest-digest'),
    optional:
      payload['optional'] === undefined || payload['optional'] === null
        ? null
        : object(payload['optional'], '/optional', []),
  };
  if (strict) mustBeStrict(parsed, options);
  return parsed;
}

/** What a payload must say. */
export interface SimpleSigningClaims {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** Annotations that must be there, with these values. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Registry and repository that must be named, tag and digest apart. Default: the name is not looked at, as in cosign. */
  readonly repository?: string;
}

/** One comparison of {@link checkSimpleSigning}. */
export interface ClaimCheck {
  /** What was compared, such as `digest` or `annotation team`. */
  readonly check: string;
  /** What was asked for. */
  readonly expected: string;
  /** What the payload says, as JSON where it is not a string; `undefined` where it says nothing. */
  readonly actual: string | undefined;
  /** Whether the two agree. */
  readonly passed: boolean;
}

/**
 * Compare a payload with what is wanted. Every comparison is listed, passed or not.
 *
 * @param payload - of a signature that was verified
 * @param claims - what it must say
 */
export function checkSimpleSigning(
  payload: SimpleSigning,
  claims: SimpleSigningClaims,
): readonly ClaimCheck[] {
  const checks = [check('digest', claims.digest, payload.manifestDigest)];
  for (const [name, expected] of Object.entries(claims.annotations ?? {})) {
    const optional = payload.optional ?? {};
    const actual = Object.hasOwn(optional, name) ? optional[name] : undefined;
    checks.push(check(`annotation ${name}`, expected, actual));
  }
  if (claims.repository !== undefined) {
    const expected = withoutTag(claims.repository);
    const actual = withoutTag(payload.dockerReference);
    checks.push({
      ...check('repository', expected, actual),
      passed: dockerReference(expected) === dockerReference(actual),
    });
  }
  return checks;
}

/**
 * How cosign spells the name of an image: Docker Hub is `index.docker.io`, its official images are in `library/`.
 *
 * @param repository - registry and repository, without tag and digest, such as `docker.io/busybox`
 */
export function dockerReference(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  const hub = first === 'docker.io' || first === 'index.docker.io' || first === 'registry-1.docker.io';
  if (!hub) return repository;
  return `index.docker.io/${rest.length === 1 ? 'library/' : ''}${rest.join('/')}`;
}

function check(name: string, expected: string, actual: JsonValue | undefined): ClaimCheck {
  const text = actual === undefined || typeof actual === 'string' ? actual : goJson(actual);
  return { check: name, expected, actual: text, passed: actual === expected };
}

function withoutTag(reference: string): string {
  const [name = ''] = reference.split('@', 1);
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

function mustBeStrict(
  payload: SimpleSigning,
  { type = COSIGN_SIGNATURE_TYPE, allowNullOptional = type === COSIGN_SIGNATURE_TYPE }: SimpleSigningOptions,
): void {
  if (payload.type !== type) throw fault('the type is another one', '/critical/type');
  if (!isDigest(payload.manifestDigest)) {
    throw fault('expected a digest', '/critical/image/docker-manifest-digest');
  }
  const { optional } = payload;
  if (optional === null) {
    if (!allowNullOptional) throw fault('expected an object', '/optional');
    return;
  }
  const { creator, timestamp } = optional;
  if (creator !== undefined && typeof creator !== 'string')
    throw fault('expected a string', '/optional/creator');
  if (timestamp !== undefined && !Number.isSafeInteger(timestamp)) {
    throw fault('expected an integer', '/optional/timestamp');
  }
}

function json(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_PAYLOAD', `a payload is JSON: ${cause.message}`, { cause });
  }
}

/** An object with exactly these members, or with any where none are named. */
function object(value: JsonValue | undefined, pointer: string, members: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw fault('expected an object', pointer);
  if (members.length === 0) return value;
  const names = Object.keys(value);
  if (names.length !== members.length || !members.every((name) => Object.hasOwn(value, name))) {
    throw fault(`expected exactly the members ${members.join(', ')}`, pointer);
  }
  return value;
}

function string(value: JsonValue | undefined, pointer: string, required: boolean): string {
  if (typeof value === 'string') return value;
  if ((value === undefined || value === null) && !required) return '';
  throw fault('expected a string', pointer);
}

function fault(message: string, pointer: string): CosignError {
  return new CosignError('ERR_COSIGN_PAYLOAD', message, { pointer });
}

const CRITICAL = ['type', 'image', 'identity'];
