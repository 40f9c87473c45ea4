import type { Check } from './check.js';

/** The part of Standard Schema (version 1) that a schema of another library must have. */
export interface AnyStandardSchema<Output> {
  /** How it validates. */
  readonly '~standard': {
    /** The version of the interface. */
    readonly version: 1;
    /**
     * Check a value.
     *
     * @param value - from a JSON parser
     */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the type checker alone; never there. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a schema answers: a value, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that a schema found wrong. */
export interface SchemaIssue {
  /** What was expected. */
  readonly message: string;
  /** Names and indexes of the members down to the one at fault. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * A check by a schema of another library, such as Valibot, Zod or ArkType. What it finds is reported as `PREDICATE_INVALID`, at the
 * member it names.
 *
 * @param schema - any Standard Schema that answers at once
 * @throws `TypeError` later, when it answers with a promise.
 * @example
 * ```ts
 * const review = definePredicate({
 *   type: 'https://example.com/review/v1',
 *   name: 'review',
 *   check: bySchema(v.object({ reviewer: v.string(), approved: v.boolean() })),
 * });
 * const { predicate } = statementOf(review).create({ subject, predicate: { reviewer: 'ada', approved: true } });
 * console.log(predicate.reviewer); // ada
 * ```
 */
export function bySchema<Output>(schema: AnyStandardSchema<Output>): Check<Output> {
  return (value, context) => {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise)
      throw new TypeError('a predicate is checked at once; this schema answers with a promise');
    if (result.issues === undefined) return result.value;
    for (const { message, path = [] } of result.issues)
      context.at(...path.map(segmentOf)).error('PREDICATE_INVALID', message);
    return result.issues.length === 0
      ? context.error('PREDICATE_INVALID', 'the schema refuses it')
      : undefined;
  };
}

function segmentOf(segment: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof segment === 'object' ? segment.key : segment;
  return typeof key === 'number' ? key : String(key);
}
