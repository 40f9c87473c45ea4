import type { Body, Expression, Span, Term } from '../ast.js';
import { written } from '../decimal.js';
import { Cursor, type Mark } from './cursor.js';
import type { Token } from './lexer.js';

/** Reads terms. */
export abstract class TermParser extends Cursor {
  /** Brackets that were read when a bar before them turned out to be a union: their terms, and where they end. */
  readonly #unions = new Map<Token, readonly [Term, Mark]>();
  #retries = 0;
  /** What a line begins with: there a keyword may be a name. */
  protected start: Token | undefined;

  /** Lines up to a closing bracket. */
  protected abstract body(end: string): Body;

  /** The line that is the rest of the tokens. */
  protected abstract single(): Expression;

  /** Operators, the loosest first: `in`, comparison, `|`, `&`, sum, product. In a list `k, v in xs` would be two items. */
  protected term(isItem = false): Term {
    return this.deeper(() => {
      const left = this.#operand(1);
      return this.#operators(0, (isItem ? undefined : this.#member(left)) ?? left);
    });
  }

  /** `k, v in xs` from the comma on. */
  #member(key: Term): Term | undefined {
    if (!this.is(',') || !this.isEnabled('in')) return undefined;
    const args = this.attempt(
      () => {
        this.take();
        const item = this.#operand(1);
        const isMember = this.isWord('in');
        if (isMember) this.take();
        return isMember ? [key, item, this.#operand(1)] : [];
      },
      ({ length }) => length > 0,
    );
    const path = ['internal', 'member_3'];
    return args && { kind: 'call', path, args, operator: 'in', place: this.spanFrom(key.place) };
  }

  /** A term of operators that bind at least so tightly; 1 leaves out `in`. Its first part may be read already. */
  #operand(level: number, first?: Term): Term {
    return level === LEVELS.length
      ? (first ?? this.#primary())
      : this.#operators(level, this.#operand(level + 1, first));
  }

  #operators(level: number, first: Term): Term {
    for (let left = first; ;) {
      const token = this.peek();
      const path = this.#operator(token, level);
      if (path === undefined) return left;
      this.take();
      const args = [left, this.#operand(level + 1)];
      left = { kind: 'call', path, args, operator: token.text, place: this.spanFrom(left.place) };
    }
  }

