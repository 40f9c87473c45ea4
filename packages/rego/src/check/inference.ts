import type { Body, Expression, Rule, Span, Term, With } from '../ast.js';
import { TermTypes } from './term-types.js';
import { ANY, fits, isOpen, type MaybeType, type Type, typeText } from './types.js';

/** Finds the types of the variables of one clause, in the order in which its lines are tried. */
export class Inference extends TermTypes {
  /** The types of a clause: what it gives, and what it takes when it is a function. */
  clause(rule: Rule, body: Body, value: Term): Type {
    this.lines(body);
    if (rule.kind === 'function') {
      this.typeOf(value); // what is called there says something of the parameters
      for (const each of rule.args) this.#close(each);
      return {
        kind: 'function',
        args: rule.args.map((each) => this.typeOf(each)),
        result: this.typeOf(value),
      };
    }
    const keys = rule.kind === 'set' ? rule.keys.slice(0, -1) : rule.keys;
    const item = rule.keys.at(-1);
    const leaf: MaybeType =
      rule.kind === 'set' && item !== undefined ? { kind: 'set', of: this.typeOf(item) } : this.typeOf(value);
    return (
      keys.reduceRight<MaybeType>(
        (inner, key): Type => ({
          kind: 'object',
          members: [],
          rest: { key: this.typeOf(key), value: inner },
        }),
        leaf,
      ) ?? ANY
    );
  }

  /** Parameters that nothing is known of may be anything. */
  #close(term: Term): void {
    if (term.kind === 'variable' && this.variable(term.name) === undefined) this.assign(term, ANY, false);
    if (term.kind === 'array' || term.kind === 'set') for (const each of term.items) this.#close(each);
    if (term.kind === 'object') for (const [, each] of term.members) this.#close(each);
  }

  protected override lines(body: Body): void {
    for (const line of body) this.#line(line);
  }

  #line({ what, withs, place }: Expression): void {
    const before = this.replaced;
    for (const each of withs) this.#with(each);
    switch (what.kind) {
      case 'term':
        if (isEquality(what.term)) this.#equal(what.term.args, place);
        else this.typeOf(what.term);
        break;
      case 'unify':
      case 'assign':
        this.#equal([what.left, what.right], place);
        break;
      case 'some-in':
        this.member(what.key, what.value, what.of, place);
        break;
      case 'every':
        this.typeOf(what.of);
        this.lines(what.body);
        break;
      case 'logic': // as in the reference, what stands in them is not held against types
      case 'body':
      case 'some':
    }
    this.replaced = before;
  }

  #with({ target, value, functionPath, place }: With): void {
    if (functionPath !== undefined) {
      const [own, other] = [this.functionAt(target), this.functionAt(functionPath)];
      if (own !== undefined && other !== undefined && !fits(own, other))
        this.fail(
          `${target.join('.')} cannot be replaced by ${functionPath.join('.')}: ${typeText(other)}`,
          place,
        );
    } else this.typeOf(value);
    this.replaced = new Set([
      ...this.replaced,
      ...this.documents.affectedBy(target),
      ...(target[0] === 'data' && this.functionAt(target) === undefined ? [target.join('.')] : []),
    ]);
  }

  #equal([a, b]: readonly Term[], place: Span): void {
    if (a === undefined || b === undefined || this.#unify(a, b)) return;
    this.fail(`${typeText(this.typeOf(a))} is never equal to ${typeText(this.typeOf(b))}`, place);
  }

  #unify(a: Term, b: Term): boolean {
    const [left, right] = [this.typeOf(a), this.typeOf(b)];
    if (isOpen(left) && !isOpen(right)) return this.assign(a, right, false);
    if (isOpen(right) && !isOpen(left)) return this.assign(b, left, false);
    if (!isOpen(left)) return fits(left, right);
    if (a.kind === 'array' && b.kind === 'array')
      return (
        a.items.length === b.items.length &&
        a.items.every((item, index) => this.#unify(item, b.items[index] ?? item))
      );
    if (a.kind === 'object' && b.kind === 'object') return this.#unifyObjects(a, b);
    const [variable, other] = a.kind === 'variable' ? [a, b] : [b, a];
    if (variable.kind !== 'variable') return true;
    if (other.kind === 'variable' || other.kind === 'array' || other.kind === 'object')
      this.assign(other, ANY, false);
    return this.assign(variable, this.typeOf(other), false);
  }

  #unifyObjects(a: Term & { kind: 'object' }, b: Term & { kind: 'object' }): boolean {
    return a.members.every(([key, value]) => {
      const other = b.members.find(
        ([name]) => key.kind === 'scalar' && name.kind === 'scalar' && key.value === name.value,
      );
      return other === undefined || this.#unify(value, other[1]);
    });
  }
}

function isEquality(term: Term): term is Term & { kind: 'call' } {
  return term.kind === 'call' && term.args.length === 2 && term.path.join('.') === 'internal.equal';
}
