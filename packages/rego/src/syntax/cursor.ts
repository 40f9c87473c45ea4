import type { Span } from '../ast.js';
import { RegoError } from '../errors.js';
import type { Token } from './lexer.js';

/** Where to come back to. */
export interface Mark {
  readonly at: number;
  readonly depth: number;
  readonly wildcards: number;
}

/** Where a parser stands in the tokens of a text. */
export class Cursor {
  #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #wildcards = 0;
  readonly #keywords: Set<string>;
  /** What is wrong within brackets, in whatever way the text around them is read. */
  protected fault: unknown;
  /** Whether what the engine of Trustee and of the Kata agent refuses is refused. */
  protected readonly isRegorus: boolean;

  constructor(tokens: readonly Token[], keywords: Iterable<string>, isRegorus: boolean) {
    this.isRegorus = isRegorus;
    this.#tokens = tokens;
    this.#keywords = new Set(keywords);
  }

  /** The token so far ahead. */
  protected peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(Math.max(this.#at + ahead, 0), this.#tokens.length - 1)];
    if (token === undefined) throw new TypeError('there is always a last token');
    return token;
  }

  /** The token, and on to the next. */
  protected take(): Token {
    const token = this.peek();
    this.#at += 1;
    return token;
  }

  /** Where to come back to. */
  protected mark(): Mark {
    return { at: this.#at, depth: this.#depth, wildcards: this.#wildcards };
  }

  /** Back to a mark. */
  protected reset(mark: Mark): void {
    this.#at = mark.at;
    this.#depth = mark.depth;
    this.#wildcards = mark.wildcards;
  }

  /** What can be read and is wanted; else the text stays to be read in another way. */
  protected attempt<T>(read: () => T, isWanted: (found: T) => boolean): T | undefined {
    const mark = this.mark();
    try {
      const found = read();
      if (isWanted(found)) return found;
    } catch (error) {
      if (!(error instanceof RegoError) || error === this.fault) throw error;
    }
    this.reset(mark);
    return undefined;
  }

  /** Work on other tokens, those within a template. */
  protected within<T>(tokens: readonly Token[], work: () => T): T {
    const [outer, at] = [this.#tokens, this.#at];
    this.#tokens = tokens;
    this.#at = 0;
    try {
      return work();
    } finally {
      this.#tokens = outer;
      this.#at = at;
    }
  }

  /** Whether a punctuation or name is next. */
  protected is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'name');
  }

  /** Whether a word is next that the dialect has as a keyword, and not as a name. */
  protected isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'name' && token.text === word && this.#keywords.has(word) && !this.isNamed(ahead);
  }

  /** Whether what follows makes a keyword a name: `not.x`, `not["x"]`. */
  protected isNamed(ahead = 0): boolean {
    const next = this.peek(ahead + 1);
    return next.kind === 'punctuation' && !next.spaced && (next.text === '.' || next.text === '[');
  }

  /** Whether a name may not be one of a variable or rule here. */
  protected isReserved(word: string): boolean {
    return RESERVED.has(word) || this.#keywords.has(word);
  }

  /** Make words keywords. */
  protected enable(words: Iterable<string>): void {
    for (const word of words) this.#keywords.add(word);
  }

  /** Whether a word is a keyword. */
  protected isEnabled(word: string): boolean {
    return this.#keywords.has(word);
  }

  /** Past a punctuation or name that must be next. */
  protected expect(text: string): Token {
    if (!this.is(text)) this.unexpected(text);
    return this.take();
  }

  /** A name, of which a wildcard is another one each time. */
  protected name(): string {
    if (this.peek().kind !== 'name') this.unexpected();
    const { text } = this.take();
    return text === '_' ? this.wildcard() : text;
  }

  /** The name of a variable that is not written: no policy can write it. */
  protected wildcard(): string {
    this.#wildcards += 1;
    return `$${this.#wildcards - 1}`;
  }

  /** Names with dots, or in brackets as strings. */
  protected path(): readonly string[] {
    const names = [this.name()];
    for (;;) {
      if (this.is('.') && !this.peek().spaced) {
        this.take();
        if (this.peek().kind !== 'name') this.unexpected();
        names.push(this.take().text);
      } else if (this.is('[') && !this.peek().spaced) {
        this.take();
        if (this.peek().kind !== 'string') this.unexpected();
        names.push(this.take().text);
        this.expect(']');
      } else return names;
    }
  }

  /** One level further in. */
  protected deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.error(`terms nest at most ${MAX_DEPTH} deep`, this.peek().place);
    const result = work();
    this.#depth -= 1;
    return result;
  }

  /** From a place to the token before this one. */
  protected spanFrom(start: Span): Span {
    const { to, endLine } = this.peek(-1).place;
    return { ...start, to: Math.max(to, start.from), endLine: Math.max(endLine, start.line) };
  }

  /** How far ahead the bracket is that closes the one which is so far ahead. */
  protected closing(from = 0): number {
    let depth = 0;
    for (let ahead = from; ; ahead += 1) {
      const { kind, text } = this.peek(ahead);
      if (kind === 'end') return ahead;
      if (kind !== 'punctuation') continue;
      if (text === '(' || text === '[' || text === '{') depth += 1;
      if (text === ')' || text === ']' || text === '}') depth -= 1;
      if (depth === 0) return ahead;
    }
  }

  /** Refuse the next token. */
  protected unexpected(wanted?: string): never {
    const { text, place, kind } = this.peek();
    const found = kind === 'end' ? 'the end' : kind === 'template' ? 'a template' : JSON.stringify(text);
    throw this.error(
      wanted === undefined
        ? `unexpected ${kind === 'end' ? 'end' : found}`
        : `expected ${wanted}, found ${found}`,
      place,
    );
  }

  /** What is wrong, and where. */
  protected error(message: string, place: Span): RegoError {
    return new RegoError('ERR_REGO_PARSE', message, { place });
  }
}

const MAX_DEPTH = 300;
const RESERVED: ReadonlySet<string> = new Set([
  'as',
  'default',
  'else',
  'import',
  'not',
  'null',
  'package',
  'some',
  'true',
  'false',
  'with',
]);
