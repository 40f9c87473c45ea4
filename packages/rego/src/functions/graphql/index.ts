import { type Builtins, BuiltinFault, of, text } from '../../builtins/builtin.js';
import { RegoObject, type Value } from '../../values.js';
import { parseGraphQuery } from './query.js';
import { parseGraphSchema } from './schema.js';
import { mistakeInQuery } from './query-rules.js';
import { mistakeInSchema } from './schema-rules.js';

/** GraphQL: documents as objects, and whether they are valid. */
export const GRAPHQL: Builtins = {
  'graphql.parse_query': of(1, (args) => parseGraphQuery(text(args, 0))),
  'graphql.parse_schema': of(1, (args) => parseGraphSchema(text(args, 0))),
  'graphql.schema_is_valid': of(1, (args) => succeeds(() => schemaOf(args, 0))),
  'graphql.is_valid': of(2, (args) => succeeds(() => bothOf(args))),
  'graphql.parse': of(2, (args) => bothOf(args)),
  'graphql.parse_and_verify': of(2, (args) => {
    try {
      return [true, ...bothOf(args)];
    } catch (error) {
      if (error instanceof BuiltinFault && !error.isType)
        return [false, new RegoObject([]), new RegoObject([])];
      throw error;
    }
  }),
};

function bothOf(args: readonly Value[]): [Value, Value] {
  const query = document(args, 0, parseGraphQuery);
  const schema = schemaOf(args, 1);
  const mistake = mistakeInQuery(query, schema);
  if (mistake !== undefined) throw new BuiltinFault(`${mistake} in GraphQL string at location 1:1`);
  return [query, schema];
}

function schemaOf(args: readonly Value[], index: number): RegoObject {
  const schema = document(args, index, parseGraphSchema);
  const mistake = mistakeInSchema(schema);
  if (mistake !== undefined) throw new BuiltinFault(`${mistake} in GraphQL string at location 1:1`);
  return schema;
}

function document(args: readonly Value[], index: number, parse: (source: string) => RegoObject): RegoObject {
  const value = args[index];
  return value instanceof RegoObject ? value : parse(text(args, index));
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof BuiltinFault) return false;
    throw error;
  }
}
