import type { Body, Term } from '../ast.js';
import { rootOf, whole } from '../data.js';
import { RegoError } from '../errors.js';
import { partsOf } from '../parts.js';
import { shown } from '../patterns.js';
import { call, simpleCall } from './calls.js';
import {
  type Bound,
  type Code,
  type Compiler,
  type Get,
  isOpen,
  slotted,
  type Target,
  type Then,
} from './code.js';
import { collection, comprehension, objectOf } from './collections.js';
import { reference, simpleReference } from './references.js';

/** Makes code of terms. */
export abstract class TermCompiler implements Compiler {
  readonly target: Target;
  readonly #slots = new Map<string, number>();
  #count = 0;

  constructor(target: Target) {
    this.target = target;
  }

  abstract body(body: Body, bound: Bound, then: (bound: Bound) => Code): Code;

  /** How many slots the code needs. */
  get slotCount(): number {
    return this.#count;
  }

  slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.fresh();
    this.#slots.set(name, slot);
    return slot;
  }

  fresh(): number {
    this.#count += 1;
    return this.#count - 1;
  }

  term(term: Term, bound: Bound, then: Then): Code {
    const get = this.simple(term, bound);
    if (get !== undefined) return then(get, bound);
    switch (term.kind) {
      case 'reference':
        return reference(this, term, bound, then);
      case 'call':
        return call(this, term, term.args, bound, then);
      case 'array':
      case 'set': {
        const of = term.kind;
        return this.terms(term.items, bound, (gets, known) => then(collection(of, gets), known));
      }
      case 'object':
        return this.terms(term.members.flat(), bound, (gets, known) =>
          then(objectOf(gets, term, this.target.isRegorus), known),
        );
      case 'scalar':
      case 'comprehension':
      case 'template':
      case 'variable':
    }
    const name = term.kind === 'variable' ? shown(term.name) : 'a variable';
    throw new RegoError('ERR_REGO_UNSAFE', `${name} has no value here`, { place: term.place });
  }

  /** Each value is kept: the terms after it may run often. */
  terms(terms: readonly Term[], bound: Bound, then: (gets: readonly Get[], bound: Bound) => Code): Code {
    const gets: Get[] = [];
    const from = (left: readonly number[], known: Bound): Code => {
      // a variable waits for a term that gives it its value
      const isReady = (index: number): boolean => {
        const term = terms[index];
        return term === undefined || !isOpen(term, known);
      };
      const index = left.find(isReady) ?? left[0];
      const term = index === undefined ? undefined : terms[index];
      if (term === undefined || index === undefined) return then(gets, known);
      return this.term(term, known, (get, after) => {
        gets[index] = get;
        return from(
          left.filter((each) => each !== index),
          after,
        );
      });
    };
    return from([...terms.keys()], bound);
  }

  simple(term: Term, bound: Bound): Get | undefined {
    if (!this.#isSimple(term, bound)) return undefined;
    switch (term.kind) {
      case 'scalar': {
        const { value } = term;
        return () => value;
      }
      case 'variable':
        return this.#variable(term.name, bound);
      case 'reference':
        return simpleReference(this, term, bound);
      case 'array':
      case 'set': {
        const gets = this.allSimple(term.items, bound);
        return gets === undefined ? undefined : collection(term.kind, gets);
      }
      case 'object': {
        const gets = this.allSimple(term.members.flat(), bound);
        return gets === undefined ? undefined : objectOf(gets, term, this.target.isRegorus);
      }
      case 'comprehension':
        return comprehension(this, term, bound);
      case 'call':
        return simpleCall(this, term, bound);
      case 'template':
        throw new TypeError('templates are calls by now');
    }
  }

  /** Known before code of it is made: code of a part that is made twice would be made four times one level deeper. */
  #isSimple(term: Term, bound: Bound): boolean {
    if (term.kind === 'variable') return !isOpen(term, bound);
    if (term.kind === 'call' && this.target.builtins.get(term.path.join('.'))?.each !== undefined)
      return false;
    return partsOf(term).every((each) => this.#isSimple(each, bound));
  }

  allSimple(terms: readonly Term[], bound: Bound): readonly Get[] | undefined {
    if (!terms.every((term) => this.#isSimple(term, bound))) return undefined;
    const gets: Get[] = [];
    for (const term of terms) {
      const get = this.simple(term, bound);
      if (get === undefined) return undefined;
      gets.push(get);
    }
    return gets;
  }

  #variable(name: string, bound: Bound): Get | undefined {
    if (name === 'input') return ({ run }) => run.world.input;
    if (name === 'data') return ({ run }) => whole(run, rootOf(run));
    return bound.has(name) ? slotted(this.slot(name)) : undefined;
  }
}
