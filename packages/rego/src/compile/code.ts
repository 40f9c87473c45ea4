/**
 * What a policy is made into: closures, each of which knows what follows it.
 *
 * @module
 */
import type { Body, Term } from '../ast.js';
import type { Builtin } from '../builtins/builtin.js';
import type { DocumentNode } from '../documents.js';
import type { Frame } from '../runtime.js';
import { memberOf, type Value } from '../values.js';
import type { Observer } from './observer.js';

/** Runs to the next solution; `true` ends the search. */
export type Code = (frame: Frame) => boolean;

/** The value of a term that has one at most. */
export type Get = (frame: Frame) => Value | undefined;

/** The variables that have values. */
export type Bound = ReadonlySet<string>;

/** What follows, given where the value is and what is bound then. */
export type Then = (get: Get, bound: Bound) => Code;

/** What code is made for. */
export interface Target {
  readonly root: DocumentNode;
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** Answers of another engine, where they differ. */
  readonly isRegorus: boolean;
  readonly observer: Observer | undefined;
}

/** Makes code of one clause, whose variables it gives slots. */
export interface Compiler {
  readonly target: Target;
  /** The slot of a variable. */
  slot(name: string): number;
  /** A slot that no variable has. */
  fresh(): number;
  /** Code that runs what follows for each value of a term. */
  term(term: Term, bound: Bound, then: Then): Code;
  /** Code that runs what follows for all values of several terms. */
  terms(terms: readonly Term[], bound: Bound, then: (gets: readonly Get[], bound: Bound) => Code): Code;
  /** The value of a term that has one at most; `undefined` for one that gives variables values. */
  simple(term: Term, bound: Bound): Get | undefined;
  /** The same of several terms; `undefined` if one of them gives variables values. */
  allSimple(terms: readonly Term[], bound: Bound): readonly Get[] | undefined;
  /** Code of lines, and of what follows them. */
  body(body: Body, bound: Bound, then: (bound: Bound) => Code): Code;
}

/** What is in a slot. */
export function slotted(slot: number): Get {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each slot is written by one place, which knows what is in it
  return ({ slots }) => slots[slot] as Value | undefined;
}

/** The member of a value at a key. */
export function oneStep(base: Get, key: Get): Get {
  return (frame) => {
    const value = base(frame);
    if (value === undefined) return undefined;
    const step = key(frame);
    return step === undefined ? undefined : memberOf(value, step);
  };
}

/** The values of several terms; `undefined` when one has none. */
export function valuesOf(gets: readonly Get[], frame: Frame): Value[] | undefined {
  const values: Value[] = [];
  for (const get of gets) {
    const value = get(frame);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Whether a term is a variable without a value, or has such variables in a pattern. */
export function isOpen(term: Term, bound: Bound): boolean {
  if (term.kind === 'variable') return term.name !== 'input' && term.name !== 'data' && !bound.has(term.name);
  if (term.kind === 'array') return term.items.some((each) => isOpen(each, bound));
  if (term.kind === 'object') return term.members.some(([, value]) => isOpen(value, bound));
  return false;
}
