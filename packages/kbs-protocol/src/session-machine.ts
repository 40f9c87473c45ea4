/**
 * The server's side of the handshake as a machine over messages: bodies in, answers out, no HTTP framework.
 *
 * @module
 */
import { encodeBase64, encodeHex, type Bytes } from '@sealwright/bytes';
import type { JsonObject, JsonValue } from '@sealwright/json';
import { sessionCookie, sessionIdOf } from './cookie.js';
import { KbsProtocolError } from './errors.js';
import {
  encodeAttestResponse,
  encodeChallenge,
  parseAttestRequest,
  parseAuthRequest,
  type AttestRequest,
  type DeviceEvidence,
  type ProtocolVersion,
} from './messages.js';
import {
  reportData,
  runtimeDataObject,
  selectHash,
  type RuntimeDataParts,
  type RuntimeHash,
} from './runtime-data.js';
import type { SessionRecord, SessionStore } from './session-store.js';
import type { TeeName } from './tee.js';
import { encodeWireError, wireErrors, type KbsWireError } from './wire-error.js';

/** What a verifier is asked. */
export interface EvidenceInput {
  /** The kind of TEE that the evidence says it is of. */
  readonly tee: TeeName;
  /** The evidence as sent. */
  readonly evidence: JsonValue;
  /** The digest that the evidence must carry; a register holds it zero padded or cut. */
  readonly reportData: Bytes;
  /** The hash that made {@link EvidenceInput.reportData}. */
  readonly hash: RuntimeHash;
  /** The digest of the init-data that the client sent; undefined when it sent none. */
  readonly initDataDigest: Bytes | undefined;
}

/** What a verifier found in good evidence: one part for each device that it tells apart. */
export interface EvidenceClaims {
  /** What the claims are of: `cpu`, `gpu`, `switch` and so on. */
  readonly class: string;
  /** The claims; `init_data` and `report_data` among them say what the evidence itself carries. */
  readonly claims: JsonObject;
}

/** Verifies the evidence of one kind of TEE. */
export interface EvidenceVerifier {
  /**
   * Check evidence and give its claims; a throw refuses it.
   *
   * @param input - the evidence and what it must be bound to
   */
  verify(input: EvidenceInput): Promise<readonly EvidenceClaims[]>;
  /** The nonce of the challenge, where it is not 32 random bytes: for IBM SE the text of an attestation request. */
  nonce?(): Promise<string>;
}

/** Init-data as the server understands it. */
export interface InitDataReading {
  /** The digest of the text, by the algorithm that the text names. */
  readonly digest: Bytes;
  /** The claims that policies see. */
  readonly claims: JsonValue;
}

/** One part of verified evidence, with the kind of TEE whose verifier gave it. */
export interface VerifiedEvidence extends EvidenceClaims {
  /** The kind of TEE. */
  readonly tee: TeeName;
  /** The runtime data that this evidence is bound to. */
  readonly runtimeData: JsonObject;
}

/** What a token is made from. */
export interface TokenInput {
  /** The kind of TEE of the session. */
  readonly tee: TeeName;
  /** All verified evidence, the CPU's first, then the devices' in the order sent. */
  readonly evidence: readonly VerifiedEvidence[];
  /** What was read from the init-data; undefined when none was sent. */
  readonly initData: InitDataReading | undefined;
  /** The instant of the attestation, in milliseconds since 1970. */
  readonly now: number;
}

/** What a {@link SessionMachine} is made of. */
export interface SessionMachineOptions {
  /** Where sessions are kept. */
  readonly store: SessionStore;
  /** The verifier of a kind of TEE; undefined where there is none, which refuses the client at once. */
  readonly evidenceVerifier: (tee: TeeName) => EvidenceVerifier | undefined;
  /** Appraises verified evidence and gives the token; a throw refuses the attestation. */
  readonly tokenIssuer: (input: TokenInput) => Promise<string>;
  /** Reads init-data; a throw refuses it. Without it a client that sends init-data is refused. */
  readonly readInitData?: (toml: string) => InitDataReading | Promise<InitDataReading>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Gives so many random bytes. */
  readonly random: (length: number) => Uint8Array;
  /** How long a session lives, counted from the challenge. Default 5. */
  readonly sessionMinutes?: number;
  /** The protocol versions that are served, the preferred one first. Default: 0.4.0 alone. */
  readonly protocolVersions?: readonly ProtocolVersion[];
  /** Cap on the body of an attestation, in bytes. Default 2 MiB. */
  readonly maxAttestBytes?: number;
  /** Let TEE keys of the algorithm `RSA1_5` pass, which clients of protocol 0.1 have. Default false. */
  readonly dangerouslyAllowRsa15?: boolean;
}

