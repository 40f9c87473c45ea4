/**
 * The challenge of a registry: Basic, or a token from the service that it names.
 *
 * @module
 */
import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import type { RegistryCredentials } from './credentials.js';
import { OciError } from './errors.js';

/** Asks a token service. */
export type FetchToken = (url: string, init: RequestInit) => Promise<Uint8Array>;

/** What was asked for, and by whom. */
export interface ChallengeContext {
  /** What the token should be good for, such as `repository:team/app:pull`. */
  readonly scopes: readonly string[];
  readonly credentials: RegistryCredentials | undefined;
  /** Whether the registry itself is spoken to in plain HTTP: only then may the token service be. */
  readonly insecure: boolean;
  readonly fetchToken: FetchToken;
}

/** What to send with a request that was refused with a challenge. */
export async function answerChallenge(challenge: string, context: ChallengeContext): Promise<string> {
  const { credentials } = context;
  const { scheme, parameters } = parseChallenge(challenge);
  const basic = basicOf(credentials);
  if (scheme === 'basic' && basic !== undefined) return basic;
  const realm = parameters.get('realm');
  if (scheme !== 'bearer' || realm === undefined) {
    throw new OciError('ERR_OCI_DENIED', 'the registry wants credentials that were not given', {
      status: 401,
    });
  }
  const url = realmOf(realm, context.insecure);
  const service = parameters.get('service');
  const scopes = parameters.has('scope')
    ? [...new Set([parameters.get('scope') ?? '', ...context.scopes.slice(1)])]
    : context.scopes;
  const token = credentials?.identityToken;
  const answer = parse(
    token === undefined
      ? await byQuery(url, service, scopes, basic, context.fetchToken)
      : await byRefreshToken(url, service, scopes, token, context.fetchToken),
  );
  const given = isJsonObject(answer) ? (answer['token'] ?? answer['access_token']) : undefined;
  if (typeof given === 'string' && given !== '') return `Bearer ${given}`;
  throw new OciError('ERR_OCI_REGISTRY', 'the token service gave no token');
}

function byQuery(
  url: URL,
  service: string | undefined,
  scopes: readonly string[],
  basic: string | undefined,
  fetchToken: FetchToken,
): Promise<Uint8Array> {
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return fetchToken(url.href, basic === undefined ? {} : { headers: { authorization: basic } });
}

/** OAuth 2, as registries with identity tokens have it. */
function byRefreshToken(
  url: URL,
  service: string | undefined,
  scopes: readonly string[],
  token: string,
  fetchToken: FetchToken,
): Promise<Uint8Array> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'sealwright',
    refresh_token: token,
  });
  if (service !== undefined) form.set('service', service);
  form.set('scope', scopes.join(' '));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return fetchToken(url.href, { method: 'POST', headers, body: form.toString() });
}

function basicOf(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined || (credentials.username === '' && credentials.password === ''))
    return undefined;
  return `Basic ${encodeBase64(encodeUtf8(`${credentials.username}:${credentials.password}`))}`;
}

/** Where a password may be sent. */
function realmOf(realm: string, insecure: boolean): URL {
  let url: URL;
  try {
    url = new URL(realm);
  } catch {
    throw new OciError('ERR_OCI_REGISTRY', 'the registry names a token service without an address');
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && insecure)) return url;
  throw new OciError('ERR_OCI_DENIED', 'the registry names a token service without TLS', { status: 401 });
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: 1 << 20 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new OciError('ERR_OCI_REGISTRY', 'the token service answered something else than JSON');
  }
}

/** Take a challenge apart: a scheme, then `name="value"` pairs joined by commas. */
function parseChallenge(challenge: string): { scheme: string; parameters: ReadonlyMap<string, string> } {
  const text = challenge.slice(0, 4096);
  const blank = text.indexOf(' ');
  const scheme = (blank < 0 ? text : text.slice(0, blank)).toLowerCase();
  const parameters = new Map<string, string>();
  for (const match of text.slice(blank + 1).matchAll(/([a-z]{1,32})="([^"]{0,2048})"/gi)) {
    parameters.set((match[1] ?? '').toLowerCase(), match[2] ?? '');
  }
  return { scheme, parameters };
}
