import { BytesError, decodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '@sealwright/json';
import { type Backend, BackendError, type RuntimeEvent } from './backend.js';

/** Which parts of the facade are served. */
export type Feature = 'resource' | 'attestation' | 'all';

/** What the facade serves. */
export interface RestOptions {
  readonly backend: Backend;
  readonly feature: Feature;
  /** For `/info`. */
  readonly version: string;
  /** Whether others than loopback may ask. Default `false`. */
  readonly dangerouslyAnswerAnyone?: boolean;
  /** Told why a backend could not answer. */
  readonly failed?: (path: string, error: BackendError) => void;
}

/**
 * The REST facade of a guest, as guest-components serve it on loopback. Where they answer every failure with 500, and every wrong
 * method with 404, the statuses here say more.
 *
 * @param options - backend and features
 */
export function restFacade(
  options: RestOptions,
): (request: Request, remoteAddress: string) => Promise<Response> {
  return async (request, remoteAddress) => {
    const url = new URL(request.url);
    if (
      options.dangerouslyAnswerAnyone !== true &&
      !(isLoopback(remoteAddress) && isLoopbackHost(url.hostname))
    ) {
      return refuse(403, 'Forbidden');
    }
    try {
      return await route(request, url, options);
    } catch (error) {
      if (!(error instanceof BackendError)) throw error;
      options.failed?.(url.pathname, error);
      return refuse(STATUSES[error.reason], error.message);
    }
  };
}

function route(request: Request, url: URL, options: RestOptions): Promise<Response> | Response {
  const { pathname } = url;
  if (pathname === '/info')
    return request.method === 'GET' ? info(options) : refuse(405, 'Method Not Allowed');
  if (pathname.startsWith('/aa/')) {
    if (options.feature === 'resource') return refuse(404, 'Attestation Feature Not Enabled');
    return attestation(request, url, options.backend);
  }
  if (pathname.startsWith('/cdh/resource/')) {
    if (options.feature === 'attestation') return refuse(404, 'Resource Feature Not Enabled');
    return resource(request, pathname.slice('/cdh/resource/'.length), options.backend);
  }
  return refuse(404, 'URL NOT FOUND');
}

function info({ backend, feature, version }: RestOptions): Response {
  const attests = feature !== 'resource';
  return json({
    version,
    ...(attests ? { tee: backend.tee } : {}),
    ...(attests && backend.additionalTees.length > 0 ? { additional_tees: [...backend.additionalTees] } : {}),
    feature,
  });
}

async function attestation(request: Request, url: URL, backend: Backend): Promise<Response> {
  const api = url.pathname.slice('/aa/'.length);
  const method = METHODS.get(api);
  if (method === undefined) return refuse(404, 'URL NOT FOUND');
  if (request.method !== method) return refuse(405, 'Method Not Allowed');
  if (api === 'aael') return recordEvent(request, backend);
  if (api === 'token') {
    const type = url.searchParams.get('token_type');
    return type === null ? refuse(400, 'BAD REQUEST') : bytes(await backend.token(type));
  }
  const runtimeData = runtimeDataOf(url);
  if (runtimeData === undefined) return refuse(400, 'BAD REQUEST');
  return bytes(
    await (api === 'evidence' ? backend.evidence(runtimeData) : backend.additionalEvidence(runtimeData)),
  );
}

async function resource(request: Request, path: string, backend: Backend): Promise<Response> {
  if (request.method !== 'GET') return refuse(405, 'Method Not Allowed');
  return bytes(await backend.resource(`kbs:///${path}`));
}

async function recordEvent(request: Request, backend: Backend): Promise<Response> {
  const event = eventOf(await readBody(request));
  if (event === undefined) return refuse(400, 'Illegal AAEL: domain, operation and content are texts');
  const result = await backend.extendRuntimeMeasurement(event);
  return json(result === 'ok' ? { success: 'true' } : { success: 'false', message: EVENT_MESSAGES[result] });
}

function eventOf(body: string | undefined): RuntimeEvent | undefined {
  try {
    const event = body === undefined ? undefined : parseJson(body, { maxBytes: MAX_BODY });
    if (!isJsonObject(event)) return undefined;
    const { domain, operation, content } = event;
    if (typeof domain !== 'string' || typeof operation !== 'string' || typeof content !== 'string')
      return undefined;
    return { domain, operation, content };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** `undefined` when it is longer than it may be. */
async function readBody(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `undefined` when it is missing, or not what the encoding says. */
function runtimeDataOf(url: URL): Uint8Array | undefined {
  const text = url.searchParams.get('runtime_data');
  const encoding = url.searchParams.get('encoding');
  if (text === null || (encoding !== null && encoding !== 'base64')) return undefined;
  if (encoding === null) return encodeUtf8(text);
  try {
    return decodeBase64url(text);
  } catch (error) {
    if (error instanceof BytesError) return undefined;
    throw error;
  }
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127(?:\.[0-9]{1,3}){3}$/.test(address);
}

/** A page in a browser that was sent here under its own name is not the guest. */
function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host);
}

function bytes(body: Uint8Array): Response {
  return new Response(new Uint8Array(body), {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
  });
}

function json(body: JsonObject): Response {
  return new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
}

function refuse(status: number, text: string): Response {
  return new Response(text, { status });
}

const MAX_BODY = 1 << 20;
const METHODS: ReadonlyMap<string, string> = new Map([
  ['token', 'GET'],
  ['evidence', 'GET'],
  ['additional-evidence', 'GET'],
  ['aael', 'POST'],
]);
const EVENT_MESSAGES = {
  'not-supported': 'The platform does not support runtime measurement',
  'not-enabled': 'Attestation Agent does not enable eventlog recording',
} as const;
const STATUSES: Readonly<Record<BackendError['reason'], number>> = {
  invalid: 400,
  'not-found': 404,
  denied: 403,
  unreachable: 502,
  failed: 500,
};
