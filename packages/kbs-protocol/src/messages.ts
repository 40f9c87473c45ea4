/**
 * The messages of the RCAR handshake (request, challenge, attestation, response) in protocol 0.4.0 and, where a
 * reader is asked for it, in the older ones.
 *
 * @module
 */
import { decodeBase64 } from '@sealwright/bytes';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { objectAt, own, readJson, stringAt } from './fields.js';
import { parseTeeName, type TeeName } from './tee.js';
import { parseTeeKey, type TeeJwk, type TeeKeyOptions, type TeePublicKey } from './tee-key.js';

/** A version of the protocol. 0.4.0 is today's; 0.2.0 and older are those of v0.13 and before. */
export type ProtocolVersion = '0.4.0' | '0.2.0' | '0.1.1' | '0.1.0';

/** Every {@link ProtocolVersion}, newest first. */
export const PROTOCOL_VERSIONS: readonly ProtocolVersion[] = ['0.4.0', '0.2.0', '0.1.1', '0.1.0'];

/** What a client says first. */
export interface AuthRequest {
  /** The protocol version that the client speaks. */
  readonly version: ProtocolVersion;
  /** Where the client runs. */
  readonly tee: TeeName;
  /** Any JSON; newer clients list the hashes that they know in `supported-hash-algorithms`. */
  readonly extraParams: JsonValue;
}

/** What a server answers to an {@link AuthRequest}. */
export interface Challenge {
  /** Base64 of 32 random bytes; for IBM SE the text of an attestation request. */
  readonly nonce: string;
  /** An empty string, or an object with `selected-hash-algorithm`. */
  readonly extraParams: JsonValue;
}

/** Evidence of a device beside the CPU. */
export interface DeviceEvidence {
  /** The kind of the device. */
  readonly tee: TeeName;
  /** Its evidence. */
  readonly evidence: JsonValue;
}

/** What a client sends to be attested. */
export interface AttestRequest {
  /** The text of the init-data, byte for byte as the host measured it. */
  readonly initData?: string;
  /** The nonce of the challenge; absent before protocol 0.4.0. */
  readonly nonce?: string;
  /** The key to which resources are to be sealed. */
  readonly teePubkey: TeePublicKey;
  /** The evidence of the CPU. */
  readonly primaryEvidence: JsonValue;
  /** The evidence of the devices as the text that was hashed; absent before protocol 0.4.0. */
  readonly additionalEvidence?: string;
  /** What that text says, in its order. */
  readonly devices: readonly DeviceEvidence[];
}

/** Options of {@link parseAuthRequest}. */
export interface ParseAuthOptions {
  /** The versions that are served. Default: 0.4.0 alone. */
  readonly versions?: readonly ProtocolVersion[];
  /** Cap on the text, in bytes. Default 64 KiB. */
  readonly maxBytes?: number;
}

/** Options of {@link parseAttestRequest}. */
export interface ParseAttestOptions extends TeeKeyOptions {
  /** The version of the session. Default 0.4.0. */
  readonly version?: ProtocolVersion;
  /** Cap on the text, in bytes. Default 2 MiB. */
  readonly maxBytes?: number;
}

/**
 * Read the request of `POST /kbs/v0/auth`.
 *
 * @param input - the body
 * @param options - versions served and cap
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE`, `ERR_KBS_LIMIT`, `ERR_KBS_VERSION` or `ERR_KBS_TEE`
 */
export function parseAuthRequest(input: string | Uint8Array, options: ParseAuthOptions = {}): AuthRequest {
  const object = objectAt(readJson(input, options.maxBytes ?? 0x1_0000), '');
  const version = servedVersion(stringAt(own(object, 'version'), '/version'), options.versions ?? ['0.4.0']);
  const tee = parseTeeName(stringAt(own(object, 'tee'), '/tee'), '/tee');
  const extraParams = own(object, 'extra-params');
  if (extraParams === undefined) {
    throw new KbsProtocolError('ERR_KBS_MESSAGE', 'extra-params is required', { pointer: '/extra-params' });
  }
  return { version, tee, extraParams };
}

