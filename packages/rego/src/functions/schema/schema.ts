import type { Numeric } from '../../decimal.js';
import { isArray, isNumber, RegoObject, toText, type Value } from '../../values.js';
import type { Regex } from '../../regex.js';

/** A schema that was checked. Of a keyword that is not there, the member is `undefined`. */
export interface Schema {
  /** A schema that is `true` or `false`. */
  pass?: boolean;
  /** What `$ref` leads to: nothing beside it counts. */
  reference?: Schema;
  types: readonly string[];
  properties: readonly (readonly [string, Schema])[];
  patternProperties: readonly (readonly [Regex, Schema])[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  dependencies: ReadonlyMap<string, readonly string[] | Schema>;
  required: readonly string[];
  /** One for all items. */
  items?: Schema;
  /** One for each of the first items. */
  itemList: readonly Schema[];
  additionalItems?: boolean | Schema;
  contains?: Schema;
  uniqueItems: boolean;
  multipleOf?: Numeric;
  minimum?: Numeric;
  maximum?: Numeric;
  exclusiveMinimum?: Numeric;
  exclusiveMaximum?: Numeric;
  minLength?: Numeric;
  maxLength?: Numeric;
  minItems?: Numeric;
  maxItems?: Numeric;
  minProperties?: Numeric;
  maxProperties?: Numeric;
  pattern?: { readonly text: string; readonly regex: Regex };
  format?: string;
  /** As {@link plainText} writes it. */
  constant?: string;
  /** As {@link plainText} writes them. */
  enumeration?: readonly string[];
  oneOf: readonly Schema[];
  anyOf: readonly Schema[];
  allOf: readonly Schema[];
  not?: Schema;
  if?: Schema;
  then?: Schema;
  else?: Schema;
}

/** JSON that equal values share: numbers as doubles, and no characters that HTML has a meaning for. */
export function plainText(value: Value): string {
  return toText(asDoubles(value)).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function asDoubles(value: Value): Value {
  if (isNumber(value)) return Number(value);
  if (isArray(value)) return value.map(asDoubles);
  return value instanceof RegoObject
    ? new RegoObject(value.entries().map(([key, item]) => [key, asDoubles(item)] as const))
    : value;
}
