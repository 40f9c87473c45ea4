/**
 * JMESPath expressions, parsed by the binding power of their symbols.
 *
 * @module
 */
import type { JsonValue } from '@sealwright/json';
import { badExpression, type Token, type TokenKind, tokensOf } from './tokens.js';

/** An expression. */
export type Expression =
  | { readonly kind: 'current' }
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly bounds: readonly (number | undefined)[] }
  | { readonly kind: 'then'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'each';
      readonly of: 'list' | 'values' | 'flattened';
      readonly left: Expression;
      readonly where: Expression | undefined;
      readonly right: Expression;
    }
  | { readonly kind: 'or' | 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'not'; readonly of: Expression }
  | {
      readonly kind: 'compare';
      readonly by: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Expression])[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'function'; readonly of: Expression };

/** How two values are compared. */
export type Comparison = (typeof COMPARISONS)[number];

/**
 * Parse an expression.
 *
 * @throws CosignError `ERR_COSIGN_POLICY`.
 */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokensOf(text));
  const expression = parser.expression(0);
  parser.expect('end');
  return expression;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  expression(power: number): Expression {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw badExpression(`nested more than ${MAX_DEPTH} deep`);
    let left = this.#prefix(this.#next());
    let length = 0;
    while (power < powerOf(this.#peek())) {
      left = this.#infix(this.#next(), left);
      length += 1;
      if (length > MAX_DEPTH) throw badExpression(`a chain of more than ${MAX_DEPTH}`);
    }
    this.#depth -= 1;
    return left;
  }

  expect(kind: TokenKind): Token {
    const token = this.#next();
    if (token.kind !== kind) throw unexpected(token, kind);
    return token;
  }

  #prefix(token: Token): Expression {
    const kind: string = token.kind;
    switch (kind) {
      case 'literal':
        return { kind: 'literal', value: token.value };
      case 'name':
      case 'quoted':
        return { kind: 'field', name: String(token.value) };
      case '@':
        return CURRENT;
      case '!':
        return { kind: 'not', of: this.expression(POWER.not) };
      case '&':
        return { kind: 'function', of: this.expression(0) };
      case '(': {
        const inner = this.expression(0);
        this.expect(')');
        return inner;
      }
      case '{':
        return this.#members();
      case '*':
        return this.#each('values', CURRENT);
      case '[?':
        return this.#filter(CURRENT);
      case '[]':
        return this.#each('flattened', CURRENT);
      case '[':
        return this.#isIndex() ? this.#index(CURRENT) : this.#items();
      default:
        throw unexpected(token, 'an expression');
    }
  }

  #infix(token: Token, left: Expression): Expression {
    const comparison = COMPARISONS.find((each) => each === token.kind);
    if (comparison !== undefined)
      return { kind: 'compare', by: comparison, left, right: this.expression(POWER.compare) };
    const kind: string = token.kind;
    switch (kind) {
      case '.':
        if (this.#peek().kind !== '*') return { kind: 'then', left, right: this.#afterDot(POWER.dot) };
        this.#next();
        return this.#each('values', left);
      case '|':
        return { kind: 'then', left, right: this.expression(POWER.pipe) };
      case '||':
        return { kind: 'or', left, right: this.expression(POWER.or) };
      case '&&':
        return { kind: 'and', left, right: this.expression(POWER.and) };
      case '[?':
        return this.#filter(left);
      case '[]':
        return this.#each('flattened', left);
      case '[':
        if (!this.#isIndex()) throw unexpected(this.#peek(), 'an index');
        return this.#index(left);
      case '(':
        if (left.kind !== 'field') throw unexpected(token, 'the name of a function in front of it');
        return { kind: 'call', name: left.name, args: this.#until(')', () => this.expression(0)) };
      default:
        throw unexpected(token, 'an operator');
    }
  }

  #each(of: 'list' | 'values' | 'flattened', left: Expression): Expression {
    const power = of === 'flattened' ? POWER.flatten : POWER.star;
    const right = this.#peek().kind === ']' ? CURRENT : this.#projected(power);
    return { kind: 'each', of, left, where: undefined, right };
  }

  #filter(left: Expression): Expression {
    const where = this.expression(0);
    this.expect(']');
    const right = this.#peek().kind === '[]' ? CURRENT : this.#projected(POWER.filter);
    return { kind: 'each', of: 'list', left, where, right };
  }

  /** What is done to each item. */
  #projected(power: number): Expression {
    const token = this.#peek();
    if (powerOf(token) < POWER.projection) return CURRENT;
    if (token.kind === '[' || token.kind === '[?') return this.expression(power);
    this.expect('.');
    return this.#afterDot(power);
  }

  #afterDot(power: number): Expression {
    const { kind } = this.#peek();
    if (kind === 'name' || kind === 'quoted' || kind === '*') return this.expression(power);
    const token = this.#next();
    if (token.kind === '[') return this.#items();
    if (token.kind === '{') return this.#members();
    throw unexpected(token, 'a name');
  }

  #isIndex(): boolean {
    const { kind } = this.#peek();
    return kind === 'number' || kind === ':' || (kind === '*' && this.#tokens[this.#at + 1]?.kind === ']');
  }

  #index(left: Expression): Expression {
    if (this.#peek().kind === '*') {
      this.#next();
      this.expect(']');
      return { kind: 'each', of: 'list', left, where: undefined, right: this.#projected(POWER.star) };
    }
    const bounds: (number | undefined)[] = [undefined];
    for (let token = this.#next(); token.kind !== ']'; token = this.#next()) {
      if (token.kind === ':' && bounds.length < 3) bounds.push(undefined);
      else if (token.kind === 'number' && bounds.at(-1) === undefined)
        bounds[bounds.length - 1] = Number(token.value);
      else throw unexpected(token, ']');
    }
    const [index = 0] = bounds;
    if (bounds.length === 1) return { kind: 'then', left, right: { kind: 'index', index } };
    const sliced: Expression = { kind: 'then', left, right: { kind: 'slice', bounds } };
    return { kind: 'each', of: 'list', left: sliced, where: undefined, right: this.#projected(POWER.star) };
  }

  #items(): Expression {
    const items = this.#until(']', () => this.expression(0));
    if (items.length === 0) throw unexpected(this.#peek(), 'an item');
    return { kind: 'list', items };
  }

  #members(): Expression {
    const members = this.#until('}', (): readonly [string, Expression] => {
      const name = this.#next();
      if (name.kind !== 'name' && name.kind !== 'quoted') throw unexpected(name, 'a name');
      this.expect(':');
      return [String(name.value), this.expression(0)];
    });
    if (members.length === 0) throw unexpected(this.#peek(), 'a name');
    return { kind: 'object', members };
  }

  /** What stands between commas. */
  #until<T>(end: TokenKind, read: () => T): readonly T[] {
    const found: T[] = [];
    while (this.#peek().kind !== end) {
      found.push(read());
      if (this.#peek().kind === end) break;
      this.expect(',');
      if (this.#peek().kind === end) throw unexpected(this.#peek(), 'another one');
    }
    this.expect(end);
    return found;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? END;
  }

  #next(): Token {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }
}

function powerOf({ kind }: Token): number {
  return POWERS[kind] ?? 0;
}

function unexpected({ kind, at }: Token, expected: string): Error {
  return badExpression(`expected ${expected} at ${at}, found ${kind}`);
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
const END: Token = { kind: 'end', value: null, at: 0 };
const CURRENT: Expression = { kind: 'current' };
const POWER = {
  pipe: 1,
  or: 2,
  and: 3,
  compare: 5,
  flatten: 9,
  /** What binds less than this ends a projection. */
  projection: 10,
  star: 20,
  filter: 21,
  dot: 40,
  not: 45,
} as const;
const POWERS: Readonly<Partial<Record<TokenKind, number>>> = {
  '|': POWER.pipe,
  '||': POWER.or,
  '&&': POWER.and,
  ...Object.fromEntries(COMPARISONS.map((each) => [each, POWER.compare])),
  '[]': POWER.flatten,
  '[?': POWER.filter,
  '.': POWER.dot,
  '[': 55,
  '(': 60,
};
const MAX_DEPTH = 100;
