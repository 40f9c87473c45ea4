import type { Body, Expression, Span, Statement, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import { TermParser } from './terms.js';

/** Reads lines and bodies. */
export class BodyParser extends TermParser {
  /** Lines with `;` or line ends between, up to a bracket or to the end. */
  protected body(end: string): Body {
    const body: Expression[] = [];
    for (;;) {
      body.push(this.expression());
      if (this.is(';')) this.take();
      else if (this.peek().kind === 'end' || this.is(end)) return body;
      else if (!this.peek().afterNewline) this.unexpected();
    }
  }

  protected single(): Expression {
    const line = this.expression();
    if (this.peek().kind !== 'end') this.unexpected();
    return line;
  }

  /** A body in braces, or one line, which may begin with a brace too unless it is a set alone. */
  protected bodyAfterIf(): { readonly body: Body; readonly hasBraces: boolean } {
    if (!this.is('{')) return { body: [this.expression()], hasBraces: false };
    const mark = this.mark();
    try {
      const line = this.expression();
      if (line.what.kind !== 'term' || line.what.term.kind !== 'set')
        return { body: [line], hasBraces: false };
    } catch (error) {
      if (!(error instanceof RegoError)) throw error; // lines are no value
    }
    this.reset(mark);
    return { body: this.braced(), hasBraces: true };
  }

  /** Lines in braces. */
  protected braced(): Body {
    this.expect('{');
    if (this.is('}')) throw this.error('a body has an expression', this.peek().place);
    const body = this.body('}');
    this.expect('}');
    return body;
  }

  /** One line. */
  protected expression(): Expression {
    return this.deeper(() => {
      this.start = this.peek();
      const { place } = this.start;
      const line = this.#disjunction();
      const withs: Expression['withs'][number][] = [];
      while (this.is('with') && !this.isNamed() && line.what.kind !== 'some') {
        const start = this.take().place;
        const target = this.path();
        this.expect('as');
        withs.push({ target, value: this.term(), place: this.spanFrom(start) });
      }
      return { ...line, withs: [...line.withs, ...withs], place: this.spanFrom(place) };
    });
  }

  #disjunction(): Expression {
    return this.#chain('or', () => this.#chain('and', () => this.#operand()));
  }

  #chain(operator: 'and' | 'or', operand: () => Expression): Expression {
    const { place } = this.peek();
    let left = operand();
    while (this.isWord(operator)) {
      this.take();
      const right = operand();
      left = this.#line({ kind: 'logic', operator, left: bodyOf(left), right: bodyOf(right) }, place);
    }
    return left;
  }

  #line(what: Statement, place: Span, isNegated = false): Expression {
    return { negated: isNegated, what, withs: [], place: this.spanFrom(place) };
  }

  #operand(): Expression {
    const { place } = this.peek();
    if (!this.is('not') || this.isNamed()) return this.#plain(place);
    this.take();
    if (this.is('some') || this.isWord('every')) this.unexpected();
    if (this.isEnabled('not') && this.is('{'))
      return this.#line({ kind: 'body', body: this.braced() }, place, true);
    const inner = this.#plain(this.peek().place);
    if (inner.what.kind === 'logic') return this.#line({ kind: 'body', body: [inner] }, place, true);
    return { ...inner, negated: true, place: this.spanFrom(place) };
  }

  #plain(place: Span): Expression {
    const logic = this.isEnabled('and') || this.isEnabled('or');
    if (logic && this.is('{') && this.#isOperandBody())
      return this.#line({ kind: 'body', body: this.braced() }, place);
    if (logic && this.is('(') && this.#isGroup()) {
      this.take();
      const inner = this.expression();
      this.expect(')');
      return { ...inner, place: this.spanFrom(place) };
    }
    return this.#line(this.#statement(), place);
  }

  /** Whether braces hold the lines of an operand: beside `and` and `or`. */
  #isOperandBody(): boolean {
    const after = this.closing() + 1;
    return ['and', 'or'].some((word) => this.isWord(word, after) || this.isWord(word, -1));
  }

  /** Whether parentheses hold `and` or `or`, which no term has. */
  #isGroup(): boolean {
    const end = this.closing();
    for (let ahead = 1; ahead < end; ahead += 1) {
      if (this.is('[', ahead) || this.is('{', ahead)) ahead = this.closing(ahead);
      else if (this.isWord('and', ahead) || this.isWord('or', ahead)) return true;
      else if (this.is('with', ahead) && !this.isNamed(ahead)) return true;
    }
    return false;
  }

  #statement(): Statement {
    if (this.is('some') && !this.isNamed()) return this.#some();
    if (this.isWord('every')) return this.#every();
    const left = this.term();
    if (!this.is(':=') && !this.is('=')) return { kind: 'term', term: left };
    const kind = this.take().text === '=' ? 'unify' : 'assign';
    return { kind, left, right: this.term() };
  }

  #some(): Statement {
    this.take();
    const term = this.attempt(
      () => this.term(),
      ({ kind }) => kind === 'call',
    );
    if (term !== undefined) return { kind: 'some-in', ...this.#members(term) };
    const names: string[] = [];
    do {
      if (names.length > 0) this.take();
      const { text, place } = this.peek();
      if (this.isReserved(text)) throw this.error('some declares variables', place);
      names.push(this.name());
    } while (this.is(','));
    return { kind: 'some', names };
  }

  /** `k, v in xs`. */
  #members(term: Term): { readonly key: Term | undefined; readonly value: Term; readonly of: Term } {
    const [of, value, key] = term.kind === 'call' && term.operator === 'in' ? [...term.args].reverse() : [];
    if (of === undefined || value === undefined)
      throw this.error('expected one or two terms, and in what', term.place);
    return { key, value, of };
  }

  #every(): Statement {
    const { place } = this.take();
    const { key, value, of } = this.#members(this.term());
    if (value.kind !== 'variable' || (key !== undefined && key.kind !== 'variable'))
      throw this.error('every declares variables', place);
    return { kind: 'every', key: key?.name, value: value.name, of, body: this.braced() };
  }
}

/** Braces beside `and` and `or` are a body themselves. */
function bodyOf(line: Expression): Body {
  return line.what.kind === 'body' && !line.negated && line.withs.length === 0 ? line.what.body : [line];
}
