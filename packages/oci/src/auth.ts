/**
 * The challenge of a registry: Basic, or a token from the service that it names.
 *
 * @module
 */
import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, parseJson } from '@sealwright/json';
import type { RegistryCredentials } from './credentials.js';
import { OciError } from './errors.js';

/** What to send with a request that was refused with a challenge. */
export async function answerChallenge(
  challenge: string,
  scope: string,
  credentials: RegistryCredentials | undefined,
  fetchToken: (url: string, authorization: string | undefined) => Promise<Uint8Array>,
): Promise<string> {
  const { scheme, parameters } = parseChallenge(challenge);
  const basic =
    credentials === undefined
      ? undefined
      : `Basic ${encodeBase64(encodeUtf8(`${credentials.username}:${credentials.password}`))}`;
  if (scheme === 'basic' && basic !== undefined) return basic;
  const realm = parameters.get('realm');
  if (scheme !== 'bearer' || realm === undefined) {
    throw new OciError('ERR_OCI_DENIED', 'the registry wants credentials that were not given', {
      status: 401,
    });
  }
  const url = new URL(realm);
  const service = parameters.get('service');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', parameters.get('scope') ?? scope);
  const answer = parseJson(await fetchToken(url.href, basic), { maxBytes: 1 << 20 });
  const token = isJsonObject(answer) ? (answer['token'] ?? answer['access_token']) : undefined;
  if (typeof token !== 'string') throw new OciError('ERR_OCI_REGISTRY', 'the token service gave no token');
  return `Bearer ${token}`;
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
