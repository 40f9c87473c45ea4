import { decodeUtf8 } from '@sealwright/bytes';

/** What stands in the text of an envelope where the payload was cut out. It is no base64. */
export const CUT = '<cut>';

/**
 * Cut the long text of a payload out of an envelope, so that it need not go through a parser of JSON: most of it is that.
 *
 * Without a backslash in the document every quote begins or ends a string. So if what is left parses, and its member `payload` is
 * {@link CUT}, which stands nowhere else, then what was cut out is all that the member held, as long as it is base64 and so has
 * nothing in it that a string may not have.
 *
 * @param input - JSON: text, or UTF-8
 * @returns `undefined` where there is nothing to gain, or where this cannot be said
 * @throws `BytesError` for what is not UTF-8
 */
export function cutPayload(
  input: string | Uint8Array,
): { readonly rest: string; readonly payload: string } | undefined {
  if (input.length < LONG) return undefined;
  // Memory that threads share may change between two looks.
  if (typeof input !== 'string' && !(input.buffer instanceof ArrayBuffer)) return undefined;
  const text = typeof input === 'string' ? input : decodeUtf8(input);
  const member = MEMBER.exec(text);
  if (member === null || text.includes('\\')) return undefined;
  const start = member.index + member[0].length;
  const end = text.indexOf('"', start);
  if (end - start < LONG) return undefined;
  const [before, after] = [text.slice(0, start), text.slice(end)];
  if (before.includes(CUT) || after.includes(CUT)) return undefined;
  return { rest: before + CUT + after, payload: text.slice(start, end) };
}

const MEMBER = /"payload"[ \t\r\n]*:[ \t\r\n]*"/;
/** Characters; below, a parser is as fast. */
const LONG = 2048;