/**
 * Write the request of `POST /kbs/v0/auth`.
 *
 * @param request - what to say
 */
export function encodeAuthRequest(request: AuthRequest): string {
  return JSON.stringify({ version: request.version, tee: request.tee, 'extra-params': request.extraParams });
}

/**
 * Read a server's challenge.
 *
 * @param input - the body
 * @param maxBytes - cap on the text, 64 KiB by default
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE` or `ERR_KBS_LIMIT`
 */
export function parseChallenge(input: string | Uint8Array, maxBytes: number = 0x1_0000): Challenge {
  const object = objectAt(readJson(input, maxBytes), '');
  const nonce = stringAt(own(object, 'nonce'), '/nonce');
  return { nonce, extraParams: own(object, 'extra-params') ?? '' };
}

/**
 * Write a server's challenge.
 *
 * @param challenge - what to say
 */
export function encodeChallenge(challenge: Challenge): string {
  return JSON.stringify({ nonce: challenge.nonce, 'extra-params': challenge.extraParams });
}

/**
 * Read the request of `POST /kbs/v0/attest` in the form of the session's protocol version.
 *
 * @param input - the body
 * @param options - version, cap, and which TEE keys pass
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE`, `ERR_KBS_LIMIT`, `ERR_KBS_INIT_DATA`, `ERR_KBS_TEE` or
 * `ERR_KBS_TEE_KEY`
 */
export function parseAttestRequest(
  input: string | Uint8Array,
  options: ParseAttestOptions = {},
): AttestRequest {
  const maxBytes = options.maxBytes ?? 0x20_0000;
  const object = objectAt(readJson(input, maxBytes), '');
  const version = options.version ?? '0.4.0';
  return version === '0.4.0' ? parseCurrent(object, options) : parseOld(object, version, maxBytes, options);
}

/** What {@link encodeAttestRequest} writes. */
export interface AttestRequestParts {
  /** The text of the init-data, where there is one. */
  readonly initData?: string;
  /** The nonce of the challenge. */
  readonly nonce: string;
  /** The client's key. */
  readonly teePubkey: TeeJwk;
  /** The evidence of the CPU. */
  readonly primaryEvidence: JsonValue;
  /** The evidence of the devices: the text that was hashed, empty when there are none. */
  readonly additionalEvidence: string;
}

/**
 * Write the request of `POST /kbs/v0/attest`, protocol 0.4.0.
 *
 * @param request - what to say
 */
export function encodeAttestRequest(request: AttestRequestParts): string {
  return JSON.stringify({
    'init-data': request.initData === undefined ? null : { format: 'toml', body: request.initData },
    'runtime-data': { nonce: request.nonce, 'tee-pubkey': request.teePubkey },
    'tee-evidence': {
      primary_evidence: request.primaryEvidence,
      additional_evidence: request.additionalEvidence,
    },
  });
}

/**
 * The text of the devices' evidence: empty when there are none. Both sides hash these very bytes.
 *
 * @param devices - the evidence, at most one for each kind of device
 */
export function additionalEvidenceText(devices: readonly DeviceEvidence[]): string {
  if (devices.length === 0) return '';
  return JSON.stringify(Object.fromEntries(devices.map(({ tee, evidence }) => [tee, evidence])));
}

/**
 * Read the token out of the answer of `POST /kbs/v0/attest`.
 *
 * @param input - the body
 * @param maxBytes - cap on the text, 1 MiB by default
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE` or `ERR_KBS_LIMIT`
 */
export function parseAttestResponse(input: string | Uint8Array, maxBytes: number = 0x10_0000): string {
  return stringAt(own(objectAt(readJson(input, maxBytes), ''), 'token'), '/token');
}

/**
 * Write the answer of `POST /kbs/v0/attest`.
 *
 * @param token - the attestation token
 */
export function encodeAttestResponse(token: string): string {
  return JSON.stringify({ token });
}

/**
 * Whether a text is base64 of 32 bytes, as every nonce is except that of IBM SE.
 *
 * @param nonce - the nonce of a challenge
 */
