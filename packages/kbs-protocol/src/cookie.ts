/**
 * The session cookie, `kbs-session-id`.
 *
 * @module
 */

/** The name of the session cookie. */
export const SESSION_COOKIE = 'kbs-session-id';

/**
 * Find the session's id in a `Cookie` header.
 *
 * @param header - the header's value, if there is one
 */
export function sessionIdOf(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined || header.length > MAX_HEADER) return undefined;
  for (const pair of header.split(';')) {
    const [name, value, ...more] = pair.trim().split('=');
    if (name === SESSION_COOKIE && value !== undefined && more.length === 0 && isSessionId(value))
      return value;
  }
  return undefined;
}

/**
 * Write the `Set-Cookie` header of a session.
 *
 * @param id - the session's id
 * @param expiresAt - when it ends, in milliseconds since 1970
 */
export function sessionCookie(id: string, expiresAt: number): string {
  return `${SESSION_COOKIE}=${id}; Expires=${new Date(expiresAt).toUTCString()}; Path=/; HttpOnly`;
}

/**
 * Find the session cookie among `Set-Cookie` headers, as the pair for a `Cookie` header.
 *
 * @param headers - the headers of an answer
 */
export function sessionCookieFrom(headers: Headers): string | undefined {
  // Platforms from before 2023 have no `getSetCookie`; the session cookie is the only one the protocol sets.
  const lines =
    typeof headers.getSetCookie === 'function' ? headers.getSetCookie() : [headers.get('set-cookie') ?? ''];
  for (const line of lines) {
    const pair = line.slice(0, MAX_HEADER).split(';', 1)[0]?.trim() ?? '';
    if (pair.startsWith(`${SESSION_COOKIE}=`) && /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(pair))
      return pair;
  }
  return undefined;
}

/** 32 hexadecimal digits: a version 4 UUID without its dashes. */
function isSessionId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

const MAX_HEADER = 8192;
