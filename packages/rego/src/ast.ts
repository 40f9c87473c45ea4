/**
 * The syntax tree of a policy.
 *
 * @module
 */
import type { Place } from './errors.js';
import type { Value } from './values.js';

/** A piece of a policy's text. */
export interface Span extends Place {
  /** Offset of its first character. */
  readonly from: number;
  /** Offset past its last character. */
  readonly to: number;
  /** The line that it ends on, from 1. */
  readonly endLine: number;
}

/** Something that has values. */
export type Term =
  | { readonly kind: 'scalar'; readonly value: Value; readonly place: Span }
  | { readonly kind: 'variable'; readonly name: string; readonly place: Span }
  | { readonly kind: 'reference'; readonly head: Term; readonly path: readonly Term[]; readonly place: Span }
  | { readonly kind: 'array'; readonly items: readonly Term[]; readonly place: Span }
  | { readonly kind: 'set'; readonly items: readonly Term[]; readonly place: Span }
  | {
      readonly kind: 'object';
      readonly members: readonly (readonly [Term, Term])[];
      readonly place: Span;
    }
  | {
      readonly kind: 'comprehension';
      readonly of: 'array' | 'set';
      readonly item: Term;
      readonly body: Body;
      readonly place: Span;
    }
  | {
      readonly kind: 'comprehension';
      readonly of: 'object';
      readonly key: Term;
      readonly item: Term;
      readonly body: Body;
      readonly place: Span;
    }
  | {
      readonly kind: 'call';
      readonly path: readonly string[];
      readonly args: readonly Term[];
      /** The operator that stands between two arguments. */
      readonly operator?: string;
      readonly output?: boolean;
      readonly place: Span;
    }
  | {
      readonly kind: 'template';
      /** Text, and lines whose values stand between it. */
      readonly parts: readonly (string | Expression)[];
      readonly place: Span;
    };

/** What a line says. */
export type Statement =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'unify'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'assign'; readonly left: Term; readonly right: Term }
  | { readonly kind: 'some'; readonly names: readonly string[] }
  | {
      readonly kind: 'some-in';
      readonly key: Term | undefined;
      readonly value: Term;
      readonly of: Term;
    }
  | {
      readonly kind: 'every';
      readonly key: string | undefined;
      readonly value: string;
      readonly of: Term;
      readonly body: Body;
    }
  /** Both, or one of two. An operand without braces is a body of one line. */
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Body; readonly right: Body }
  /** Lines in braces, after `not`. */
  | { readonly kind: 'body'; readonly body: Body };

/** A replacement while a line is tried. */
export interface With {
  readonly target: readonly string[];
  readonly value: Term;
  /** The function that is called instead, when the value is one. */
  readonly functionPath?: readonly string[];
  readonly place: Span;
}

/** One line of a body. */
export interface Expression {
  readonly negated: boolean;
  readonly what: Statement;
  readonly withs: readonly With[];
  /** Whether looking through collections gives its variables no values: they come from other lines. */
  readonly isClosed?: boolean;
  readonly place: Span;
}

/** Lines that must all hold. */
export type Body = readonly Expression[];

/** Another value, tried while no body before it held. */
export interface Otherwise {
  readonly value: Term;
  readonly body: Body;
  readonly place: Span;
  /** Whether the value is written. */
  readonly hasValue: boolean;
  /** Whether the body is. */
  readonly hasBody: boolean;
}

/** One clause of a rule. */
export interface Rule {
  /** Names below the package: `a.b` for `a.b := 1`. */
  readonly path: readonly string[];
  readonly kind: 'value' | 'function' | 'set' | 'object';
  readonly isDefault: boolean;
  /** Parameters of a function. */
  readonly args: readonly Term[];
  /** Keys below the path; of a partial set the last is the item. More than one key nest. */
  readonly keys: readonly Term[];
  readonly value: Term;
  readonly body: Body;
  /** Tried in order while the body does not hold. */
  readonly otherwise: readonly Otherwise[];
  readonly place: Span;
  /** How the head was written. */
  readonly head: {
    /** The name and what follows it in dots and brackets. */
    readonly reference: readonly Term[];
    /** `contains`, or the sign before the value. */
    readonly sign: '' | 'contains' | ':=' | '=';
    /** Whether `if` stands before the body. */
    readonly hasIf: boolean;
    /** Whether the body is in braces. */
    readonly hasBraces: boolean;
    /** The line that the head ends on. */
    readonly endLine: number;
    /** Whether it is a further body of the clause before it. */
    readonly isChained: boolean;
  };
  /** The text of its METADATA comments. */
  readonly annotations: readonly string[];
}

/** A comment, without its `#`. */
export interface Comment {
  readonly text: string;
  readonly place: Span;
}

/** A document of another package under a name of this module. */
export interface Import {
  readonly path: readonly string[];
  readonly alias: string;
  readonly place: Span;
  /** Whether `as` is written. */
  readonly hasAlias: boolean;
}

/** A policy's file. */
export interface Module {
  readonly file: string;
  /** Names of the package, without `data`. */
  readonly package: readonly string[];
  readonly packagePlace: Span;
  /** Whether it is of the dialect v1. */
  readonly strict: boolean;
  /** Whether undefined in a negated line makes it hold. */
  readonly wideNot: boolean;
  readonly imports: readonly Import[];
  /** Imports of keywords, such as `rego.v1`. */
  readonly keywordImports: readonly Import[];
  readonly rules: readonly Rule[];
  readonly comments: readonly Comment[];
  /** The text of the METADATA comments of the package. */
  readonly annotations: readonly string[];
}
