/**
 * The server's side of the handshake as a machine over messages: bodies in, answers out, no HTTP framework.
 *
 * @module
 */
import { encodeBase64, encodeHex, type Bytes } from '@sealwright/bytes';
import type { JsonValue } from '@sealwright/json';
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
import { reportData, runtimeDataObject, selectHash, type RuntimeDataParts } from './runtime-data.js';
import type { SessionRecord } from './session-store.js';
import type {
  EvidenceClaims,
  EvidenceInput,
  EvidenceVerifier,
  InitDataReading,
  SessionAnswer,
  SessionMachine,
  SessionMachineOptions,
  TokenInput,
  VerifiedEvidence,
} from './session-types.js';
import type { TeeName } from './tee.js';
import { encodeWireError, wireErrors, type KbsWireError } from './wire-error.js';

/**
 * Make the server's side of the handshake.
 *
 * @param options - store, verifiers, token issuer, clock and randomness
 *
 * @example
 * ```ts
 * const machine = createSessionMachine({
 *   store: createMemorySessionStore(),
 *   evidenceVerifier: (tee) => (tee === 'sample' ? { verify: async () => [{ class: 'cpu0', claims: {} }] } : undefined),
 *   tokenIssuer: async () => token,
 *   now: Date.now,
 *   random: randomBytes,
 * });
 * const { status, cookie } = await machine.auth('{"version":"0.4.0","tee":"sample","extra-params":""}');
 * console.log(status, cookie?.startsWith('kbs-session-id=')); // 200 true
 * console.log((await machine.auth('{"version":"0.4.0","tee":"snp","extra-params":""}')).status); // 401
 * ```
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