/** What to answer. It is made for the wire except `refusal` and `cause`, which are for metrics and the log. */
export interface SessionAnswer {
  /** The HTTP status. */
  readonly status: 200 | 401 | 404;
  /** The body; `application/json`. */
  readonly body: string;
  /** The value of the `Set-Cookie` header, where there is one. */
  readonly cookie: string | undefined;
  /** The kind of TEE of the session, as far as it is known. */
  readonly tee: TeeName | undefined;
  /** Why the answer is a refusal, as the client sees it; undefined for success. */
  readonly refusal: KbsWireError | undefined;
  /** Why the answer is a refusal, as the operator should see it; undefined for success. */
  readonly cause: unknown;
}

/** The server's side of the handshake. Its methods answer every input and throw only what the store throws. */
export interface SessionMachine {
  /**
   * Answer `POST /kbs/v0/auth`.
   *
   * @param body - the body
   */
  auth(body: string | Uint8Array): Promise<SessionAnswer>;
  /**
   * Answer `POST /kbs/v0/attest`.
   *
   * @param cookie - the `Cookie` header
   * @param body - the body
   */
  attest(cookie: string | null | undefined, body: string | Uint8Array): Promise<SessionAnswer>;
  /**
   * The token of an attested session that is not over; undefined for any other. The token still has to be verified.
   *
   * @param cookie - the `Cookie` header
   */
  sessionToken(cookie: string | null | undefined): Promise<string | undefined>;
  /**
   * The session of a cookie, if it is not over. One that is over is deleted.
   *
   * @param cookie - the `Cookie` header
   */
  session(cookie: string | null | undefined): Promise<SessionRecord | undefined>;
}

/**
 * Make the server's side of the handshake.
 *
 * @param options - store, verifiers, token issuer, clock and randomness
 */
export function createSessionMachine(options: SessionMachineOptions): SessionMachine {
  return {
    async auth(body) {
      let tee: TeeName | undefined;
      try {
        const request = parseAuthRequest(body, { versions: options.protocolVersions ?? ['0.4.0'] });
        tee = request.tee;
        return await challenge(options, request.version, tee, request.extraParams);
      } catch (cause) {
        if (!(cause instanceof KbsProtocolError)) throw cause;
        return refusal(wireErrors.authFailed(cause.message), cause, tee);
      }
    },
    async attest(cookie, body) {
      let tee: TeeName | undefined;
      try {
        const session = await sessionOf(options, cookie);
        if (session === undefined)
          throw new KbsProtocolError('ERR_KBS_SESSION', 'expected the cookie of a session');
        tee = session.tee;
        return await attest(options, session, body);
      } catch (cause) {
        if (!(cause instanceof KbsProtocolError)) throw cause;
        return refusal(wireErrors.attestFailed(), cause, tee);
      }
    },
    async sessionToken(cookie) {
      return (await sessionOf(options, cookie))?.token;
    },
    session: (cookie) => sessionOf(options, cookie),
  };
}

async function challenge(
  options: SessionMachineOptions,
  version: ProtocolVersion,
  tee: TeeName,
  offer: JsonValue,
): Promise<SessionAnswer> {
  const verifier = verifierOf(options, tee);
  const { hash, extraParams } = selectHash(tee, offer);
  const nonce = await nonceOf(verifier, options);
  const session: SessionRecord = {
    id: uuid4(options.random(16)),
    revision: 1,
    tee,
    version,
    hash,
    nonce,
    expiresAt: options.now() + (options.sessionMinutes ?? 5) * 60_000,
  };
  if (!(await options.store.compareAndSet(session.id, undefined, session))) {
    throw new KbsProtocolError('ERR_KBS_SESSION', 'the session could not be stored');
  }
  return success(session, encodeChallenge({ nonce, extraParams }));
}

async function nonceOf(verifier: EvidenceVerifier, options: SessionMachineOptions): Promise<string> {
  try {
    return (await verifier.nonce?.()) ?? encodeBase64(options.random(32));
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_EVIDENCE', 'no challenge could be made', { cause });
  }
}

