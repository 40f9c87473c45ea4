import { type Builtins, BuiltinFault, of } from '../builtins/builtin.js';
import { RegoError } from '../errors.js';
import { parseJsonText } from '../json-text.js';
import { isArray, RegoObject, toText, type Value } from '../values.js';
import { compileSchema } from './schema/compile.js';
import { validate } from './schema/validate.js';

/** JSON Schema, drafts 4, 6 and 7; without `$schema` the keywords of all three. References stay within the schema. */
export const JSON_SCHEMA: Builtins = {
  'json.verify_schema': of(1, ([schema = null], { spend }) => {
    try {
      compileSchema(jsonOf(schema), spend);
      return [true, null];
    } catch (error) {
      if (error instanceof BuiltinFault) return [false, `jsonschema: ${error.message}`];
      throw error;
    }
  }),
  'json.match_schema': of(2, ([document = null, schema = null], { spend }) => {
    const json = jsonOf(document);
    const mistakes = validate(compileSchema(jsonOf(schema), spend), json, spend);
    return [
      mistakes.length === 0,
      mistakes.map(
        ({ type, field, description }) =>
          new RegoObject([
            ['error', `${field}: ${description}`],
            ['type', type],
            ['field', field],
            ['desc', description],
          ]),
      ),
    ];
  }),
};

/** JSON as a text, or an object or array with sets as arrays. */
function jsonOf(value: Value): Value {
  if (typeof value !== 'string' && !(value instanceof RegoObject) && !isArray(value))
    throw new BuiltinFault('wrong type, expected string or object');
  try {
    return parseJsonText(typeof value === 'string' ? value : toText(value));
  } catch (error) {
    if (error instanceof RegoError && error.code === 'ERR_REGO_VALUE')
      throw new BuiltinFault('invalid JSON string');
    throw error;
  }
}
