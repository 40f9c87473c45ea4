/**
 * The syntax tree of a policy.
 *
 * @module
 */
import type { Place } from './errors.js';
import type { Value } from './values.js';

/** Something that has values. */
export type Term =
  | { readonly kind: 'scalar'; readonly value: Value; readonly place: Place }
  | { readonly kind: 'variable'; readonly name: string; readonly place: Place }
  | { readonly kind: 'reference'; readonly head: Term; readonly path: readonly Term[]; readonly place: Place }
  | { readonly kind: 'array'; readonly items: readonly Term[]; readonly place: Place }
  | { readonly kind: 'set'; readonly items: readonly Term[]; readonly place: Place }
  | { readonly kind: 'object'; readonly members: readonly (readonly [Term, Term])[]; readonly place: Place }
  | {
      readonly kind: 'comprehension';
      readonly of: 'array' | 'set';
      readonly item: Term;
      readonly body: Body;
      readonly place: Place;
    }
  | {
      readonly kind: 'comprehension';
      readonly of: 'object';
      readonly key: Term;
      readonly item: Term;
      readonly body: Body;
      readonly place: Place;
    }
  | {
      readonly kind: 'call';
      readonly path: readonly string[];
      readonly args: readonly Term[];
      readonly output?: boolean;
      readonly place: Place;
    };

/** One line of a body. */
export interface Expression {
  readonly negated: boolean;
  readonly what:
    | { readonly kind: 'term'; readonly term: Term }
    | { readonly kind: 'unify'; readonly left: Term; readonly right: Term }
    | { readonly kind: 'assign'; readonly left: Term; readonly right: Term }
    | { readonly kind: 'some'; readonly names: readonly string[] }
    | { readonly kind: 'some-in'; readonly key: Term | undefined; readonly value: Term; readonly of: Term }
    | {
        readonly kind: 'every';
        readonly key: string | undefined;
        readonly value: string;
        readonly of: Term;
        readonly body: Body;
      };
  readonly withs: readonly { readonly target: readonly string[]; readonly value: Term }[];
  readonly place: Place;
  /** The text, for explanations. */
  readonly text: string;
}

/** Lines that must all hold. */
export type Body = readonly Expression[];

/** One clause of a rule. */
export interface Rule {
  /** Names below the package: `a.b` for `a.b := 1`. */
  readonly path: readonly string[];
  readonly kind: 'value' | 'function' | 'set' | 'object';
  readonly isDefault: boolean;
  /** Parameters of a function. */
  readonly args: readonly Term[];
  /** Key of a partial object, item of a partial set. More than one key nest. */
  readonly keys: readonly Term[];
  readonly value: Term;
  readonly body: Body;
  /** Tried in order while the body does not hold. */
  readonly otherwise: readonly { readonly value: Term; readonly body: Body }[];
  readonly place: Place;
}

/** A policy's file. */
export interface Module {
  readonly file: string;
  /** Names of the package, without `data`. */
  readonly package: readonly string[];
  /** Whether it is of the dialect v1. */
  readonly strict: boolean;
  readonly imports: readonly { readonly path: readonly string[]; readonly alias: string }[];
  readonly rules: readonly Rule[];
}
