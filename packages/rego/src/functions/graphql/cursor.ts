import { BuiltinFault } from '../../builtins/builtin.js';
import { RegoObject, type Value } from '../../values.js';
import { type GraphToken, graphTokens } from './lexer.js';

/** Members with a value; empty lists are left out. */
export function node(members: Readonly<Record<string, Value | undefined>>): RegoObject {
  return new RegoObject(
    Object.entries(members).flatMap(([name, value]): [Value, Value][] =>
      value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [[name, value]],
    ),
  );
}

/** Where a parser stands in the tokens of a document. */
export class GraphCursor {
  readonly #tokens: readonly GraphToken[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#tokens = graphTokens(source);
  }

  /** Nothing, or one and more in brackets. */
  protected some(open: string, close: string, item: () => Value): Value[] {
    if (!this.is(open)) return [];
    const found = this.any(open, close, item);
    if (found.length > 0) return found;
    const before = this.#tokens[this.#at - 1] ?? this.peek;
    throw fault(`expected at least one definition, found ${before.text}`, before);
  }

  /** As many as there are, in brackets. */
  protected any(open: string, close: string, item: () => Value): Value[] {
    this.expect(open);
    const found: Value[] = [];
    while (!this.skip(close)) found.push(item());
    return found;
  }

  /** Work one level further in. */
  protected deeper<T>(work: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw fault('the document nests too deep', this.peek);
    const result = work();
    this.#depth -= 1;
    return result;
  }

  /** The next token. */
  protected get peek(): GraphToken {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)];
    if (token === undefined) throw new TypeError('there is always a last token');
    return token;
  }

  /** The next token, and on. */
  protected take(): GraphToken {
    const token = this.peek;
    this.#at += 1;
    return token;
  }

  /** Whether a punctuation is next. */
  protected is(text: string): boolean {
    return this.peek.kind === 'punctuation' && this.peek.text === text;
  }

  /** Past a punctuation, if it is next. */
  protected skip(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  /** Past a punctuation, which must be next. */
  protected expect(text: string): void {
    if (!this.skip(text)) throw this.expected(text);
  }

  /** Past a name, which must be next. */
  protected name(): string {
    if (this.peek.kind !== 'name') throw this.expected('Name');
    return this.take().text;
  }

  /** Past a certain name, which must be next. */
  protected keyword(word: string): void {
    if (this.peek.kind !== 'name' || this.peek.text !== word) throw this.expected(JSON.stringify(word));
    this.take();
  }

  /** The fault of what is not next. */
  protected expected(what: string): BuiltinFault {
    return fault(`Expected ${what}, found ${shown(this.peek)}`, this.peek);
  }

  /** The fault of what is next. */
  protected unexpected(): BuiltinFault {
    return this.unexpectedAt(this.peek);
  }

  /** The fault of a token that has no place there. */
  protected unexpectedAt(token: GraphToken): BuiltinFault {
    return fault(`Unexpected ${shown(token)}`, token);
  }
}

function fault(message: string, { line, column }: GraphToken): BuiltinFault {
  return new BuiltinFault(`${message} in GraphQL string at location ${line}:${column}`);
}

function shown({ kind, text }: GraphToken): string {
  if (kind === 'end') return '<EOF>';
  if (kind === 'invalid') return '<Invalid>';
  if (kind === 'punctuation') return text;
  const names = { name: 'Name', string: 'String', block: 'BlockString', int: 'Int', float: 'Float' };
  return `${names[kind]} ${JSON.stringify(text)}`;
}

const MAX_DEPTH = 200;
