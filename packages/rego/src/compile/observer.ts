import type { Expression, Rule, Span } from '../ast.js';
import type { DocumentNode } from '../documents.js';
import type { Value } from '../values.js';

/** Told what an evaluation does. */
export interface Observer {
  /** Rules of a place are tried. */
  enterRules(node: DocumentNode, args: readonly Value[] | undefined): void;
  /** They gave a value, or none; `isDefault` when it is that of `default`. */
  leaveRules(node: DocumentNode, value: Value | undefined, isDefault: boolean): void;
  /** A clause is tried: its body, or one of `else`. */
  enterClause(rule: Rule, place: Span): void;
  /** It held or not. */
  leaveClause(held: boolean): void;
  /** A line is tried. */
  enterLine(line: Expression): void;
  /** It held. */
  passLine(line: Expression): void;
  /** What follows it ended the search. */
  stopLine(line: Expression): void;
  /** No way to make it hold is left. `look` gives the values that it saw. */
  failLine(line: Expression, held: boolean, look: () => readonly Seen[]): void;
}

/** Who listens for what an evaluation is given, such as a collection of lines: no method of it is one of its listener. */
export const listeners: WeakMap<object, (rules: () => readonly Rule[]) => Observer> = new WeakMap();

/** A part of a line, and what it was. */
export interface Seen {
  /** As it is written. */
  readonly place: Span;
  /** `undefined` where it had no value. */
  readonly value: Value | undefined;
}
