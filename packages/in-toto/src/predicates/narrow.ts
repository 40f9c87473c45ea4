import {
  createStatement,
  parseStatement,
  type Statement,
  type StatementOptions,
  type VerifiedStatement,
} from '../statement.js';
import type { Subject } from '../descriptor.js';
import type { ReadMode } from '../finding.js';
import { Report } from '../report.js';
import type { VerifiedPayload } from '../verify.js';
import { type Infer, type Predicate, runPredicate } from './predicate.js';

/** The statements that a definition reads. Of a union of definitions: a union that `predicateType` tells apart. */
export type StatementOf<D> = D extends Predicate<infer T, infer P> ? Statement<T, P> : never;

/** The same, read from a verified payload. */
export type VerifiedStatementOf<D> = D extends Predicate<infer T, infer P> ? VerifiedStatement<T, P> : never;

/** How to read a predicate. */
export interface NarrowOptions {
  /** Default `strict`. */
  readonly mode?: ReadMode;
}

/** Reads and writes the statements of some predicate types. */
export interface StatementReader<D extends Predicate> {
  /**
   * Read a verified statement and its predicate. All faults of the statement, or else of the predicate, are found at once.
   *
   * @param input - what `verifyEnvelope` gave
   * @param options - strictness and caps
   * @throws {@link InTotoError}
   */
  parse(input: VerifiedPayload, options?: StatementOptions): VerifiedStatementOf<D>;
  /**
   * Read a statement that nobody verified, for display.
   *
   * @param input - bytes or text; or what `verifyEnvelope` gave
   * @param options - strictness and caps
   * @throws {@link InTotoError}
   */
  parse(input: VerifiedPayload | Uint8Array | string, options?: StatementOptions): StatementOf<D>;
  /**
   * Make a statement and the bytes to sign.
   *
   * @param input - what it says
   * @throws {@link InTotoError}
   */
  create(input: StatementOfInput<D>): StatementOf<D>;
}

/** What {@link StatementReader} writes; the predicate type may be left out where there is one definition. */
export interface StatementOfInput<D extends Predicate> {
  /** Default `v1`. */
  readonly version?: 'v1' | 'v0.1';
  /** At least one. */
  readonly subject: readonly Subject[];
  /** Default: the type of the first definition. */
  readonly predicateType?: D['type'];
  /** What to say. */
  readonly predicate: Infer<D>;
}

/**
 * A reader and writer of statements with certain predicates.
 *
 * @param definitions - of the predicates
 */
export function statementOf<const D extends readonly [Predicate, ...(readonly Predicate[])]>(
  ...definitions: D
): StatementReader<D[number]> {
  const parse = (input: VerifiedPayload | Uint8Array | string, options?: StatementOptions): unknown =>
    narrow(parseStatement(input, options), definitions, options);
  return {
    parse: parse as StatementReader<D[number]>['parse'], // what is verified stays so, see below
    create: (input) => {
      const { predicateType = definitions[0].type, predicate } = input;
      return narrow(createStatement({ ...input, predicateType, predicate: Object(predicate) }), definitions);
    },
  };
}

/**
 * Read the predicate of a verified statement. An unknown predicate type is refused, never passed through.
 *
 * @param statement - as parsed
 * @param definitions - of the predicates to take
 * @param options - strictness
 * @returns the statement, with the warnings about its predicate too; `predicateType` tells what `predicate` is
 * @throws {@link InTotoError}
 */
export function narrow<const D extends readonly Predicate[]>(
  statement: VerifiedStatement,
  definitions: D,
  options?: NarrowOptions,
): VerifiedStatementOf<D[number]>;
/**
 * Read the predicate of a statement that nobody verified, for display.
 *
 * @param statement - as parsed
 * @param definitions - of the predicates to take
 * @param options - strictness
 * @throws {@link InTotoError}
 */
export function narrow<const D extends readonly Predicate[]>(
  statement: Statement,
  definitions: D,
  options?: NarrowOptions,
): StatementOf<D[number]>;
export function narrow<const D extends readonly Predicate[]>(
  statement: Statement,
  definitions: D,
  options: NarrowOptions = {},
): StatementOf<D[number]> {
  const { predicateType, subject } = statement;
  const definition = definitions.find(({ types }) => types.includes(predicateType));
  const report = new Report(options.mode);
  if (definition === undefined) {
    const types = definitions.flatMap((each) => each.types).join(', ');
    report.error('INTOTO_PREDICATE_TYPE', '/predicateType', `expected a predicate type of ${types}`);
  }
  const place = { predicateType, subject };
  const predicate = definition && runPredicate(definition, statement.predicate, report, place);
  const warnings = [...statement.warnings, ...report.settle()];
  const narrowed: Statement<string, unknown> = { ...statement, predicate, warnings };
  return narrowed as StatementOf<D[number]>; // the definition was chosen by the type and did check the predicate
}
