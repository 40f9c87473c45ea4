/**
 * The client's side: the handshake with the evidence of an attester, then resources by the session's cookie, or
 * resources by a token that somebody else fetched.
 *
 * @module
 */
import type { Bytes, Secret } from '@sealwright/bytes';
import type { JsonValue } from '@sealwright/json';
import { sessionCookieFrom } from './cookie.js';
import { KbsProtocolError } from './errors.js';
import { answerError, send, textOf, type HttpAnswer, type HttpOptions } from './http.js';
import {
  additionalEvidenceText,
  encodeAttestRequest,
  encodeAuthRequest,
  parseAttestResponse,
  parseChallenge,
  type DeviceEvidence,
} from './messages.js';
import { parseResourcePath } from './resource-path.js';
import { parseResourceUri, resourceHttpPath } from './resource-uri.js';
import { openResponse, parseResponseJwe, type OpenOptions } from './response-jwe.js';
import { reportData, RUNTIME_HASHES, selectedHash, type RuntimeHash } from './runtime-data.js';
import type { TeeName } from './tee.js';
import { generateTeeKey, type TeeKey } from './tee-key.js';

/** What the evidence is for, beside the report data. */
export interface EvidenceContext {
  /** The nonce of the challenge; for IBM SE the text of the attestation request. */
  readonly nonce: string;
  /** The hash that made the report data. */
  readonly hash: RuntimeHash;
  /** Aborts the collection. */
  readonly signal: AbortSignal | undefined;
}

/** Collects the evidence of one TEE or device. */
export interface EvidenceSource {
  /** What it is. */
  readonly tee: TeeName;
  /**
   * Collect evidence.
   *
   * @param reportData - the digest that the evidence must carry
   * @param context - what else may be needed
   */
  evidence(reportData: Bytes, context: EvidenceContext): Promise<JsonValue>;
}

/** Collects the evidence of a machine: its CPU, and its devices if it has some. */
export interface Attester extends EvidenceSource {
  /** The devices, at most one source for each kind. */
  readonly additional?: readonly EvidenceSource[];
}

