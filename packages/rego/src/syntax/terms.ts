import type { Body, Expression, Span, Term } from '../ast.js';
import { negated, written } from '../decimal.js';
import { RegoError } from '../errors.js';
import { isNumber, type Value } from '../values.js';
import { Cursor } from './cursor.js';
import type { Token } from './lexer.js';

/** Reads terms. */
export abstract class TermParser extends Cursor {
  /** Whether `k, v in xs` may stand here: only in parentheses and comprehensions. */
  #allowPair = false;

  /** Lines up to a closing bracket. */
  protected abstract body(end: string): Body;

  /** The line that is the rest of the tokens. */
  protected abstract single(): Expression;

  /** Operators, the loosest first: `in`, comparison, `|`, `&`, sum, product. */
  protected term(): Term {
    return this.deeper(() => {
      const left = this.operand(0);
      if (!this.#allowPair || !this.is(',') || !this.isEnabled('in')) return left;
      const mark = this.mark();
      this.take();
      const item = this.operand(1);
      if (!this.isWord('in')) {
        this.reset(mark);
        return left;
      }
      this.take();
      let whole = this.#member(['internal', 'member_3'], [left, item, this.operand(1)], left);
      while (this.isWord('in')) {
        this.take();
        whole = this.#member(['internal', 'member_2'], [whole, this.operand(1)], left);
      }
      return whole;
    });
  }

  #member(path: readonly string[], args: readonly Term[], { place }: Term): Term {
    return { kind: 'call', path, args, operator: 'in', place: this.spanFrom(place) };
  }

  /** A term of operators that bind at least so tightly; 1 leaves out `in`. */
  protected operand(level: number, isHead = false): Term {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#primary();
    let left = this.operand(level + 1, isHead);
    for (;;) {
      const token = this.peek();
      const path = this.#operator(token, operators);
      if (path === undefined || (isHead && token.text === '|')) return left;

      this.take();
      const args = [left, this.operand(level + 1, isHead)];
      left = { kind: 'call', path, args, operator: token.text, place: this.spanFrom(left.place) };
    }
  }

