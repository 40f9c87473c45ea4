import type { AnyStandardSchema } from '@sealwright/in-toto/predicates';
import { jsonPointer } from '@sealwright/json';

/** What a schema finds wrong with a value: messages, and pointers below `pointer`. */
export function schemaIssues(
  schema: AnyStandardSchema<unknown>,
  value: unknown,
  pointer: string,
): readonly { readonly message: string; readonly pointer: string }[] {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) throw new TypeError('a schema of parameters answers at once');
  const { issues } = result;
  if (issues === undefined) return [];
  if (issues.length === 0) return [{ message: 'the schema refuses it', pointer }];
  return issues.map(({ message, path = [] }) => {
    const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
    return { message, pointer: pointer + (names.length === 0 ? '' : jsonPointer(...names)) };
  });
}