/** Options of {@link createKbsClient}. */
export interface KbsClientOptions extends HttpOptions, OpenOptions {
  /** Collects evidence. */
  readonly attester: Attester;
  /** The key to which resources are sealed. Default: a fresh P-256 key. */
  readonly teeKey?: TeeKey;
  /** The text of the init-data, byte for byte as the host measured it. */
  readonly initData?: string;
  /** How often a handshake is tried. Default 5. */
  readonly handshakeAttempts?: number;
  /** How often a resource is asked for, with a new handshake after each 401. Default 3. */
  readonly resourceAttempts?: number;
  /** The pause between two tries of a handshake, in milliseconds. Default 1000. */
  readonly retryDelayMs?: number;
  /** Waits. Default: a timer. */
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** A token and the key to which it binds. */
export interface TokenWithKey {
  /** The attestation token. */
  readonly token: string;
  /** The private half of the key in the token, in PEM: what an attestation agent answers as `tee_keypair`. */
  readonly teeKeypairPem: Secret;
  /** The same key, ready for use. */
  readonly teeKey: TeeKey;
}

/** What a request may be told. */
export interface RequestOptions {
  /** Aborts the request. */
  readonly signal?: AbortSignal;
}

/** A client that attests itself. */
export interface KbsClient {
  /**
   * Fetch a resource and open it.
   *
   * @param name - `kbs:///repository/type/tag`, another `kbs+plugin:` URI, or `repository/type/tag`
   * @param options - how to abort
   */
  getResource(name: string, options?: RequestOptions): Promise<Bytes>;
  /**
   * The token of a fresh handshake, with the key that it binds.
   *
   * @param options - how to abort
   */
  getToken(options?: RequestOptions): Promise<TokenWithKey>;
}

/**
 * Make a client that attests itself with evidence, as the attestation agent does.
 *
 * @param options - where the key broker is, who collects evidence, and how patient to be
 *
 * @example
 * ```ts
 * const attester = { tee: 'sample', evidence: async (reportData) => ({ report_data: encodeBase64(reportData), svn: '1' }) };
 * const client = createKbsClient({ url: 'https://kbs.example', attester, fetch });
 * await client.getResource('kbs:///default/key/1').catch((error) => {
 *   if (error instanceof KbsProtocolError) console.log(error.code, error.status); // ERR_KBS_REFUSED 401
 * });
 * ```
 */
export function createKbsClient(options: KbsClientOptions): KbsClient {
  let key: Promise<TeeKey> | undefined;
  let session: Session | undefined;
  const teeKey = (): Promise<TeeKey> => (key ??= Promise.resolve(options.teeKey ?? generateTeeKey()));
  const attest = async (signal: AbortSignal | undefined): Promise<Session> => {
    session = undefined;
    return (session = await handshakeWithRetries(options, await teeKey(), signal));
  };
  return {
    getResource: (name, { signal } = {}) =>
      fetchResource(options, name, signal, {
        async take() {
          const { cookie } = session ?? (await attest(signal));
          return { headers: { cookie }, key: await teeKey() };
        },
        renew: () => (session = undefined),
      }),
    async getToken({ signal } = {}) {
      const { token } = await attest(signal);
      const pair = await teeKey();
      return { token, teeKeypairPem: pair.privatePem, teeKey: pair };
    },
  };
}

/** Options of {@link createKbsTokenClient}. */
export interface KbsTokenClientOptions extends HttpOptions, OpenOptions {
  /**
   * Gives a token and the key in it, for example from an attestation agent.
   *
   * @param renew - true when the key broker refused the last one
   */
  readonly tokenProvider: (renew: boolean) => Promise<{ readonly token: string; readonly teeKey: TeeKey }>;
  /** How often a resource is asked for, with a new token after each 401. Default 3. */
  readonly resourceAttempts?: number;
}

/** A client that shows tokens. */
export interface KbsTokenClient {
  /**
   * Fetch a resource and open it.
   *
   * @param name - `kbs:///repository/type/tag`, another `kbs+plugin:` URI, or `repository/type/tag`
   * @param options - how to abort
   */
  getResource(name: string, options?: RequestOptions): Promise<Bytes>;
}

/**
 * Make a client that shows tokens which somebody else fetched, as the confidential data hub does.
 *
 * @param options - where the key broker is and who gives tokens
 */
export function createKbsTokenClient(options: KbsTokenClientOptions): KbsTokenClient {
  let renewNext = false;
  let current: Promise<{ readonly token: string; readonly teeKey: TeeKey }> | undefined;
  const obtain = async (): Promise<{ readonly token: string; readonly teeKey: TeeKey }> => {
    const mine = (current ??= options.tokenProvider(renewNext));
    try {
      return await mine;
    } catch (error) {
      // A failure is not kept: the next request asks again.
      if (current === mine) current = undefined;
      throw error;
    }
  };
  return {
    getResource: (name, { signal } = {}) =>
      fetchResource(options, name, signal, {
        async take() {
          const { token, teeKey } = await obtain();
          renewNext = false;
          return { headers: { authorization: `Bearer ${token}` }, key: teeKey };
        },
        renew: () => {
          current = undefined;
          renewNext = true;
        },
      }),
  };
}

interface Session {
  readonly cookie: string;
  readonly token: string;
}

/** How a request for a resource shows who asks. */
interface Credentials {
  /** Headers and key in one: a renewal meanwhile may bring another key. */
  take(): Promise<{ readonly headers: { readonly [name: string]: string }; readonly key: TeeKey }>;
  renew(): void;
}

async function fetchResource(
  options: HttpOptions & OpenOptions & { readonly resourceAttempts?: number },
  name: string,
  signal: AbortSignal | undefined,
  credentials: Credentials,
): Promise<Bytes> {
  const path = httpPathOf(name);
  for (let attempt = 1; ; attempt++) {
    const { headers, key } = await credentials.take();
    const answer = await send(options, 'GET', path, headers, { signal });
    if (answer.status === 200) return openResponse(key, parseResponseJwe(answer.body), options);
    const error = answerError(answer);
    if (answer.status !== 401 || error.code !== 'ERR_KBS_REFUSED') throw error;
    credentials.renew();
    if (attempt >= (options.resourceAttempts ?? 3)) throw error;
  }
}

function httpPathOf(name: string): string {
  if (name.includes('://')) {
    const uri = parseResourceUri(name);
    if (uri.plugin === 'resource') parseResourcePath(uri.path.join('/'));
    return resourceHttpPath(uri);
  }
  const path = name.startsWith('/') ? name.slice(1) : name;
  parseResourcePath(path);
  return `/kbs/v0/resource/${path}`;
}

async function handshakeWithRetries(
  options: KbsClientOptions,
  key: TeeKey,
  signal: AbortSignal | undefined,
): Promise<Session> {
  const sleep =
    options.sleep ?? ((ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)));
  for (let attempt = 1; ; attempt++) {
    try {
      return await handshake(options, key, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (attempt >= (options.handshakeAttempts ?? 5)) throw error;
    }
    await sleep(options.retryDelayMs ?? 1000);
    signal?.throwIfAborted();
  }
}

async function handshake(
  options: KbsClientOptions,
  key: TeeKey,
  signal: AbortSignal | undefined,
): Promise<Session> {
  const { attester } = options;
  const json = { 'content-type': 'application/json' };
  const request = encodeAuthRequest({
    version: '0.4.0',
    tee: attester.tee,
    extraParams: { 'supported-hash-algorithms': [...RUNTIME_HASHES] },
  });
  const authAnswer = mustBeOk(await send(options, 'POST', '/kbs/v0/auth', json, { body: request, signal }));
  const { nonce, extraParams } = parseChallenge(textOf(authAnswer));
  const cookie = sessionCookieFrom(authAnswer.headers);
  if (cookie === undefined)
    throw new KbsProtocolError('ERR_KBS_RESPONSE', 'the challenge came without a session cookie');
  const body = await attestBody(options, key, { nonce, hash: selectedHash(extraParams), signal });
  const headers = { ...json, cookie };
  const answer = mustBeOk(await send(options, 'POST', '/kbs/v0/attest', headers, { body, signal }));
  return { token: parseAttestResponse(textOf(answer)), cookie: sessionCookieFrom(answer.headers) ?? cookie };
}

/** The order is the protocol: the devices' evidence goes into what the CPU's evidence is bound to. */
async function attestBody(options: KbsClientOptions, key: TeeKey, context: EvidenceContext): Promise<string> {
  const { attester, initData } = options;
  const { nonce, hash } = context;
  const teePubkey = key.publicKey;
  const devices: DeviceEvidence[] = [];
  for (const source of attester.additional ?? []) {
    const evidence = await source.evidence(reportData({ nonce, teePubkey }, hash), context);
    devices.push({ tee: source.tee, evidence });
  }
  const additionalEvidence = additionalEvidenceText(devices);
  const bound = reportData({ nonce, teePubkey, additionalEvidence }, hash);
  const primaryEvidence = await attester.evidence(bound, context);
  return encodeAttestRequest({
    ...(initData === undefined ? {} : { initData }),
    nonce,
    teePubkey: teePubkey.jwk,
    primaryEvidence,
    additionalEvidence,
  });
}

function mustBeOk(answer: HttpAnswer): HttpAnswer {
  if (answer.status === 200) return answer;
  const error = answerError(answer);
  // Only a resource can be absent; at the handshake a 404 means that there is no key broker at this URL.
  if (error.code !== 'ERR_KBS_NOT_FOUND') throw error;
  throw new KbsProtocolError('ERR_KBS_RESPONSE', 'no key broker answers at this URL', {
    status: answer.status,
  });
}