async function attest(
  options: SessionMachineOptions,
  session: SessionRecord,
  body: string | Uint8Array,
): Promise<SessionAnswer> {
  const request = parseAttestRequest(body, {
    version: session.version,
    maxBytes: options.maxAttestBytes ?? 0x20_0000,
    dangerouslyAllowRsa15: options.dangerouslyAllowRsa15 === true,
  });
  if (session.token !== undefined) return success(session, encodeAttestResponse(session.token));
  // The client knows the nonce, so how long the comparison takes betrays nothing.
  if (request.nonce !== undefined && request.nonce !== session.nonce) {
    throw new KbsProtocolError('ERR_KBS_NONCE', "the nonce is not the session's", {
      pointer: '/runtime-data/nonce',
    });
  }
  const initData = await readInitData(options, request.initData);
  const evidence = await verifyAll(options, session, request, initData?.digest);
  const token = await issue(options, { tee: session.tee, evidence, initData, now: options.now() });
  const attested = { ...session, revision: session.revision + 1, token };
  if (await options.store.compareAndSet(session.id, session.revision, attested)) {
    return success(attested, encodeAttestResponse(token));
  }
  // Another request attested the same session meanwhile: its token is the session's.
  const winner = await options.store.get(session.id);
  if (winner?.token === undefined)
    throw new KbsProtocolError('ERR_KBS_SESSION', 'the session ended meanwhile');
  return success(winner, encodeAttestResponse(winner.token));
}

async function readInitData(
  options: SessionMachineOptions,
  text: string | undefined,
): Promise<InitDataReading | undefined> {
  if (text === undefined) return undefined;
  if (options.readInitData === undefined) {
    throw new KbsProtocolError('ERR_KBS_INIT_DATA', 'init-data is not accepted here', {
      pointer: '/init-data',
    });
  }
  try {
    return await options.readInitData(text);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_INIT_DATA', 'the init-data was refused', {
      pointer: '/init-data',
      cause,
    });
  }
}

async function verifyAll(
  options: SessionMachineOptions,
  session: SessionRecord,
  request: AttestRequest,
  initDataDigest: Bytes | undefined,
): Promise<VerifiedEvidence[]> {
  const device: RuntimeDataParts = { nonce: session.nonce, teePubkey: request.teePubkey };
  const primary: RuntimeDataParts =
    request.additionalEvidence === undefined
      ? device
      : { ...device, additionalEvidence: request.additionalEvidence };
  const verified: VerifiedEvidence[] = [];
  const verifyOne = async (item: DeviceEvidence, parts: RuntimeDataParts): Promise<void> => {
    const runtimeData = runtimeDataObject(parts);
    const input = {
      ...item,
      reportData: reportData(parts, session.hash),
      hash: session.hash,
      initDataDigest,
    };
    for (const claims of await verify(options, input))
      verified.push({ ...claims, tee: item.tee, runtimeData });
  };
  await verifyOne({ tee: session.tee, evidence: request.primaryEvidence }, primary);
  for (const item of request.devices) await verifyOne(item, device);
  return verified;
}

async function verify(
  options: SessionMachineOptions,
  input: EvidenceInput,
): Promise<readonly EvidenceClaims[]> {
  const verifier = verifierOf(options, input.tee);
  let claims: readonly EvidenceClaims[];
  try {
    claims = await verifier.verify(input);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_EVIDENCE', `the evidence of ${input.tee} was refused`, { cause });
  }
  if (claims.length > 0) return claims;
  throw new KbsProtocolError('ERR_KBS_EVIDENCE', `the evidence of ${input.tee} gave no claims`);
}

async function issue(options: SessionMachineOptions, input: TokenInput): Promise<string> {
  try {
    return await options.tokenIssuer(input);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_EAR', 'no token could be issued', { cause });
  }
}

async function sessionOf(
  options: SessionMachineOptions,
  cookie: string | null | undefined,
): Promise<SessionRecord | undefined> {
  const id = sessionIdOf(cookie);
  const session = id === undefined ? undefined : await options.store.get(id);
  if (session === undefined || session.expiresAt > options.now()) return session;
  await options.store.compareAndSet(session.id, session.revision, undefined);
  return undefined;
}

function verifierOf(options: SessionMachineOptions, tee: TeeName): EvidenceVerifier {
  const verifier = options.evidenceVerifier(tee);
  if (verifier !== undefined) return verifier;
  throw new KbsProtocolError('ERR_KBS_TEE', `evidence of ${tee} is not verified here`, { pointer: '/tee' });
}

function success(session: SessionRecord, body: string): SessionAnswer {
  const cookie = sessionCookie(session.id, session.expiresAt);
  return { status: 200, body, cookie, tee: session.tee, refusal: undefined, cause: undefined };
}

function refusal(error: KbsWireError, cause: unknown, tee: TeeName | undefined): SessionAnswer {
  return {
    status: error.status,
    body: encodeWireError(error),
    cookie: undefined,
    tee,
    refusal: error,
    cause,
  };
}

/** A version 4 UUID without its dashes. */
function uuid4(random: Uint8Array): string {
  const bytes = new Uint8Array(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return encodeHex(bytes);
}
