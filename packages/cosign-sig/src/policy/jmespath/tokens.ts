/**
 * The words of a JMESPath expression (jmespath.org, grammar).
 *
 * @module
 */
import { JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { CosignError } from '../../errors.js';

/** One word. */
export interface Token {
  readonly kind: TokenKind;
  /** A name, a literal or a number; `null` for the others. */
  readonly value: JsonValue;
  /** Offset of its first character. */
  readonly at: number;
}

/** What a word is: a symbol stands for itself. */
export type TokenKind = 'name' | 'quoted' | 'number' | 'literal' | 'end' | Symbols;

type Symbols = (typeof SYMBOLS)[number];

/** @throws CosignError `ERR_COSIGN_POLICY`. */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MAX_EXPRESSION) throw badExpression(`expected at most ${MAX_EXPRESSION} characters`);
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const [token, next] = read(text, at);
    if (token !== undefined) tokens.push(token);
    at = next;
  }
  return [...tokens, { kind: 'end', value: null, at }];
}

/** An `ERR_COSIGN_POLICY` about an expression. */
export function badExpression(message: string): CosignError {
  return new CosignError('ERR_COSIGN_POLICY', `no JMESPath: ${message}`);
}

function read(text: string, at: number): readonly [Token | undefined, number] {
  const character = text.charAt(at);
  if (' \t\r\n'.includes(character)) return [undefined, at + 1];
  if (isLetter(character)) {
    const end = endOf(text, at, (each) => isLetter(each) || isDigit(each));
    return [{ kind: 'name', value: text.slice(at, end), at }, end];
  }
  if (isDigit(character) || (character === '-' && isDigit(text.charAt(at + 1)))) {
    const end = endOf(text, at + 1, isDigit);
    return [{ kind: 'number', value: Number(text.slice(at, end)), at }, end];
  }
  if (character === '"' || character === "'" || character === '`') return readQuoted(text, at, character);
  const symbol = SYMBOLS.find((each) => text.startsWith(each, at));
  if (symbol === undefined) throw badExpression(`unexpected character at ${at}`);
  return [{ kind: symbol, value: null, at }, at + symbol.length];
}

/** A quoted name, a raw text, or JSON between backticks. */
function readQuoted(text: string, at: number, quote: string): readonly [Token, number] {
  let end = at + 1;
  while (end < text.length && text.charAt(end) !== quote) end += text.charAt(end) === '\\' ? 2 : 1;
  if (end >= text.length) throw badExpression(`nothing closes what opens at ${at}`);
  const inner = text.slice(at + 1, end);
  const next = end + 1;
  if (quote === '"') return [{ kind: 'quoted', value: json(`"${inner}"`, at), at }, next];
  if (quote === "'") {
    const value = inner.replaceAll("\\'", "'").replaceAll('\\\\', '\\');
    return [{ kind: 'literal', value, at }, next];
  }
  return [{ kind: 'literal', value: json(inner.replaceAll('\\`', '`').trim(), at), at }, next];
}

function json(text: string, at: number): JsonValue {
  try {
    return parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw badExpression(`no JSON at ${at}`);
  }
}

function endOf(text: string, from: number, belongs: (character: string) => boolean): number {
  let end = from;
  while (end < text.length && belongs(text.charAt(end))) end += 1;
  return end;
}

function isLetter(character: string): boolean {
  return /^[A-Za-z_]$/.test(character);
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** The longer ones first. */
const SYMBOLS = [
  '[?',
  '[]',
  '&&',
  '||',
  '==',
  '!=',
  '<=',
  '>=', // in pairs
  '.',
  '*',
  ',',
  ':',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '@',
  '&',
  '|',
  '<',
  '>',
  '!',
] as const;
/** Characters of an expression. */
const MAX_EXPRESSION = 16_384;
