import { encodeWireError, type KbsWireError } from '@sealwright/kbs-protocol';

/** An answer in JSON. */
export function json(body: string, cookie?: string): Response {
  return new Response(body, {
    headers: { ...jsonHeaders(), ...(cookie === undefined ? {} : { 'set-cookie': cookie }) },
  });
}

/** A refusal as the protocol writes it. */
export function refuse(error: KbsWireError): Response {
  return new Response(encodeWireError(error), { status: error.status, headers: jsonHeaders() });
}

/** Success without a body. */
export function done(): Response {
  return new Response(null, { status: 200, headers: { 'content-length': '0' } });
}

/** An answer of the HTTP server itself, in words. */
export function plain(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } });
}

/**
 * A new object for each answer: the HTTP server writes the length of the body into it. What is sealed may be public, but who
 * asked for what is nobody's business: no cache keeps it.
 */
function jsonHeaders(): Record<string, string> {
  return { 'content-type': 'application/json', 'cache-control': 'no-store' };
}
