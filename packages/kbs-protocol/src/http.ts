/**
 * One request to a key broker: bounded in time and size, and every failure a {@link KbsProtocolError}.
 *
 * @module
 */
import { type Bytes, BytesError, decodeUtf8, readAll } from '@sealwright/bytes';
import { KbsProtocolError } from './errors.js';
import { parseWireError } from './wire-error.js';

/** The part of `fetch` that clients use. */
export type FetchLike = (input: string, init: RequestInit) => Promise<Response>;

/** What a client does on the network. */
export interface HttpOptions {
  /** The key broker's URL, without `/kbs/v0`; used as written. */
  readonly url: string;
  /** Sends a request. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
  /** How long one request may take, in milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
  /** Cap on an answer's body, in bytes. Default 8 MiB. */
  readonly maxResponseBytes?: number;
  /** The `User-Agent` header. Default: that of the Rust client. */
  readonly userAgent?: string;
}

/** An answer, its body read. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes;
}

/** Send one request and read its answer. */
export async function send(
  options: HttpOptions,
  method: 'GET' | 'POST',
  path: string,
  headers: { readonly [name: string]: string },
  extra: { readonly body?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<HttpAnswer> {
  const fetcher: FetchLike = options.fetch ?? ((input, init) => fetch(input, init));
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 60_000);
  const init: RequestInit = {
    method,
    headers: { 'user-agent': options.userAgent ?? 'attestation-agent-kbs-client/0.1.0', ...headers },
    signal: extra.signal === undefined ? timeout : AbortSignal.any([extra.signal, timeout]),
    // A redirect would carry a token to wherever it points.
    redirect: 'error',
    ...(extra.body === undefined ? {} : { body: extra.body }),
  };
  extra.signal?.throwIfAborted();
  try {
    const response = await fetcher(options.url + path, init);
    const body = await readBody(response, options.maxResponseBytes ?? 0x80_0000);
    return { status: response.status, headers: response.headers, body };
  } catch (cause) {
    if (cause instanceof KbsProtocolError) throw cause;
    extra.signal?.throwIfAborted();
    throw new KbsProtocolError('ERR_KBS_NETWORK', 'no answer from the key broker', { cause });
  }
}

/** The error of an answer that is not 200. */
export function answerError(answer: HttpAnswer): KbsProtocolError {
  const { status } = answer;
  if (status === 404)
    return new KbsProtocolError('ERR_KBS_NOT_FOUND', 'there is no such resource', { status });
  if (status !== 401)
    return new KbsProtocolError('ERR_KBS_RESPONSE', `unexpected status ${status}`, { status });
  try {
    const { name, detail } = parseWireError(answer.body);
    const message = `refused with ${printable(name)}: ${printable(detail)}`;
    return new KbsProtocolError('ERR_KBS_REFUSED', message, { status });
  } catch (cause) {
    return new KbsProtocolError('ERR_KBS_RESPONSE', 'a refusal without an error body', { status, cause });
  }
}

/** The body as text. */
export function textOf(answer: HttpAnswer): string {
  try {
    return decodeUtf8(answer.body);
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_RESPONSE', 'expected text in UTF-8', {
      status: answer.status,
      cause,
    });
  }
}

async function readBody(response: Response, maxBytes: number): Promise<Bytes> {
  try {
    return await readAll(response.body ?? [], maxBytes, 'an answer');
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new KbsProtocolError('ERR_KBS_LIMIT', cause.message, { cause });
  }
}

/** Server text goes into messages, and messages into logs: one short line of plain characters. */
function printable(text: string): string {
  return text.slice(0, 300).replace(/[^\x20-\x7e]/g, '?');
}
