/**
 * Who may administer: deny by default, or whoever a configured identity provider vouches for, within the rules of a role.
 *
 * @module
 */
import { decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, parseJson, type JsonObject } from '@sealwright/json';
import type { AdminConfig } from '../config/types.js';
import type { LoadText } from '../load-text.js';
import { endpointPattern, MAX_URI_CHARACTERS } from './endpoint-pattern.js';
import { loadProvider, type ProviderKeys } from './provider-keys.js';

/** A request that asks to administer. */
export interface AdminRequest {
  /** Path and query, as they were routed. */
  readonly uri: string;
  /** The `Authorization` header. */
  readonly authorization: string | null;
}

/** Whether an administrator's request goes ahead. */
export type AdminDecision =
  | { readonly allowed: true; readonly who: AdminIdentity }
  | { readonly allowed: false; readonly reason: string; readonly who: AdminIdentity };

/** Who asks, as far as a verified token says. */
export interface AdminIdentity {
  readonly role?: string;
  readonly issuer?: string;
  readonly subject?: string;
}

/** Decides about administrators. */
export interface AdminAccess {
  /** Check a request. */
  check(request: AdminRequest): Promise<AdminDecision>;
}

/**
 * Load the keys of a configuration.
 *
 * @param config - `[admin]`
 * @param load - reads key files
 * @param now - milliseconds since 1970
 */
export async function createAdminAccess(
  config: AdminConfig,
  load: LoadText,
  now: () => number,
): Promise<AdminAccess> {
  if (!('authentication' in config)) {
    const decision = config.authorization_mode === 'InsecureAllowAll' ? ALLOW_ALL : deny(DENY_ALL);
    return { check: async () => decision };
  }
  const providers: ProviderKeys[] = [];
  for (const provider of config.authentication.bearer_jwt.identity_providers) {
    providers.push(await loadProvider(provider, load));
  }
  const rules = config.authorization.regex_acl.acls.map((rule) => ({
    role: rule.role,
    pattern: endpointPattern(rule.allowed_endpoints),
  }));
  return {
    async check({ uri, authorization }) {
      const token = bearerOf(authorization);
      if (token === undefined) return deny('header missing');
      const found = await authenticate(token, providers, now());
      if (!found.allowed) return found;
      const { role } = found.who;
      const fits =
        uri.length <= MAX_URI_CHARACTERS &&
        uri.startsWith('/kbs') &&
        rules.some(
          (rule) => rule.role === role && typeof rule.pattern !== 'string' && rule.pattern.test(uri),
        );
      return fits
        ? found
        : deny(`Role ${role} not allowed for path ${uri.slice(0, MAX_URI_CHARACTERS)}`, found.who);
    },
  };
}

async function authenticate(
  token: string,
  providers: readonly ProviderKeys[],
  now: number,
): Promise<AdminDecision> {
  for (const provider of providers) {
    const payload = await provider.verify(token);
    const claims = payload === undefined ? undefined : claimsOf(payload);
    if (claims === undefined || !isAlive(claims, now)) continue;
    const { role, iss, sub } = claims;
    if (typeof role !== 'string') return deny('Missing required `role` claim in JWT');
    if (provider.issuer !== null && iss !== provider.issuer) continue;
    if (provider.audience !== null && ![claims['aud']].flat().includes(provider.audience)) continue;
    const who = {
      role,
      ...(typeof iss === 'string' ? { issuer: iss } : {}),
      ...(typeof sub === 'string' ? { subject: sub } : {}),
    };
    return { allowed: true, who };
  }
  return deny('Cannot verify token with any of the issuers');
}

/** The token of a `Bearer` header, if it is one and not absurdly long. */
export function bearerOf(header: string | null): string | undefined {
  const token =
    header === null || header.length > MAX_HEADER ? undefined : /^Bearer +([^ ]+)$/i.exec(header)?.[1];
  return token === '' ? undefined : token;
}

function claimsOf(payload: Uint8Array): JsonObject | undefined {
  try {
    const claims = parseJson(decodeUtf8(payload), { maxBytes: MAX_HEADER, maxDepth: 16 });
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** `exp` is required, with the leeway that attestation tokens have; `nbf` counts where it is there. */
function isAlive({ exp, nbf }: JsonObject, now: number): boolean {
  if (typeof exp !== 'number' || exp + LEEWAY_SECONDS < now / 1000) return false;
  return nbf === undefined || (typeof nbf === 'number' && nbf - LEEWAY_SECONDS <= now / 1000);
}

function deny(reason: string, who: AdminIdentity = {}): AdminDecision {
  return { allowed: false, reason, who };
}

const ALLOW_ALL: AdminDecision = { allowed: true, who: {} };
const DENY_ALL = 'Admin access denied as DenyAll authorization_mode is enabled';
const LEEWAY_SECONDS = 60;
const MAX_HEADER = 0x4_0000;