  #operator(token: Token, operators: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
    if (token.kind === 'punctuation') return operators.get(token.text);
    return token.text === 'in' && this.isWord('in') ? operators.get('in') : undefined;
  }

  #primary(): Term {
    const { place } = this.peek();
    if (!this.is('-')) return this.#suffixes(this.deeper(() => this.#atom()));
    this.take();
    const token = this.take();
    if (token.kind !== 'number') throw this.error('a minus stands before a number, or between two', place);
    return { kind: 'scalar', value: negative(numberOf(token)), place: this.spanFrom(place) };
  }

  #atom(): Term {
    const isNamed = this.isNamed();
    const token = this.take();
    const { place, text } = token;
    switch (token.kind) {
      case 'number':
        return { kind: 'scalar', value: numberOf(token), place };
      case 'string':
        return { kind: 'scalar', value: text, place };
      case 'template':
        return { kind: 'template', parts: (token.parts ?? []).map((part) => this.#part(part)), place };
      case 'name':
        return this.#named(token, isNamed);
      case 'end':
        throw this.error('the text ends too early', place);
      case 'punctuation':
    }
    if (text === '(') {
      const term = this.paired(true, () => this.term());
      this.expect(')');
      return { ...term, place: this.spanFrom(place) };
    }
    if (text === '[') return this.#arrayOrComprehension(place);
    if (text === '{') return this.#braces(place);
    throw this.error(`unexpected ${text}`, place);
  }

  #named({ text, place }: Token, isNamed: boolean): Term {
    if (!isNamed) {
      if (text === 'true' || text === 'false') return { kind: 'scalar', value: text === 'true', place };
      if (text === 'null') return { kind: 'scalar', value: null, place };
      if (text === 'set' && this.is('(') && this.is(')', 1)) {
        this.take();
        this.take();
        return { kind: 'set', items: [], place: this.spanFrom(place) };
      }
      if (this.isReserved(text)) throw this.error(`unexpected ${text}`, place);
    }
    return { kind: 'variable', name: text === '_' ? this.wildcard() : text, place };
  }

  #part(part: string | readonly Token[]): string | Expression {
    if (typeof part === 'string') return part;
    return this.within(part, () => {
      const line = this.single();
      if (line.what.kind !== 'term' || line.negated) throw this.error('a template has values', line.place);
      return line;
    });
  }

  /** Work in a place where `k, v in xs` may stand, or may not. */
  protected paired<T>(allow: boolean, work: () => T): T {
    const before = this.#allowPair;
    this.#allowPair = allow;
    try {
      return work();
    } finally {
      this.#allowPair = before;
    }
  }

  #suffixes(atom: Term): Term {
    let term = atom;
    let path: Term[] = [];
    for (;;) {
      const { text, kind, spaced, place } = this.peek();
      if (kind !== 'punctuation' || spaced) break;
      if (text === '.') {
        this.take();
        const name = this.peek();
        if (name.spaced || name.kind !== 'name') this.unexpected();
        this.take();
        path.push({ kind: 'scalar', value: name.text, place: name.place });
      } else if (text === '[') {
        this.take();
        path.push(this.paired(false, () => this.term()));
        this.expect(']');
      } else if (text === '(' && atom.kind === 'variable' && term === atom && path.every(isText)) {
        const names = path.map((each) => (each.kind === 'scalar' ? String(each.value) : ''));
        this.take();
        const args = this.list(')');
        term = { kind: 'call', path: [atom.name, ...names], args, place: this.spanFrom(atom.place) };
        path = [];
      } else break;
      if (path.length > MAX_PATH) throw this.error('a reference is too long', place);
    }
    if (path.length === 0) return term;
    return { kind: 'reference', head: term, path, place: this.spanFrom(atom.place) };
  }

  #arrayOrComprehension(place: Span): Term {
    if (this.is(']')) {
      this.take();
      return { kind: 'array', items: [], place: this.spanFrom(place) };
    }
    if (this.#isComprehension(']')) {
      const item = this.#head();
      const body = this.#comprehensionBody(']');
      return { kind: 'comprehension', of: 'array', item, body, place: this.spanFrom(place) };
    }
    return { kind: 'array', items: this.list(']'), place: this.spanFrom(place) };
  }

  /** A set, an object, or a comprehension of either. */
  #braces(place: Span): Term {
    if (this.is('}')) {
      this.take();
      return { kind: 'object', members: [], place: this.spanFrom(place) };
    }
    if (this.#isComprehension('}')) {
      const item = this.#head();
      if (!this.is(':')) {
        const body = this.#comprehensionBody('}');
        return { kind: 'comprehension', of: 'set', item, body, place: this.spanFrom(place) };
      }
      this.take();
      const value = this.#head();
      const body = this.#comprehensionBody('}');
      return {
        kind: 'comprehension',
        of: 'object',
        key: item,
        item: value,
        body,
        place: this.spanFrom(place),
      };
    }
    const first = this.paired(false, () => this.term());
    if (!this.is(':')) return { kind: 'set', items: this.#listFrom(first, '}'), place: this.spanFrom(place) };
    const members: [Term, Term][] = [];
    for (let key = first; ; key = this.paired(false, () => this.term())) {
      this.expect(':');
      members.push([key, this.paired(false, () => this.term())]);
      if (this.is(',')) this.take();
      else if (!this.is('}')) this.unexpected();
      if (this.is('}')) break;
    }
    this.take();
    return { kind: 'object', members, place: this.spanFrom(place) };
  }

  /** What stands before the bar, where `|` is no union. */
  #head(): Term {
    return this.deeper(() => this.paired(false, () => this.operand(0, true)));
  }

  #comprehensionBody(end: string): Body {
    this.expect('|');
    const { place } = this.peek();
    const body = this.paired(false, () => this.body(end));
    if (body.length === 0) throw this.error('a comprehension has a body', place);
    this.expect(end);
    return body;
  }

  /** Whether a bar on this level begins a body: it does unless a comma shows that it is a union in a list. */
  #isComprehension(end: string): boolean {
    const isGrouped = this.is('(');
    let [bar, declares, operator, commas, member] = [false, false, false, 0, false];
    for (let ahead = 0; ; ahead += 1) {
      const { kind, text, afterNewline } = this.peek(ahead);
      if (kind === 'end' || (kind === 'punctuation' && (text === end || CLOSING.has(text)))) break;
      if (bar && afterNewline) declares = false;
      if (kind === 'name' && bar) {
        if (text === 'some' || text === 'every') declares = true;
        if (commas === 1 && this.isWord('in', ahead)) member = true;
      }
      if (kind !== 'punctuation') continue;
      if (text === '(' || text === '[' || text === '{') ahead = Math.max(ahead, this.closing(ahead));
      else if (text === '|') bar = true;
      else if (bar && (text === ';' || text === ':=')) return true;
      else if (text === ',' && !bar) return false;
      else if (text === ',' && !declares) commas += 1;
      else if (!bar && text !== ':' && text !== '.') operator = true;
    }
    return bar && (commas === 0 || (commas === 1 && member && (isGrouped || !operator)));
  }

  /** Terms with commas between, and the bracket that ends them. */
  protected list(end: string): Term[] {
    if (this.is(end)) {
      this.take();
      return [];
    }
    return this.#listFrom(
      this.paired(false, () => this.term()),
      end,
    );
  }

  #listFrom(first: Term, end: string): Term[] {
    const items = [first];
    for (;;) {
      if (this.is(',')) this.take();
      else if (!this.is(end)) this.unexpected(end);
      if (this.is(end)) break;
      items.push(this.paired(false, () => this.term()));
    }
    this.take();
    return items;
  }
}

/** Whether a term is text. */
export function isText(term: Term): boolean {
  return term.kind === 'scalar' && typeof term.value === 'string';
}

function numberOf({ text, place }: Token): Value {
  const value = written(text);
  if (value === Number.POSITIVE_INFINITY)
    throw new RegoError('ERR_REGO_PARSE', 'the number is out of range', { place });
  return value;
}

function negative(value: Value): Value {
  return isNumber(value) ? negated(value) : value;
}

function internal(names: Readonly<Record<string, string>>): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(names).map(([sign, name]) => [sign, ['internal', name]]));
}

const LEVELS: readonly ReadonlyMap<string, readonly string[]>[] = [
  internal({ in: 'member_2' }),
  internal({ '==': 'equal', '!=': 'neq', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' }),
  internal({ '|': 'or' }),
  internal({ '&': 'and' }),
  internal({ '+': 'plus', '-': 'minus' }),
  internal({ '*': 'mul', '/': 'div', '%': 'rem' }),
];
const CLOSING: ReadonlySet<string> = new Set([')', ']', '}']);
const MAX_PATH = 1000;
