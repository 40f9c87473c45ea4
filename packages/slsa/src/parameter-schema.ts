import { jsonPointer } from '@sealwright/json';

/** A schema of parameters: any that keeps to Standard Schema 1 and answers at once, such as those of zod, valibot or arktype. */
export interface ParameterSchema<T = unknown> {
  /** What Standard Schema wants. */
  readonly '~standard': {
    /** Version of the interface. */
    readonly version: 1;
    /** Whose schema it is. */
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (value: unknown) => ParameterResult<T> | Promise<ParameterResult<T>>;
    /** For the type checker alone. */
    readonly types?: { readonly input: unknown; readonly output: T } | undefined;
  };
}

/** What a {@link ParameterSchema} answers: a value, or issues. */
export type ParameterResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly ParameterIssue[] };

/** What a {@link ParameterSchema} finds wrong. */
export interface ParameterIssue {
  /** For people. */
  readonly message: string;
  /** Where: names and indexes, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema finds wrong with a value: messages, and pointers below `pointer`. */
export function schemaIssues(
  schema: ParameterSchema,
  value: unknown,
  pointer: string,
): readonly { readonly message: string; readonly pointer: string }[] {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError('a schema of parameters answers at once');
  return (result.issues ?? []).map(({ message, path = [] }) => {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
    return { message, pointer: pointer + (names.length === 0 ? '' : jsonPointer(...names)) };
  });
}
