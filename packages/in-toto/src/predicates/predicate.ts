import { isJsonObject, type JsonValue } from '@sealwright/json';
import type { Subject } from '../descriptor.js';
import { InTotoError } from '../errors.js';
import { Report } from '../report.js';
import { type Check, Place } from './check.js';
import type { StandardIssue, StandardResult, StandardSchema } from './standard-schema.js';

/** What {@link definePredicate} takes. */
export interface PredicateInput<T extends string, P> {
  /** The predicate type to write. */
  readonly type: T;
  /** Other predicate types of the same shape to read. */
  readonly aliases?: readonly T[];
  /** What it is called in payload types, such as `provenance` in `application/vnd.in-toto.provenance+json`. */
  readonly name?: string;
  /** Reads the predicate, usually built of {@link object} and the other checks. */
  readonly check: Check<P>;
}

/** A predicate type and how to read its predicates. It is also a Standard Schema. */
export interface Predicate<T extends string = string, P = unknown> extends PredicateInput<T, P> {
  /** Every predicate type it reads; the first is `type`. */
  readonly types: readonly T[];
  /** What other libraries take it for. */
  readonly '~standard': StandardSchema<P>;
}

/** The predicate that a definition reads. */
export type Infer<D> = D extends Predicate<string, infer P> ? P : never;

/**
 * Define a predicate type. The definition is a value without side effects: one that nobody imports is in nobody's bundle.
 *
 * @param input - type and check
 * @example
 * ```ts
 * const review = definePredicate({
 *   type: 'https://example.com/review/v1',
 *   name: 'review',
 *   check: object({ reviewer: text, approved: boolean, comment: optional(text) }),
 * });
 * const { predicate } = statementOf(review).create({ subject, predicate: { reviewer: 'ada', approved: true } });
 * console.log(predicate.reviewer); // ada
 * ```
 */
export function definePredicate<const T extends string, P>(input: PredicateInput<T, P>): Predicate<T, P> {
  const validate = (value: unknown): StandardResult<P> => validated(input, value);
  return {
    ...input,
    types: [input.type, ...(input.aliases ?? [])],
    '~standard': { version: 1, vendor: 'sealwright', validate },
  };
}

/** Run a definition over a predicate. */
export function runPredicate<P>(
  definition: PredicateInput<string, P>,
  value: JsonValue,
  report: Report,
  place: { readonly predicateType: string; readonly subject: readonly Subject[] },
): P | undefined {
  const context = new Place(report, place.predicateType, place.subject, '/predicate');
  const checked = definition.check(value, context);
  if (checked === undefined && !report.failed)
    context.error('PREDICATE_INVALID', 'this is no predicate of its type');
  return checked;
}

function validated<P>(definition: PredicateInput<string, P>, value: unknown): StandardResult<P> {
  const report = new Report();
  if (!isJsonObject(value)) report.error('PREDICATE_WRONG_TYPE', '/predicate', 'expected an object');
  else {
    const checked = checkedUntilFull(definition, value, report);
    if (checked !== undefined && !report.failed) return { value: checked };
  }
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  return {
    issues: errors.map(({ message, pointer }): StandardIssue => ({ message, path: pathOf(pointer) })),
  };
}

/** A report that is full throws what was found; here it is an answer. */
function checkedUntilFull<P>(
  definition: PredicateInput<string, P>,
  value: JsonValue,
  report: Report,
): P | undefined {
  try {
    return runPredicate(definition, value, report, { predicateType: definition.type, subject: [] });
  } catch (error) {
    if (error instanceof InTotoError && report.failed) return undefined;
    throw error;
  }
}

/** The path below the predicate that a JSON pointer names. */
function pathOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(2)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
