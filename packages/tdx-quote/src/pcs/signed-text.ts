/**
 * Signed documents inside of answers: the signature is over the exact text of a member, which therefore is cut out and never written again.
 *
 * @module
 */
import { type Bytes, BytesError, decodeHex } from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { unavailable } from './response.js';

/** A document and its signature. */
export interface SignedText {
  /** The exact text. */
  readonly text: string;
  /** 64 bytes, r and s big-endian. */
  readonly signature: Bytes;
}

/**
 * Cut a document out of an answer.
 *
 * @param body - `{"tcbInfo":{…},"signature":"…"}`
 * @param member - the name of the document
 */
export function cutSignedText(body: string, member: string): SignedText {
  try {
    const whole = parseJson(body);
    const signature = isJsonObject(whole) ? whole['signature'] : undefined;
    if (isJsonObject(whole) && isJsonObject(whole[member]) && typeof signature === 'string')
      return { text: cutMember(body, member), signature: decodeHex(signature) };
  } catch (cause) {
    if (!(cause instanceof JsonError) && !(cause instanceof BytesError)) throw cause;
    throw unavailable('an answer is not a signed document', undefined, cause);
  }
  throw unavailable(`an answer has ${member} and a signature`);
}

/** The text of a member's value, out of the text of an object that is known to be well-formed and to have it. */
function cutMember(text: string, member: string): string {
  let depth = 0;
  let name = '';
  let from = -1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && from < 0) name = String(JSON.parse(text.slice(at, end)));
      at = end - 1;
    } else if (character === '{' || character === '[') {
      if (depth === 1 && from < 0 && name === member) from = at;
      depth += 1;
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 1 && from >= 0) return text.slice(from, at + 1);
    }
  }
  return '';
}

/** Where a string that begins at `at` is over. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}