export function isPlainNonce(nonce: string): boolean {
  try {
    return nonce.length === 44 && decodeBase64(nonce).byteLength === 32;
  } catch {
    return false;
  }
}

function parseCurrent(object: JsonObject, options: TeeKeyOptions): AttestRequest {
  const runtimeData = objectAt(own(object, 'runtime-data'), '/runtime-data');
  const evidence = objectAt(own(object, 'tee-evidence'), '/tee-evidence');
  const additionalEvidence = stringAt(
    own(evidence, 'additional_evidence'),
    '/tee-evidence/additional_evidence',
  );
  return {
    ...initDataOf(own(object, 'init-data') ?? null),
    nonce: stringAt(own(runtimeData, 'nonce'), '/runtime-data/nonce'),
    teePubkey: parseTeeKey(required(own(runtimeData, 'tee-pubkey'), '/runtime-data/tee-pubkey'), options),
    primaryEvidence: required(own(evidence, 'primary_evidence'), '/tee-evidence/primary_evidence'),
    additionalEvidence,
    devices: parseDevices(additionalEvidence),
  };
}

/** Before 0.4.0: `{"tee-pubkey", "tee-evidence"}`, the evidence of 0.1.0 being JSON text inside a string. */
function parseOld(
  object: JsonObject,
  version: ProtocolVersion,
  maxBytes: number,
  options: TeeKeyOptions,
): AttestRequest {
  const evidence = required(own(object, 'tee-evidence'), '/tee-evidence');
  return {
    teePubkey: parseTeeKey(required(own(object, 'tee-pubkey'), '/tee-pubkey'), options),
    primaryEvidence: version === '0.1.0' ? readJson(stringAt(evidence, '/tee-evidence'), maxBytes) : evidence,
    devices: [],
  };
}

function initDataOf(value: JsonValue): { initData?: string } {
  if (value === null) return {};
  const object = objectAt(value, '/init-data', 'ERR_KBS_INIT_DATA');
  const pointer = '/init-data/format';
  if (stringAt(own(object, 'format'), pointer, 'ERR_KBS_INIT_DATA') !== 'toml') {
    throw new KbsProtocolError('ERR_KBS_INIT_DATA', 'expected init-data of the format toml', { pointer });
  }
  return { initData: stringAt(own(object, 'body'), '/init-data/body', 'ERR_KBS_INIT_DATA') };
}

function parseDevices(text: string): DeviceEvidence[] {
  if (text === '') return [];
  const pointer = '/tee-evidence/additional_evidence';
  const devices = Object.entries(objectAt(readJson(text, text.length * 3), pointer));
  if (devices.length > MAX_DEVICE_KINDS) {
    throw new KbsProtocolError('ERR_KBS_LIMIT', `expected at most ${MAX_DEVICE_KINDS} kinds of devices`, {
      pointer,
    });
  }
  return devices.map(([tee, evidence]) => ({ tee: parseTeeName(tee, pointer), evidence }));
}

function servedVersion(text: string, served: readonly ProtocolVersion[]): ProtocolVersion {
  const pointer = '/version';
  if (text.length > 64 || !SEMANTIC_VERSION.test(text)) {
    throw new KbsProtocolError('ERR_KBS_VERSION', 'expected a semantic version', { pointer });
  }
  const version = served.find((known) => known === text);
  if (version !== undefined) return version;
  // Clients look for the first five words.
  const message = `KBS Client Protocol Version Mismatch: expect =${served[0] ?? ''} while the request is ${text}`;
  throw new KbsProtocolError('ERR_KBS_VERSION', message, { pointer });
}

function required(value: JsonValue | undefined, pointer: string): JsonValue {
  if (value !== undefined) return value;
  throw new KbsProtocolError('ERR_KBS_MESSAGE', `nothing at '${pointer}', which is required`, { pointer });
}

/** As semver.org writes it, less the rules for leading zeros in what comes after a hyphen. */
const SEMANTIC_VERSION =
  /^(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})\.(?:0|[1-9]\d{0,9})(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?$/;

/** No machine has more kinds than there are names. */
const MAX_DEVICE_KINDS = 32;