  #operator({ kind, text }: Token, level: number): readonly string[] | undefined {
    if (kind !== 'punctuation' && !this.isWord('in')) return undefined;
    return LEVELS[level]?.get(text);
  }

  #primary(): Term {
    const { place } = this.peek();
    if (!this.is('-')) return this.#suffixes(this.deeper(() => this.#atom()));
    this.take();
    const { kind, text } = this.peek();
    if (kind !== 'name' || !this.#isName(text) || this.isRegorus) return this.#number('-', place);
    const args: Term[] = [{ kind: 'scalar', value: 0, place }, this.#suffixes(this.#atom())];
    const path = ['internal', 'minus'];
    return { kind: 'call', path, args, operator: '-', place: this.spanFrom(place) };
  }

  #number(sign: string, place: Span): Term {
    const point = this.is('.') ? this.take().text : '';
    const { kind, text } = this.take();
    const all = sign + point + text;
    if (kind !== 'number' || !NUMBER.test(all))
      throw this.error(`${JSON.stringify(all)} is no number`, place);
    return { kind: 'scalar', value: written(all), place: this.spanFrom(place) };
  }

  #atom(): Term {
    const isNamed = this.isNamed();
    const token = this.peek();
    const { place, text, kind } = token;
    if (kind === 'number' || this.is('.')) return this.#number('', place);
    this.take();
    switch (kind) {
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
      const term = this.term();
      this.expect(')');
      return { ...term, place: this.spanFrom(place) };
    }
    if (text === '[' || text === '{') return this.#bracketed(token);
    throw this.error(`unexpected ${text}`, place);
  }

  #named(token: Token, isNamed: boolean): Term {
    const { text, place } = token;
    if (!isNamed || token !== this.start) {
      if (text === 'true' || text === 'false') return { kind: 'scalar', value: text === 'true', place };
      if (text === 'null') return { kind: 'scalar', value: null, place };
      if (text === 'set' && this.is('(') && this.is(')', 1)) {
        this.take();
        this.take();
        return { kind: 'set', items: [], place: this.spanFrom(place) };
      }
      if (!this.#isName(text)) throw this.error(`unexpected ${text}`, place);
    }
    return { kind: 'variable', name: text === '_' ? this.wildcard() : text, place };
  }

  /** Some keywords are names of functions too. */
  #isName(word: string): boolean {
    return word === 'contains' || !this.isReserved(word) || (this.is('(') && /^(?:and|or)$/.test(word));
  }

  #part(part: string | readonly Token[]): string | Expression {
    if (typeof part === 'string') return part;
    return this.within(part, () => {
      const line = this.single();
      if (line.what.kind !== 'term' || line.negated) throw this.error('a template has values', line.place);
      return line;
    });
  }

  #suffixes(atom: Term): Term {
    let term = atom;
    let path: Term[] = [];
    for (;;) {
      const { text, kind, spaced, place } = this.peek();
      if (kind !== 'punctuation' || spaced || !STEPS.includes(text)) break;
      if (term.kind === 'scalar' || term.kind === 'template') this.unexpected();
      if (text === '.') {
        this.take();
        const name = this.peek();
        if (name.spaced || name.kind !== 'name') this.unexpected();
        this.take();
        path.push({ kind: 'scalar', value: name.text, place: name.place });
      } else if (text === '[') {
        this.take();
        path.push(this.term());
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

  /** What is in brackets, which are read twice at most however many unions they are in. */
  #bracketed(token: Token): Term {
    const [known, after] = this.#unions.get(token) ?? [];
    if (known !== undefined && after !== undefined) {
      this.reset({ ...after, depth: this.mark().depth });
      return known;
    }
    const retries = this.#retries;
    try {
      const term: Term = {
        ...this.#collection(token.text === '[' ? ']' : '}'),
        place: this.spanFrom(token.place),
      };
      if (this.#retries > retries) this.#unions.set(token, [term, this.mark()]);
      return term;
    } catch (error) {
      this.fault = error;
      throw error;
    }
  }

  /** An array, a set, an object, or a comprehension of one. A comma may stand before the first item. */
  #collection(end: string): Unplaced {
    const of = end === ']' ? 'array' : 'set';
    if (this.is(end)) {
      this.take();
      return of === 'array' ? { kind: of, items: [] } : { kind: 'object', members: [] };
    }
    const isList = this.is(',');
    if (isList) this.take();
    const [first, body] = this.#first(end, isList);
    if (body !== undefined) return { kind: 'comprehension', of, item: first, body };
    if (of === 'array' || !this.is(':')) return { kind: of, items: this.list(end, [first]) };
    this.take();
    const [value, lines] = this.#first(end, isList);
    if (lines !== undefined)
      return { kind: 'comprehension', of: 'object', key: first, item: value, body: lines };
    const members: [Term, Term][] = [[first, value]];
    while (this.#goesOn(end)) {
      const key = this.term(true);
      this.expect(':');
      members.push([key, this.term(true)]);
    }
    return { kind: 'object', members };
  }

  /** An item, or the head of a comprehension and its body: a bar is a union only where a comma shows that it begins no body. */
  #first(end: string, isList: boolean): readonly [Term, Body?] {
    const head = this.#primary();
    const mark = this.mark();
    if (this.is('|') && !isList) {
      this.take();
      try {
        const body = this.body(end);
        this.take();
        return [head, body];
      } catch (error) {
        if (error === this.fault || !this.is(',')) throw error;
        this.reset(mark);
        this.#retries += 1;
      }
    }
    return [this.#operand(0, head)];
  }

  /** Terms with commas between, and the bracket that ends them. */
  protected list(end: string, items: Term[] = []): Term[] {
    if (items.length === 0) {
      if (this.is(end)) {
        this.take();
        return items;
      }
      items.push(this.term(true));
    }
    while (this.#goesOn(end)) items.push(this.term(true));
    return items;
  }

  /** Past a comma that another item follows, or past the bracket that ends them. */
  #goesOn(end: string): boolean {
    const isListed = this.is(',');
    if (isListed) this.take();
    if (isListed && !this.is(end)) return true;
    this.expect(end);
    return false;
  }
}

type Unplaced = Term extends infer T ? (T extends Term ? Omit<T, 'place'> : never) : never;

/** Whether a term is text. */
export function isText(term: Term): boolean {
  return term.kind === 'scalar' && typeof term.value === 'string';
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
/** What goes on with a term. */
const STEPS = '.[(';
const NUMBER = /^-?(?:(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?$/;
const MAX_PATH = 1000;
