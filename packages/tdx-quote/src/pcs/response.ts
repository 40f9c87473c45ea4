/**
 * Answers of Intel's provisioning certification service and of services that cache it.
 *
 * @module
 */
import { type Bytes, BytesError, decodeHex, decodeUtf8, readAll } from '@sealwright/bytes';
import { decodePem, DerError } from '@sealwright/der';
import { TdxQuoteError } from '../errors.js';

/** What of `fetch` is needed. */
export type Fetch = (url: string, init: { readonly signal?: AbortSignal }) => Promise<Response>;

/** An answer. */
export interface PcsAnswer {
  /** The body. */
  readonly body: Bytes;
  /** Where it came from, without the query, for messages. */
  readonly from: string;
  /** The headers. */
  readonly headers: Headers;
}

/** Ask, and refuse anything but a 200 of a sensible size. */
export async function ask(fetch: Fetch, url: URL, signal: AbortSignal | undefined): Promise<PcsAnswer> {
  const from = `${url.origin}${url.pathname}`;
  let response: Response;
  try {
    response = await fetch(url.href, signal === undefined ? {} : { signal });
  } catch (cause) {
    throw unavailable(`${from} cannot be reached`, undefined, cause);
  }
  if (response.status !== 200) {
    abandon(response.body);
    const why =
      response.status === 404 ? 'has nothing for this platform or number' : `answered ${response.status}`;
    throw unavailable(`${from} ${why}`, String(response.status));
  }
  return { body: await readBody(response, from), from, headers: response.headers };
}

/** An issuer chain out of a header, in PEM. It is percent-encoded, and a plus is a plus. */
export function issuerChain({ headers, from }: PcsAnswer, names: readonly string[]): string {
  const value = names.map((name) => headers.get(name)).find((text) => text !== null);
  if (value === undefined || value === null) throw unavailable(`${from} sent no ${names.join(' or ')}`);
  try {
    return decodeURIComponent(value);
  } catch (cause) {
    throw unavailable(`${from} sent a chain that is not percent-encoded`, undefined, cause);
  }
}

/** A revocation list, which services send as DER, as its hex, or as PEM. */
export function crlOf({ body, from }: PcsAnswer): Bytes {
  if (body[0] === 0x30 && body[1] !== undefined && body[1] >= 0x80) return body;
  try {
    const text = decodeUtf8(body).trim();
    if (!text.startsWith('-----')) return decodeHex(text);
    const [block] = decodePem(text, { maxBytes: MAX_BODY });
    if (block !== undefined) return block.bytes;
  } catch (cause) {
    if (!(cause instanceof BytesError) && !(cause instanceof DerError)) throw cause;
    throw unavailable(`${from} sent no revocation list`, undefined, cause);
  }
  throw unavailable(`${from} sent no revocation list`);
}

/** The body as text. */
export function textOf({ body, from }: PcsAnswer): string {
  try {
    return decodeUtf8(body);
  } catch (cause) {
    throw unavailable(`${from} sent no text`, undefined, cause);
  }
}

/** An error of the service. */
export function unavailable(message: string, detail?: string, cause?: unknown): TdxQuoteError {
  return new TdxQuoteError('ERR_TDX_COLLATERAL_UNAVAILABLE', message, { detail, cause });
}

async function readBody(response: Response, from: string): Promise<Bytes> {
  try {
    return await readAll(response.body ?? [], MAX_BODY, `the answer of ${from}`);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw unavailable(cause.message, undefined, cause);
  }
}

/** Say that no more is wanted. Nobody waits for it, and whether it works is all the same. */
function abandon(stream: { cancel(): Promise<void> } | undefined | null): void {
  stream?.cancel().catch(() => undefined);
}

const MAX_BODY = 0x100_0000;
