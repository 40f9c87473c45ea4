import { BytesError, mustFit } from '@sealwright/bytes';
import { JsonError } from './errors.js';
import { parseRoundTrip } from './round-trip.js';
import { type BigIntegers, scanJson } from './scan.js';
import { Units } from './units.js';
import type { JsonValue } from './value.js';

/** Caps and strictness of {@link parseJson}. */
export interface JsonOptions {
  /** Cap on the input, in bytes (of text: in UTF-16 code units). Default 4 MiB. */
  readonly maxBytes?: number;
  /** Cap on nesting; a scalar has depth 0, an array or object one more than what it holds. Default 64. */
  readonly maxDepth?: number;
  /** Cap on values of any kind. Default 1 000 000. */
  readonly maxNodes?: number;
  /** Cap on the members of one object. Default: none but that on values. */
  readonly maxMembers?: number;
  /** What to do when an object names a member twice: refuse it, or let the last one win as most parsers do. Default `refuse`. */
  readonly duplicates?: 'refuse' | 'last';
  /** How to give an integer beyond 2^53 - 1 either way: as the nearest number, or as its text. Default `number`. */
  readonly bigIntegers?: 'number' | 'text';
}

/**
 * Read a JSON document.
 *
 * Stricter than `JSON.parse`: a repeated member is refused, size, depth and count are capped, and every fault has an offset
 * and a pointer. The values are those of `JSON.parse`.
 *
 * @param input - text, or UTF-8 without a byte order mark
 * @param options - caps
 * @throws {@link JsonError}
 *
 * @example
 * ```ts
 * console.log(parseJson('[1e2, "\\u00e4"]')); // 100,ä
 * try {
 *   parseJson('{"a":{"b":1,"b":2}}');
 * } catch (error) {
 *   if (error instanceof JsonError) console.log(error.pointer); // /a/b
 * }
 * ```
 */
export function parseJson(input: string | Uint8Array, options: JsonOptions = {}): JsonValue {
  const document = unitsOf(input, options.maxBytes ?? 4 << 20);
  const { maxDepth = 64, maxNodes = 1_000_000, maxMembers = maxNodes } = options;
  if (options.bigIntegers !== 'text' && document.text.length <= Math.min(maxNodes, maxMembers)) {
    const value = parseRoundTrip(document.text, maxDepth);
    if (value !== undefined) return value;
  }
  const refuseDuplicates = options.duplicates !== 'last';
  const scan = { maxDepth, maxNodes, maxMembers, refuseDuplicates, everyCharacter: false };
  const bigIntegers = scanJson(document, scan);
  const text = options.bigIntegers === 'text' ? withQuotes(document, bigIntegers) : document.text;
  try {
    return JSON.parse(text) as JsonValue; // what JSON.parse gives is JSON
  } catch (cause) {
    scanJson(document, { ...scan, everyCharacter: true });
    throw new JsonError('ERR_JSON_SYNTAX', 'not JSON', { cause });
  }
}

/** The text with some of its parts made strings. */
function withQuotes(document: Units, parts: BigIntegers): string {
  if (parts.length === 0) return document.text;
  const pieces: string[] = [];
  let from = 0;
  for (const [start, end] of parts) {
    pieces.push(document.slice(from, start), '"', document.slice(start, end), '"');
    from = end;
  }
  return pieces.join('') + document.slice(from, document.units.length);
}

function unitsOf(input: string | Uint8Array, maxBytes: number): Units {
  try {
    mustFit(input, maxBytes, 'a JSON document');
    const document = typeof input === 'string' ? new Units(input) : Units.ofBytes(input);
    if (document.text.charCodeAt(0) !== 0xfeff) return document;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    const code = cause.code === 'ERR_BYTES_LIMIT' ? 'ERR_JSON_SIZE' : 'ERR_JSON_UTF8';
    throw new JsonError(code, cause.message, { cause });
  }
  throw new JsonError('ERR_JSON_UTF8', 'a JSON document begins without a byte order mark', {
    offset: 0,
    pointer: '',
  });
}
