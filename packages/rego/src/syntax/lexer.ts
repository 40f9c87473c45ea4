import type { Comment, Span } from '../ast.js';
import { RegoError } from '../errors.js';

/** What a token is. */
export type TokenKind = 'name' | 'number' | 'string' | 'template' | 'punctuation' | 'end';

/** A piece of a policy's text. */
export interface Token {
  readonly kind: TokenKind;
  /** The name or punctuation; the text of a number; the value of a string. */
  readonly text: string;
  readonly place: Span;
  /** Whether a line ended before it. */
  readonly afterNewline: boolean;
  /** Whether white space or a comment is before it. */
  readonly spaced: boolean;
  /** Text and tokens between it, of a template. */
  readonly parts?: readonly (string | readonly Token[])[];
}

/** Take a policy's text apart. */
export function tokenize(
  source: string,
  file: string,
): { readonly tokens: readonly Token[]; readonly comments: readonly Comment[] } {
  const lexer = new Lexer(source, file);
  return { tokens: lexer.tokens(false), comments: lexer.comments };
}

class Lexer {
  readonly comments: Comment[] = [];
  readonly #source: string;
  readonly #file: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #depth = 0;

  constructor(source: string, file: string) {
    this.#source = source;
    this.#file = file;
  }

  /** All tokens up to the end; within a template up to the brace that closes its expression. */
  tokens(inTemplate: boolean): readonly Token[] {
    const tokens: Token[] = [];
    let afterNewline = !inTemplate;
    let spaced = true;
    let braces = 0;
    for (;;) {
      const before = this.#at;
      const line = this.#line;
      this.#skip();
      if (this.#at > before) spaced = true;
      if (this.#line > line) afterNewline = true;
      const character = this.#source.charAt(this.#at);
      if (character === '' || (inTemplate && character === '}' && braces === 0)) {
        if (inTemplate && character === '') throw this.#fail('an expression in a template ends with a brace');
        const place = this.#span(this.#at, this.#line, this.#lineStart);
        tokens.push({ kind: 'end', text: '', place, afterNewline, spaced });
        return tokens;
      }
      if (character === '{') braces += 1;
      if (character === '}') braces -= 1;
      tokens.push({ ...this.#token(character), afterNewline, spaced });
      afterNewline = false;
      spaced = false;
    }
  }

  #skip(): void {
    for (;;) {
      const code = this.#source.charCodeAt(this.#at);
      if (code === 0x0a) {
        this.#at += 1;
        this.#newline();
      } else if (code === 0x20 || code === 0x09 || code === 0x0d) this.#at += 1;
      else if (code === 0x23) {
        const newline = this.#source.indexOf('\n', this.#at);
        const [from, to] = [this.#at, newline < 0 ? this.#source.length : newline];
        this.#at = to;
        const text = this.#source.slice(from + 1, to).replace(/\r$/, '');
        this.comments.push({ text, place: this.#span(from, this.#line, this.#lineStart) });
      } else return;
    }
  }

  #newline(): void {
    this.#line += 1;
    this.#lineStart = this.#at;
  }

  #token(character: string): Pick<Token, 'kind' | 'text' | 'place' | 'parts'> {
    const [from, line, lineStart] = [this.#at, this.#line, this.#lineStart];
    const made = (kind: TokenKind, text: string): Pick<Token, 'kind' | 'text' | 'place'> => ({
      kind,
      text,
      place: this.#span(from, line, lineStart),
    });
    if (character === '"') {
      this.#at = this.#endOfString();
      return made('string', this.#unquoted(this.#source.slice(from + 1, this.#at - 1)));
    }
    if (character === '`') {
      this.#at += 1;
      return made('string', this.#raw());
    }
    if (character === '$') {
      const quote = this.#source.charAt(this.#at + 1);
      if (quote !== '"' && quote !== '`') throw this.#fail('unexpected character "$"');
      this.#at += 2;
      const parts = this.#template(quote);
      return { ...made('template', ''), parts };
    }
    WORD.lastIndex = from;
    const [word] = WORD.exec(this.#source) ?? [];
    if (word !== undefined) {
      this.#at += word.length;
      return made(/[0-9]/.test(character) ? 'number' : 'name', word);
    }
    const two = this.#source.slice(this.#at, this.#at + 2);
    const text = PAIRS.has(two) ? two : character;
    if (text === character && !SINGLES.includes(character))
      throw this.#fail(`unexpected character ${JSON.stringify(character)}`);
    this.#at += text.length;
    return made('punctuation', text);
  }

  #endOfString(): number {
    for (let at = this.#at + 1; at < this.#source.length; at += 1) {
      const character = this.#source.charAt(at);
      if (character === '"') return at + 1;
      if (character === '\n') break;
      if (character === '\\') at += 1;
    }
    throw this.#fail('a string ends on the line that it begins on');
  }

  /** A string without escapes is taken as it is. */
  #unquoted(text: string): string {
    if (!text.includes('\\')) return text;
    try {
      const value: unknown = JSON.parse(`"${text}"`);
      return String(value).replaceAll(/\p{Surrogate}/gu, '\ufffd');
    } catch (cause) {
      throw this.#fail('a string has the escapes of JSON', cause);
    }
  }

  #raw(): string {
    const end = this.#source.indexOf('`', this.#at);
    if (end < 0) throw this.#fail('a raw string ends with a backtick');
    const value = this.#source.slice(this.#at, end);
    this.#lines(this.#at, end);
    this.#at = end + 1;
    return value;
  }

  #lines(from: number, to: number): void {
    for (
      let at = this.#source.indexOf('\n', from);
      at >= 0 && at < to;
      at = this.#source.indexOf('\n', at + 1)
    ) {
      this.#line += 1;
      this.#lineStart = at + 1;
    }
  }

  /** What follows the opening quote of a template. */
  #template(quote: string): (string | readonly Token[])[] {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#fail(`templates nest at most ${MAX_DEPTH} deep`);
    const parts: (string | readonly Token[])[] = [];
    let text = '';
    const flush = (): void => {
      if (text !== '') parts.push(quote === '"' ? this.#unquoted(text) : text);
      text = '';
    };
    for (;;) {
      const character = this.#source.charAt(this.#at);
      if (character === '' || (quote === '"' && character === '\n'))
        throw this.#fail(
          quote === '"' ? 'a string ends on the line that it begins on' : 'a raw string ends with a backtick',
        );
      this.#at += 1;
      if (character === '\n') this.#newline();
      if (character === quote) break;
      const next = this.#source.charAt(this.#at);
      if (character === '\\' && (next === '{' || quote === '"')) {
        this.#at += 1;
        text += next === '{' ? '{' : `\\${next}`;
      } else if (character === '{') {
        flush();
        parts.push(this.tokens(true));
        this.#at += 1;
      } else text += character;
    }
    flush();
    this.#depth -= 1;
    return parts;
  }

  #span(from: number, line: number, lineStart: number): Span {
    return { file: this.#file, line, column: from - lineStart + 1, from, to: this.#at, endLine: this.#line };
  }

  #fail(message: string, cause?: unknown): RegoError {
    const place = { file: this.#file, line: this.#line, column: this.#at - this.#lineStart + 1 };
    return new RegoError('ERR_REGO_PARSE', message, { place, cause });
  }
}

/** A name, or a number without its sign and what is before a leading point. */
const WORD = /[A-Za-z_][\w\p{Nd}]*|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w\p{Nd}])/uy;
const PAIRS: ReadonlySet<string> = new Set([':=', '==', '!=', '<=', '>=']);
const SINGLES = '=<>+-*/%&|()[]{}.,:;';
const MAX_DEPTH = 50;
