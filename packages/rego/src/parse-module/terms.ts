import type { Body, Expression, Statement, Term, With } from '../ast.js';
import type { Value } from '../values.js';
import { isNumber } from '../values.js';
import { compareNodes } from './order.js';

/** A member of the tree, as JSON. */
export interface Node {
  readonly [name: string]: Json;
}

/** JSON, whose numbers are those of Rego. */
export type Json = Value | Node | readonly Json[];

/** A term that is its own value. */
export function scalar(value: Value): Node {
  if (value === null) return { type: 'null', value: {} };
  return { type: isNumber(value) ? 'number' : typeof value, value };
}

/** The parts of a reference that is all names. */
export function path([first = '', ...names]: readonly string[]): readonly Node[] {
  return [{ type: 'var', value: first }, ...names.map(scalar)];
}

/** Writes terms and lines. */
export class TermNodes {
  readonly #source: string;
  readonly #hasBodies: boolean;
  readonly #wildcards = new Map<string, number>();
  #count = 0;

  /** `hasBodies` is whether what is negated is a body, as by the keyword `not`. */
  constructor(source: string, hasBodies: boolean) {
    this.#source = source;
    this.#hasBodies = hasBodies;
  }

  /** The text between two offsets, without comments. */
  protected between(from: number, to: number): string {
    return this.#source.slice(from, to).replace(/#[^\n]*/g, '');
  }

  /** A body's lines. */
  protected body(body: Body): readonly Node[] {
    return body.map((line, index) => this.#line(line, index));
  }

  #line(line: Expression, index: number): Node {
    const { what, negated, withs } = line;
    const isBody = negated && what.kind !== 'body' && this.#hasBodies;
    const terms: Json = isBody
      ? { type: 'not', body: [this.#line({ ...line, negated: false, withs: [] }, 0)], explicit_body: false }
      : this.#statement(what, line);
    return {
      index,
      terms,
      ...(negated && !isBody && what.kind !== 'body' ? { negated: true } : {}),
      ...(withs.length === 0 ? {} : { with: withs.map((each) => this.#with(each)) }),
    };
  }

  #with({ target, value }: With): Node {
    return { target: named(target), value: this.term(value) };
  }

  #statement(what: Statement, { place }: Expression): Json {
    switch (what.kind) {
      case 'term':
        return what.term.kind === 'call' ? this.#call(what.term) : this.term(what.term);
      case 'unify':
        return [operator('eq'), this.term(what.left), this.term(what.right)];
      case 'assign':
        return [operator('assign'), this.term(what.left), this.term(what.right)];
      case 'some':
        return { symbols: what.names.map((name) => this.#name(name)) };
      case 'some-in': {
        const terms = [...(what.key === undefined ? [] : [what.key]), what.value, what.of];
        const member = { type: 'ref', value: path(['internal', `member_${terms.length}`]) };
        return { symbols: [{ type: 'call', value: [member, ...terms.map((each) => this.term(each))] }] };
      }
      case 'every':
        return {
          key: what.key === undefined ? null : this.#name(what.key),
          value: this.#name(what.value),
          domain: this.term(what.of),
          body: this.body(what.body),
        };
      case 'logic': {
        const { operator: type, left, right } = what;
        const [first, last, second] = [left[0]?.place.from, left.at(-1)?.place.to, right[0]?.place.from];
        return {
          type,
          lhs: this.body(left),
          rhs: this.body(right),
          ...(this.between(place.from, first ?? 0).includes('{') ? { explicit_lhs: true } : {}),
          ...(this.between(last ?? 0, second ?? 0).includes('{') ? { explicit_rhs: true } : {}),
        };
      }
      case 'body': {
        const isExplicit = this.between(place.from, what.body[0]?.place.from ?? 0).includes('{');
        return { type: 'not', body: this.body(what.body), explicit_body: isExplicit };
      }
    }
  }

  /** A term with its type. */
  protected term(term: Term): Node {
    switch (term.kind) {
      case 'scalar':
        return scalar(term.value);
      case 'variable':
        return ROOTS.has(term.name) ? named([term.name]) : this.variable(term);
      case 'reference':
        return {
          type: 'ref',
          value: [this.variable(term.head), ...term.path.map((each) => this.term(each))],
        };
      case 'array':
        return { type: 'array', value: term.items.map((each) => this.term(each)) };
      case 'set':
        return { type: 'set', value: sortedOnce(term.items.map((each) => this.term(each))) };
      case 'object': {
        const members = term.members.map(([key, value]) => [this.term(key), this.term(value)] as const);
        return { type: 'object', value: [...members].sort(([a], [b]) => compareNodes(a, b)) };
      }
      case 'comprehension': {
        const { of, item, body } = term;
        const value =
          of === 'object' ? { key: this.term(term.key), value: this.term(item) } : { term: this.term(item) };
        return { type: `${of}comprehension`, value: { ...value, body: this.body(body) } };
      }
      case 'call':
        return { type: 'call', value: this.#call(term) };
      case 'template':
        return { type: 'templatestring', value: this.#template(term) };
    }
  }

  /** A variable by its name, be it a root of documents; other terms as they are. */
  protected variable(term: Term): Node {
    if (term.kind !== 'variable') return this.term(term);
    return this.#name(term.name);
  }

  /** A variable by its name; one that is not written is a wildcard. */
  #name(name: string): Node {
    return { type: 'var', value: name.startsWith('$') ? this.#wildcard(name) : name };
  }

  /** They are counted in the order of the text. */
  #wildcard(name: string): string {
    const number = this.#wildcards.get(name) ?? this.#count++;
    this.#wildcards.set(name, number);
    return `$${number}`;
  }

  /** Count those which come again as others. */
  protected renewWildcards(): void {
    this.#wildcards.clear();
  }

  #call({ path: names, args, operator: sign }: Term & { kind: 'call' }): readonly Node[] {
    const [, name = ''] = names;
    const isSign = sign !== undefined && sign !== 'in';
    const callee = isSign ? operator(name) : { type: 'ref', value: path(names) };
    return [callee, ...args.map((each) => this.term(each))];
  }

  #template({ parts, place }: Term & { kind: 'template' }): Node {
    const nodes = parts.map((part) => {
      if (typeof part === 'string') return scalar(part);
      const { what, withs } = part;
      const isScalar = what.kind === 'term' && what.term.kind === 'scalar' && withs.length === 0;
      return isScalar ? this.term(what.term) : this.#line(part, 0);
    });
    const isRaw = this.#source.startsWith('$`', place.from);
    return { multi_line: isRaw, parts: nodes.length === 0 ? null : nodes };
  }
}

/** A reference, or a variable alone that is no root of documents. */
function named(names: readonly string[]): Node {
  const [first = ''] = names;
  if (names.length === 1 && !ROOTS.has(first)) return { type: 'var', value: first };
  return { type: 'ref', value: path(names) };
}

function operator(name: string): Node {
  return { type: 'ref', value: path([name]) };
}

function sortedOnce(nodes: readonly Node[]): readonly Node[] {
  const sorted = [...nodes].sort(compareNodes);
  return sorted.filter((node, index) => {
    const before = sorted[index - 1];
    return before === undefined || compareNodes(before, node) !== 0;
  });
}

const ROOTS: ReadonlySet<string> = new Set(['data', 'input']);
