import type { Body, Expression, Span, Statement, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import { TermParser } from './terms.js';

/** Reads lines and bodies. */
export class BodyParser extends TermParser {
  /** Lines with `;` or line ends between, up to a bracket or to the end. */
  protected body(end: string): Body {
    const body: Expression[] = [];
    const ended = (): boolean => this.peek().kind === 'end' || (end !== '' && this.is(end));
    while (!ended()) {
      body.push(this.expression());
      if (this.is(';')) this.take();
      else if (!ended() && !this.peek().afterNewline) this.unexpected();
    }
    return body;
  }

  protected single(): Expression {
    const line = this.expression();
    if (this.peek().kind !== 'end') this.unexpected();
    return line;
  }

  /** A body in braces, or one line, which may begin with a brace too. */
  protected bodyAfterIf(): { readonly body: Body; readonly hasBraces: boolean } {
    if (!this.is('{') || this.#followsOperator(this.closing()))
      return { body: [this.expression()], hasBraces: false };
    const mark = this.mark();
    try {
      return { body: this.braced(), hasBraces: true };
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      this.reset(mark);
      try {
        return { body: [this.expression()], hasBraces: false };
      } catch {
        throw error;
      }
    }
  }

  /** Lines in braces. */
  protected braced(): Body {
    const { place } = this.expect('{');
    const body = this.body('}');
    this.expect('}');
    if (body.length === 0) throw this.error('a body has an expression', place);
    return body;
  }

  /** One line. */
  protected expression(): Expression {
    return this.deeper(() => {
      const { place } = this.peek();
      const line = this.#disjunction();
      const withs: Expression['withs'][number][] = [];
      while (this.is('with') && !this.isNamed()) {
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
    if (this.isEnabled('not') && this.is('{') && !this.#followsOperator(this.closing()))
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

  /** Whether braces hold the lines of an operand: beside `and` and `or`, unless an operator makes them a value. */
  #isOperandBody(): boolean {
    const after = this.closing() + 1;
    const beside = ['and', 'or'].some((word) => this.isWord(word, after) || this.isWord(word, -1));
    return beside && !this.#followsOperator(after - 1);
  }

  #followsOperator(closing: number): boolean {
    const { kind, text, spaced, afterNewline } = this.peek(closing + 1);
    if (kind === 'name') return text === 'in' && this.isWord('in', closing + 1);
    if (afterNewline) return false;
    return kind === 'punctuation' && (OPERATORS.has(text) || (!spaced && (text === '.' || text === '[')));
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
    const left = this.paired(true, () => this.term());
    if (this.is(':=')) {
      this.take();
      return { kind: 'assign', left, right: this.paired(true, () => this.term()) };
    }
    if (this.is('=')) {
      this.take();
      return { kind: 'unify', left, right: this.paired(true, () => this.term()) };
    }
    return { kind: 'term', term: left };
  }

  #some(): Statement {
    this.take();
    const terms = [this.operand(1)];
    while (this.is(',')) {
      this.take();
      terms.push(this.operand(1));
    }
    const [first, second] = terms;
    if (this.isWord('in') && first !== undefined && terms.length <= 2) {
      this.take();
      const of = this.operand(1);
      return { kind: 'some-in', key: second === undefined ? undefined : first, value: second ?? first, of };
    }
    const names = terms.map((term) => {
      if (term.kind !== 'variable') throw this.error('some declares variables', term.place);
      return term.name;
    });
    return { kind: 'some', names };
  }

  #every(): Statement {
    this.take();
    const names = [this.name()];
    if (this.is(',')) {
      this.take();
      names.push(this.name());
    }
    if (!this.isWord('in')) this.unexpected('in');
    this.take();
    const of: Term = this.operand(1);
    const body = this.braced();
    const [first = '', second] = names;
    return { kind: 'every', key: second === undefined ? undefined : first, value: second ?? first, of, body };
  }
}

/** Braces beside `and` and `or` are a body themselves. */
function bodyOf(line: Expression): Body {
  return line.what.kind === 'body' && !line.negated && line.withs.length === 0 ? line.what.body : [line];
}

const OPERATORS: ReadonlySet<string> = new Set([
  '=',
  ':=',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '|',
  '&',
  '+',
  '-',
  '*',
  '/',
  '%',
]);
