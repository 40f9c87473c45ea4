import { decodeBase64url } from '@sealwright/bytes';
import { isJsonObject, parseJson } from '@sealwright/json';
import type { TokenWithKey } from '@sealwright/kbs-protocol';

/** Gives the token of the moment. */
export interface TokenCache {
  /**
   * A token that is valid for a while yet. Those who ask while one is being fetched get that one.
   *
   * @param renew - fetch a new one even though the old one has not ended
   */
  get(renew?: boolean): Promise<TokenWithKey>;
}

/**
 * Keep a token until shortly before its end: a handshake costs an evidence.
 *
 * @param fetchToken - makes a handshake
 * @param now - milliseconds since 1970
 */
export function tokenCache(fetchToken: () => Promise<TokenWithKey>, now: () => number): TokenCache {
  let current: { readonly token: Promise<TokenWithKey>; until: number } | undefined;
  return {
    get: (renew = false) => {
      if (current !== undefined && !renew && now() < current.until) return current.token;
      const entry = { token: fetchToken(), until: Number.POSITIVE_INFINITY };
      current = entry;
      entry.token.then(
        ({ token }) => {
          entry.until = endOf(token) - MARGIN;
        },
        () => {
          entry.until = 0;
        },
      );
      return entry.token;
    },
  };
}

/** The member `exp` of a token that its verifier, not we, has to believe; a token without it is used once. */
function endOf(token: string): number {
  try {
    const claims = parseJson(decodeBase64url(token.split('.')[1] ?? ''));
    const end = isJsonObject(claims) ? claims['exp'] : undefined;
    return typeof end === 'number' ? end * 1000 : 0;
  } catch {
    return 0;
  }
}

/** Milliseconds before the end of a token in which it is no longer given out. */
const MARGIN = 30_000;
