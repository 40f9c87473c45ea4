/**
 * The challenge of a registry: Basic, or a token from the service that it names.
 *
 * @module
 */
import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { parseChallenges } from './challenge.js';
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

/** What to send with a request that was refused with challenges: a token, where one of them is about tokens, or else the password. */
export async function answerChallenge(header: string, context: ChallengeContext): Promise<string> {
  const challenges = parseChallenges(header);
  const basic = basicOf(context.credentials);
  const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
  const shown = context.credentials?.registryToken;
  if (shown !== undefined && challenges.some(({ scheme }) => scheme === 'bearer')) {
    if (TOKEN.test(shown)) return `Bearer ${shown}`;
    throw new OciError('ERR_OCI_CREDENTIALS', 'the token for the registry cannot stand in a header');
  }
  if (bearer !== undefined) return `Bearer ${await tokenFor(bearer.parameters, basic, context)}`;
  if (basic !== undefined && challenges.some(({ scheme }) => scheme === 'basic')) return basic;
  throw new OciError('ERR_OCI_DENIED', 'the registry wants credentials that were not given', { status: 401 });
}

async function tokenFor(
  parameters: ReadonlyMap<string, string>,
  basic: string | undefined,
  { credentials, fetchToken, insecure, scopes }: ChallengeContext,
): Promise<string> {
  const url = realmOf(parameters.get('realm') ?? '', insecure);
  const service = parameters.get('service');
  const wanted = mergedScopes([...scopes, ...(parameters.get('scope')?.split(' ') ?? [])]);
  const refresh = credentials?.identityToken;
  const answer = parse(
    refresh === undefined
      ? await byQuery(url, service, wanted, basic, fetchToken)
      : await byRefreshToken(url, service, wanted, refresh, fetchToken),
  );
  const { token, access_token: access } = isJsonObject(answer) ? answer : {};
  const given = [token, access].find((each) => typeof each === 'string' && TOKEN.test(each));
  if (typeof given === 'string') return given;
  throw new OciError('ERR_OCI_REGISTRY', 'the token service gave no token');
}

/**
 * Scopes, those of one thing made one. A registry names what the request at hand needs, which may be less than what comes after it: a token
 * that can only pull is refused for good by some when it is shown to push.
 */
function mergedScopes(scopes: readonly string[]): readonly string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const colon = scope.lastIndexOf(':');
    if (colon <= 0) continue;
    const thing = scope.slice(0, colon);
    const known = actions.get(thing) ?? new Set();
    for (const action of scope.slice(colon + 1).split(',')) known.add(action);
    actions.set(thing, known);
  }
  return [...actions].map(([thing, known]) => `${thing}:${[...known].join(',')}`);
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
  // whoever a redirection leads to is not the service that the registry named
  return fetchToken(url.href, { method: 'POST', headers, body: form.toString(), redirect: 'manual' });
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

/** What can stand in a header. */
const TOKEN = /^[\x21-\x7e]+$/;
