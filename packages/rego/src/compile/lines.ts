import type { Body, Expression, Statement, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import { isArray, RegoObject, RegoSet, someMember, type Value } from '../values.js';
import { call } from './calls.js';
import { type Bound, type Code, type Get, slotted } from './code.js';
import { looksOf } from './looks.js';
import { TermCompiler } from './terms.js';
import { unify, unifyTerms } from './unification.js';
import { withWorld } from './world.js';

/** Makes code of lines and bodies. */
export class LineCompiler extends TermCompiler {
  body(body: Body, bound: Bound, then: (bound: Bound) => Code): Code {
    const from = (index: number, known: Bound): Code => {
      const line = body[index];
      return line === undefined ? then(known) : this.line(line, known, (after) => from(index + 1, after));
    };
    return from(0, bound);
  }

  /** Code of a line, and of what follows it. */
  protected line(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    const fused = this.test(line, bound);
    const { place } = line;
    if (fused !== undefined) {
      const next = then(bound);
      return (frame) => {
        frame.run.tick(place);
        const value = fused(frame);
        return value !== undefined && value !== false && next(frame);
      };
    }
    const code = this.observed(line, bound, then, (next) => this.#plain(line, bound, next));
    return (frame) => {
      frame.run.tick(place);
      return code(frame);
    };
  }

  /** The value of a line that nobody asks for, and that does nothing but hold or not. */
  protected test({ what, negated, withs }: Expression, bound: Bound): Get | undefined {
    if (this.target.observer !== undefined || negated || withs.length > 0 || what.kind !== 'term')
      return undefined;
    return what.term.kind === 'call' && what.term.output === true ? undefined : this.simple(what.term, bound);
  }

  /** The same code, of which an observer is told. */
  protected observed(
    line: Expression,
    bound: Bound,
    then: (bound: Bound) => Code,
    make: (then: (bound: Bound) => Code) => Code,
  ): Code {
    const { observer } = this.target;
    if (observer === undefined) return make(then);
    const slot = this.fresh();
    const look = looksOf(this, line, bound);
    const code = make((known) => {
      const next = then(known);
      return (frame) => {
        frame.slots[slot] = true;
        observer.passLine(line);
        return next(frame);
      };
    });
    return (frame) => {
      frame.slots[slot] = false;
      observer.enterLine(line);
      if (code(frame)) {
        observer.stopLine(line);
        return true;
      }
      observer.failLine(line, frame.slots[slot] === true, () => look(frame));
      return false;
    };
  }

  #plain(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    if (line.withs.length > 0) {
      const inner: Expression = { ...line, withs: [] };
      if (line.negated) {
        const code = withWorld(this, line, bound, (leave) =>
          this.#statement({ ...inner, negated: false }, bound, () => leave(bound, () => holds)),
        );
        const next = then(bound);
        return (frame) => !code(frame) && next(frame);
      }
      return withWorld(this, line, bound, (leave) =>
        this.#statement(inner, bound, (known) => leave(known, then)),
      );
    }
    if (!line.negated) return this.#statement(line, bound, then);
    const code = this.#statement({ ...line, negated: false }, bound, () => holds);
    const next = then(bound);
    return (frame) => !code(frame) && next(frame);
  }

  #statement(line: Expression, bound: Bound, then: (bound: Bound) => Code): Code {
    const { what } = line;
    switch (what.kind) {
      case 'term':
        return this.truth(line, what.term, bound, then);
      case 'unify':
        return unifyTerms(this, what.left, what.right, bound, then);
      case 'assign':
        return this.term(what.right, bound, (get, known) => unify(this, what.left, get, known, then));
      case 'some':
        return then(bound);
      case 'some-in':
        return this.#someIn(what, line, bound, then);
      case 'every':
        return this.#every(what, line, bound, then);
      case 'body': {
        const code = this.body(what.body, bound, () => holds);
        const next = then(bound);
        return (frame) => code(frame) && next(frame);
      }
      case 'logic': {
        const left = this.body(what.left, bound, () => holds);
        const right = this.body(what.right, bound, () => holds);
        const next = then(bound);
        return what.operator === 'and'
          ? (frame) => left(frame) && right(frame) && next(frame)
          : (frame) => (left(frame) || right(frame)) && next(frame);
      }
    }
  }

  /** A line that is a term: it holds unless it is false or undefined. */
  protected truth(_line: Expression, term: Term, bound: Bound, then: (bound: Bound) => Code): Code {
    if (term.kind === 'call' && term.output === true) {
      const last = term.args.at(-1);
      if (last !== undefined)
        return call(this, term, term.args.slice(0, -1), bound, (get, known) =>
          unify(this, last, get, known, then),
        );
    }
    return this.term(term, bound, (get, known) => {
      const next = then(known);
      return (frame) => {
        const value = get(frame);
        return value !== undefined && value !== false && next(frame);
      };
    });
  }

  #someIn(
    what: Statement & { kind: 'some-in' },
    { place }: Expression,
    bound: Bound,
    then: (bound: Bound) => Code,
  ): Code {
    const [keySlot, itemSlot] = [this.fresh(), this.fresh()];
    const { key, value } = what;
    const { isRegorus } = this.target;
    return this.term(what.of, bound, (get, known) => {
      const next = unify(this, value, slotted(itemSlot), known, (after) =>
        key === undefined ? then(after) : unify(this, key, slotted(keySlot), after, then),
      );
      return (frame) => {
        const collection = get(frame);
        if (collection === undefined) return false;
        if (isRegorus && frame.run.options.strict && !isCollection(collection))
          throw new RegoError('ERR_REGO_BUILTIN', 'some … in takes an array, a set or an object', { place });
        return someMember(collection, (each, item) => {
          frame.run.tick(place);
          frame.slots[keySlot] = each;
          frame.slots[itemSlot] = item;
          return next(frame);
        });
      };
    });
  }

  #every(
    what: Statement & { kind: 'every' },
    { place }: Expression,
    bound: Bound,
    then: (bound: Bound) => Code,
  ): Code {
    return this.term(what.of, bound, (get, known) => {
      const names = [what.value, ...(what.key === undefined ? [] : [what.key])];
      const [value, key] = names.map((name) => this.slot(name));
      const body = this.body(what.body, new Set([...known, ...names]), () => holds);
      const next = then(known);
      return (frame) => {
        const collection = get(frame);
        if (collection === undefined || !isCollection(collection)) return false;
        const isRefuted = someMember(collection, (each, item) => {
          frame.run.tick(place);
          if (value !== undefined) frame.slots[value] = item;
          if (key !== undefined) frame.slots[key] = each;
          return !body(frame);
        });
        return !isRefuted && next(frame);
      };
    });
  }
}

function holds(): boolean {
  return true;
}

function isCollection(value: Value): boolean {
  return isArray(value) || value instanceof RegoObject || value instanceof RegoSet;
}
