/**
 * Requests to registries: addresses, challenges, retries, deadlines.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { answerChallenge } from './auth.js';
import { type BodyLimits, type Pace, readBody, within } from './body.js';
import { type Clock, SYSTEM_CLOCK } from './clock.js';
import type { RegistryCredentials } from './credentials.js';
import { OciError } from './errors.js';
import { hostOf, type ImageReference } from './reference.js';

/** How often to ask again, and when. */
export interface RetryOptions {
  /** How often a request is made in all. Default 4. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt; each further one waits twice as long. Default 200. */
  readonly baseMilliseconds?: number;
  /** The longest wait, whatever the registry asks for. Default 30 000. */
  readonly maxMilliseconds?: number;
}

/** How to reach registries. */
export interface RegistryClientOptions {
  /** Who carries requests. Default: the platform's `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Credentials for a registry, by its host and port; `undefined` asks without. Default: none. */
  readonly credentials?: (
    registry: string,
    reference: ImageReference,
  ) => Promise<RegistryCredentials | undefined>;
  /** Registries to speak plain HTTP to. Loopback registries are spoken to in plain HTTP unless they are left out here. */
  readonly insecure?: (registry: string) => boolean;
  /** What to do when a registry is busy or cannot be reached. */
  readonly retry?: RetryOptions;
  /** Milliseconds that an answer may take without a claim. Default 30 000. */
  readonly graceMilliseconds?: number;
  /** How fast an answer must come beyond that, on average. Default 8192 bytes a second. */
  readonly bytesPerSecond?: number;
  /** Time. Default the machine's. */
  readonly clock?: Clock;
  /** A number from 0 up to 1, for waits that differ between clients. Default the platform's. */
  readonly random?: () => number;
}

/** What one call may ask for. */
export interface CallOptions {
  /** Cancels the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Speak plain HTTP, as a registries file says. Default as the client decides. */
  readonly insecure?: boolean;
}

/** One request. */
export interface Call extends CallOptions {
  readonly reference: ImageReference;
  /** What a token must be good for: `pull`, or `pull,push`. */
  readonly actions: string;
  /** What other repository must be readable. */
  readonly mountFrom?: string | undefined;
  /** Below `/v2/<repository>/`, or an address that the registry gave. */
  readonly target: string | URL;
  readonly init?: RequestInit;
  /** Whether the request may be made again. Default `true`. */
  readonly repeatable?: boolean;
  /** Told before the request is made again. */
  readonly repeated?: () => void;
}

