import { type Place, RegoError } from './errors.js';

/** What a token is. */
export type TokenKind = 'name' | 'number' | 'string' | 'punctuation' | 'end';

/** A piece of a policy's text. */
export interface Token {
  readonly kind: TokenKind;
  /** The name or punctuation; the text of a number; the value of a string. */
  readonly text: string;
  readonly place: Place;
  /** Whether a line ended before it. */
  readonly afterNewline: boolean;
  /** Whether white space or a comment is before it. */
  readonly spaced: boolean;
}

/** Take a policy's text apart. Comments and white space go. */
export function tokenize(source: string, file: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  let lineStart = 0;
  let afterNewline = true;
  let spaced = true;
  const place = (): Place => ({ file, line, column: at - lineStart + 1 });
  const fail = (message: string): never => {
    throw new RegoError('ERR_REGO_PARSE', message, { place: place() });
  };
  const push = (kind: TokenKind, text: string, length: number): void => {
    tokens.push({ kind, text, place: place(), afterNewline, spaced });
    at += length;
    afterNewline = false;
    spaced = false;
  };
  while (at < source.length) {
    const character = source.charAt(at);
    if (character === '\n') {
      at += 1;
      line += 1;
      lineStart = at;
      afterNewline = true;
      spaced = true;
    } else if (character === ' ' || character === '\t' || character === '\r') {
      at += 1;
      spaced = true;
    } else if (character === '#') {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end;
      spaced = true;
    } else if (character === '"') {
      const end = endOfString(source, at);
      if (end < 0) fail('a string ends on the line that it begins on');
      push('string', parseString(source.slice(at, end), place()), end - at);
    } else if (character === '`') {
      const end = source.indexOf('`', at + 1);
      if (end < 0) fail('a raw string ends with a backtick');
      const value = source.slice(at + 1, end);
      push('string', value, end + 1 - at);
      const newlines = value.split('\n').length - 1;
      if (newlines > 0) {
        line += newlines;
        lineStart = source.lastIndexOf('\n', end) + 1;
      }
    } else if (isDigit(character)) {
      const text = numberAt(source, at);
      if (text === undefined) fail('this is no number');
      else push('number', text, text.length);
    } else if (isLetter(character)) {
      let end = at + 1;
      while (isLetter(source.charAt(end)) || isDigit(source.charAt(end))) end += 1;
      push('name', source.slice(at, end), end - at);
    } else {
      const two = source.slice(at, at + 2);
      const text = PAIRS.has(two) ? two : character;
      if (!PAIRS.has(two) && !SINGLES.includes(character))
        fail(`unexpected character ${JSON.stringify(character)}`);
      push('punctuation', text, text.length);
    }
  }
  push('end', '', 0);
  return tokens;
}

function endOfString(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    const character = source.charAt(at);
    if (character === '"') return at + 1;
    if (character === '\n') return -1;
    if (character === '\\') at += 1;
  }
  return -1;
}

function parseString(text: string, place: Place): string {
  try {
    const value: unknown = JSON.parse(text);
    return String(value);
  } catch (cause) {
    throw new RegoError('ERR_REGO_PARSE', 'a string has the escapes of JSON', { place, cause });
  }
}

function numberAt(source: string, at: number): string | undefined {
  NUMBER.lastIndex = at;
  const [text] = NUMBER.exec(source) ?? [];
  return text === undefined ||
    isLetter(source.charAt(at + text.length)) ||
    isDigit(source.charAt(at + text.length))
    ? undefined
    : text;
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9';
}

function isLetter(character: string): boolean {
  return (
    (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character === '_'
  );
}

const NUMBER = /(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?/y;
const PAIRS: ReadonlySet<string> = new Set([':=', '==', '!=', '<=', '>=']);
const SINGLES = '=<>+-*/%&|()[]{}.,:;';
