/**
 * Requests to the services of Sigstore, over a `fetch` that the caller gives.
 *
 * @module
 */
import { type Bytes, BytesError, readAll } from '@sealwright/bytes';
import { CosignError } from '../errors.js';

/** How a service is reached. */
export interface ServiceOptions {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Sends a request. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** How long to wait for an answer, milliseconds. Default 30 000. */
  readonly timeoutMs?: number;
  /** How often to try again when the service is busy or cannot be reached. Default 3. */
  readonly retries?: number;
  /** Waits between two attempts: half a second, then twice as long each time, or as long as the service asks for. Default a timer. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** What is asked. */
export interface ServiceRequest {
  readonly path: string;
  readonly json?: unknown;
  readonly body?: { readonly type: string; readonly bytes: Bytes };
  readonly headers?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** Statuses beside 2xx that the caller understands. */
  readonly expected?: readonly number[];
  readonly maxBytes?: number;
}

/** What was answered. */
export interface ServiceAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Bytes;
}

/** Ask, and ask again while the service is busy. */
export async function askService(service: ServiceOptions, request: ServiceRequest): Promise<ServiceAnswer> {
  const { retries = 3, pause = timer } = service;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await attemptOnce(service, request);
    let wait = 500 * 2 ** attempt;
    if (!(answer instanceof CosignError)) {
      const busy = BUSY.has(answer.status) && request.expected?.includes(answer.status) !== true;
      if (!busy || attempt >= retries) return accepted(service, request, answer);
      wait = Math.max(wait, askedWait(answer));
    } else if (attempt >= retries) throw answer;
    await pause(wait);
  }
}

/** Milliseconds that a busy service asks for, within reason. Dates are not read. */
function askedWait({ headers }: ServiceAnswer): number {
  const seconds = headers.get('retry-after') ?? '';
  return /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds) * 1000, MAX_WAIT) : 0;
}

async function attemptOnce(
  service: ServiceOptions,
  request: ServiceRequest,
): Promise<ServiceAnswer | CosignError> {
  const { json, body, headers, accept = 'application/json' } = request;
  const sent = new Request(service.url.replace(/\/$/, '') + request.path, {
    method: json === undefined && body === undefined ? 'GET' : 'POST',
    headers: {
      accept,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(body === undefined ? {} : { 'content-type': body.type }),
      ...headers,
    },
    ...(json === undefined && body === undefined ? {} : { body: body?.bytes ?? JSON.stringify(json) }),
    redirect: 'manual', // nowhere else than to the service that is asked
    signal: AbortSignal.timeout(service.timeoutMs ?? 30_000),
  });
  try {
    const response = await service.fetch(sent);
    const bytes = await read(response, request.maxBytes ?? 32 << 20);
    return { status: response.status, headers: response.headers, bytes };
  } catch (cause) {
    if (cause instanceof CosignError) throw cause;
    return new CosignError('ERR_COSIGN_SERVICE', `${service.url} cannot be reached`, { cause });
  }
}

async function read(response: Response, maxBytes: number): Promise<Bytes> {
  try {
    return await readAll(response.body ?? [], maxBytes, 'an answer');
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new CosignError('ERR_COSIGN_LIMIT', cause.message, { cause });
  }
}

function accepted(service: ServiceOptions, request: ServiceRequest, answer: ServiceAnswer): ServiceAnswer {
  const { status } = answer;
  if ((status >= 200 && status < 300) || request.expected?.includes(status) === true) return answer;
  const said = new TextDecoder().decode(answer.bytes.subarray(0, 512)).replaceAll(/\s+/g, ' ');
  throw new CosignError(
    'ERR_COSIGN_SERVICE',
    `${service.url}${request.path} answers ${status}: ${said}`.slice(0, 1024),
  );
}

function timer(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

const MAX_WAIT = 30_000;
const BUSY = new Set([429, 500, 502, 503, 504]);