/** Makes requests. */
export interface Transport {
  send(call: Call): Promise<Response>;
  /** The address of something in a repository. */
  urlOf(call: Pick<Call, 'reference' | 'insecure'>, path: string): URL;
  limits(maxBytes: number, signal: AbortSignal | undefined): BodyLimits;
  /** How often something is tried in all. */
  readonly attempts: number;
  /** Wait before the next attempt: `failures` is how many there were. */
  backOff(failures: number, signal: AbortSignal | undefined): Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Make a transport. Tokens are remembered for as long as it lives. */
export function createTransport(options: RegistryClientOptions): Transport {
  const { clock = SYSTEM_CLOCK, random = () => Math.random() } = options;
  const carry = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  const pace: Pace = {
    graceMilliseconds: options.graceMilliseconds ?? 30_000,
    bytesPerSecond: options.bytesPerSecond ?? 8192,
  };
  const limits = (maxBytes: number, signal: AbortSignal | undefined): BodyLimits => ({
    clock,
    pace,
    maxBytes,
    signal,
  });
  const remembered = new Map<string, string>();
  const isInsecure = ({ reference, insecure }: Pick<Call, 'reference' | 'insecure'>): boolean =>
    insecure ?? (options.insecure ?? isLoopback)(reference.registry);
  const urlOf: Transport['urlOf'] = (call, path) => {
    const { registry, repository } = call.reference;
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
    const address = `${isInsecure(call) ? 'http' : 'https'}://${host}/v2/${repository}/${path}`;
    if (URL.canParse(address)) return new URL(address);
    throw new OciError('ERR_OCI_REFERENCE', `no address can be made of the registry ${registry}`);
  };

  const { attempts = 4, baseMilliseconds = 200, maxMilliseconds = 30_000 } = options.retry ?? {};
  const waitAfter = (failures: number): number => baseMilliseconds * 2 ** (failures - 1) * (0.5 + random());

  /** One request, its answer awaited no longer than may be. */
  const once = async (url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> => {
    const over = new AbortController();
    const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
    try {
      const request = new Request(url, { redirect: 'follow', ...init, signal: either });
      const allowed = pace.graceMilliseconds + sendingTime(init, pace);
      const response = await within(carry(request), allowed, clock, signal);
      if (url.protocol === 'http:' || !response.redirected || response.url.startsWith('https:'))
        return response;
      throw new OciError('ERR_OCI_DENIED', `the registry at ${url.host} leads to a place without TLS`);
    } catch (cause) {
      over.abort(); // what takes too long is not waited for, nor left open
      if (signal?.aborted === true) throw signal.reason;
      if (cause instanceof OciError) throw cause;
      throw new OciError('ERR_OCI_REGISTRY', `the registry at ${url.host} could not be reached`, { cause });
    }
  };

  const withRetries = async (call: Call, url: URL, authorization: string | undefined): Promise<Response> => {
    const headers = new Headers(call.init?.headers);
    if (authorization !== undefined) headers.set('authorization', authorization);
    const last = call.repeatable === false ? 1 : attempts;
    for (let attempt = 1; ; attempt += 1) {
      let wait = waitAfter(attempt);
      try {
        const response = await once(url, { ...call.init, headers }, call.signal);
        if (attempt >= last || !BUSY.has(response.status)) return response;
        await response.body?.cancel();
        wait = Math.max(wait, retryAfter(response));
      } catch (error) {
        if (attempt >= last || !(error instanceof OciError) || error.code !== 'ERR_OCI_REGISTRY') throw error;
      }
      await clock.sleep(Math.min(wait, maxMilliseconds), call.signal);
      call.repeated?.();
    }
  };

  const authorize = async (call: Call, challenge: string): Promise<string> => {
    const { reference, actions, mountFrom, signal } = call;
    const more = mountFrom === undefined ? [] : [`repository:${mountFrom}:pull`];
    return answerChallenge(challenge, {
      scopes: [`repository:${reference.repository}:${actions}`, ...more],
      credentials: await options.credentials?.(reference.registry, reference),
      insecure: isInsecure(call),
      fetchToken: async (url, init): Promise<Bytes> => {
        const response = await withRetries({ ...call, init, repeatable: true }, new URL(url), undefined);
        return readBody(await expectStatus(await settled(response, signal), [200]), limits(1 << 20, signal));
      },
    });
  };

  /** An answer, its body read where it tells of a failure: what it says is short, or is not read. */
  const settled = async (response: Response, signal: AbortSignal | undefined): Promise<Response> => {
    const { body: stream, status } = response;
    if (status < 400 || stream === null) return response;
    const body = await readBody(response, limits(MAX_REASONS, signal)).catch((cause: unknown) => {
      if (cause instanceof OciError) return undefined;
      throw cause;
    });
    const { headers } = response;
    return new Response(body ?? null, { status: Math.min(status, 599), headers });
  };

  const exchanges = new Map<string, Promise<string>>();
  /** Calls that want the same wait for one exchange; a call that can be cancelled has its own. */
  const authorizeOnce = (key: string, call: Call, challenge: string): Promise<string> => {
    if (call.signal !== undefined) return authorize(call, challenge);
    const exchange =
      exchanges.get(key) ?? authorize(call, challenge).finally(() => void exchanges.delete(key));
    exchanges.set(key, exchange);
    return exchange;
  };

  return {
    clock,
    random,
    urlOf,
    limits,
    attempts,
    backOff: (failures, signal) => clock.sleep(Math.min(waitAfter(failures), maxMilliseconds), signal),
    send: async (call) => {
      const { actions, mountFrom = '', target } = call;
      call.signal?.throwIfAborted();
      const home = urlOf(call, '');
      const url = typeof target === 'string' ? urlOf(call, target) : target;
      const key = `${home.href} ${actions} ${mountFrom}`;
      const own = url.origin === home.origin;
      const used = own ? remembered.get(key) : undefined;
      const response = await withRetries(call, url, used);
      const challenge = response.headers.get('www-authenticate');
      // where an upload may be sent is another host at times, as is where a redirection leads: it gets no token, and no answer to a challenge
      if (response.status !== 401 || challenge === null || !own || !isFrom(response, home))
        return settled(response, call.signal);
      await response.body?.cancel();
      const since = remembered.get(key); // by a call that was refused before this one
      const authorization =
        since === undefined || since === used ? await authorizeOnce(key, call, challenge) : since;
      remember(remembered, key, authorization);
      return settled(await withRetries(call, url, authorization), call.signal);
    },
  };
}

/** Whether an answer is the registry's own. */
function isFrom({ redirected, url }: Response, home: URL): boolean {
  return !redirected || new URL(url).origin === home.origin;
}

/**
 * Assert a status, and tell of another one what the registry said about it.
 *
 * @throws OciError `ERR_OCI_NOT_FOUND`, `ERR_OCI_DENIED`, `ERR_OCI_CONFLICT`, `ERR_OCI_REGISTRY`.
 */
export async function expectStatus(response: Response, expected: readonly number[]): Promise<Response> {
  const { status } = response;
  if (expected.includes(status)) return response;
  if (status < 400) await response.body?.cancel();
  const reasons = status < 400 ? [] : await reasonsOf(response);
  const said = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  const message = `the registry answered ${status}${said} where ${expected.join(' or ')} was expected`;
  if (status === 404) throw new OciError('ERR_OCI_NOT_FOUND', message, { status, reasons });
  if (status === 401 || status === 403) throw new OciError('ERR_OCI_DENIED', message, { status, reasons });
  throw new OciError(status === 412 ? 'ERR_OCI_CONFLICT' : 'ERR_OCI_REGISTRY', message, { status, reasons });
}

/** The codes that a registry gives with an error: words of capitals, and nothing else of what it says. */
async function reasonsOf(response: Response): Promise<readonly string[]> {
  try {
    const json = parseJson(new Uint8Array(await response.arrayBuffer()));
    const errors = isJsonObject(json) && Array.isArray(json['errors']) ? json['errors'] : [];
    const codes = errors.map((error) => (isJsonObject(error) ? error['code'] : undefined));
    return codes.filter((code): code is string => typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code));
  } catch (error) {
    if (error instanceof JsonError) return [];
    throw error;
  }
}

function remember(remembered: Map<string, string>, key: string, authorization: string): void {
  remembered.delete(key);
  remembered.set(key, authorization);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_TOKENS && oldest !== undefined) remembered.delete(oldest);
}

/** What the body of a request may take to be sent. */
function sendingTime({ body }: RequestInit, { bytesPerSecond }: Pace): number {
  return body instanceof Uint8Array ? (body.byteLength * 1000) / bytesPerSecond : 0;
}

/** Milliseconds that a busy registry asks for: seconds, or a date, which counts from what the registry calls now. */
function retryAfter({ headers }: Response): number {
  const asked = headers.get('retry-after') ?? '';
  if (/^\d{1,9}$/.test(asked)) return Number(asked) * 1000;
  const milliseconds = asked.endsWith(' GMT') ? Date.parse(asked) - Date.parse(headers.get('date') ?? '') : 0;
  return milliseconds > 0 ? milliseconds : 0;
}

function isLoopback(registry: string): boolean {
  const host = hostOf(registry);
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

const BUSY: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const MAX_TOKENS = 1000;
/** Bytes of what a registry says about a failure. */
const MAX_REASONS = 8192;
