import { canonical, compareNumbers, isMultipleOf, isWholeNumber, type Numeric } from '../../decimal.js';
import { BuiltinFault } from '../../builtins/builtin.js';
import { isArray, isNumber, RegoObject, type Value } from '../../values.js';
import { hasFormat } from './formats.js';
import { plainText, type Schema } from './schema.js';

/** A way in which a document is not what its schema says. */
export interface Mistake {
  /** The kind, such as `invalid_type`. */
  readonly type: string;
  /** Names and positions with dots between; `(Root)` for the document. */
  readonly field: string;
  /** What is wrong. */
  readonly description: string;
}

/**
 * Hold a document against a schema.
 *
 * @param schema - as `compileSchema` made it
 * @param document - JSON
 * @param spend - takes steps, one for each schema that a part of the document is held against
 */
export function validate(
  schema: Schema,
  document: Value,
  spend: (steps: number) => void,
): readonly Mistake[] {
  const result = new Result();
  new Validator(spend).check(schema, document, '', result);
  return result.mistakes;
}

/** Mistakes, and how near a schema came: of several alternatives the nearest one's mistakes are told. */
class Result {
  readonly mistakes: Mistake[] = [];
  score = 0;

  add(type: string, path: string, description: string): void {
    this.mistakes.push({ type, field: path === '' ? '(Root)' : path, description });
    this.score -= 2;
  }

  merge(other: Result): void {
    for (const mistake of other.mistakes) this.mistakes.push(mistake);
    this.score += other.score;
  }

  get isValid(): boolean {
    return this.mistakes.length === 0;
  }
}

class Validator {
  readonly #spend: (steps: number) => void;
  #depth = 0;

  constructor(spend: (steps: number) => void) {
    this.#spend = spend;
  }

  check(schema: Schema, value: Value, path: string, result: Result): void {
    this.#spend(1);
    if (schema.pass !== undefined) {
      if (!schema.pass) result.add('false', path, 'False always fails validation');
      return;
    }
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new BuiltinFault(`schemas nest deeper than ${MAX_DEPTH}`);
    if (schema.reference !== undefined) this.check(schema.reference, value, path, result);
    else this.#typed(schema, value, path, result);
    this.#depth -= 1;
  }

  #typed(schema: Schema, value: Value, path: string, result: Result): void {
    const type = typeOf(value);
    const isOne = schema.types.includes(type) || (type === 'integer' && schema.types.includes('number'));
    if (schema.types.length > 0 && !isOne) {
      const [only = ''] = schema.types;
      const expected = schema.types.length > 1 ? `[${schema.types.join(',')}]` : only;
      result.add('invalid_type', path, `Invalid type. Expected: ${expected}, given: ${type}`);
      return;
    }
    this.#combined(schema, value, path, result);
    if (isArray(value)) this.#array(schema, value, path, result);
    else if (value instanceof RegoObject) this.#object(schema, value, path, result);
    else if (isNumber(value)) numeric(schema, value, path, result);
    common(schema, value, path, result);
    if (typeof value === 'string') this.#text(schema, value, path, result);
    if (value instanceof RegoObject) this.#properties(schema, value, path, result);
    result.score += 1;
  }

  #alone(schema: Schema, value: Value, path: string): Result {
    const result = new Result();
    this.check(schema, value, path, result);
    return result;
  }

  #combined(schema: Schema, value: Value, path: string, result: Result): void {
    this.#anyOf(schema, value, path, result);
    this.#oneOf(schema, value, path, result);
    const all = schema.allOf.map((each) => this.#alone(each, value, path));
    for (const each of all) result.merge(each);
    if (all.some((each) => !each.isValid))
      result.add('number_all_of', path, 'Must validate all the schemas (allOf)');
    if (schema.not !== undefined && this.#alone(schema.not, value, path).isValid)
      result.add('number_not', path, 'Must not validate the schema (not)');
    if (value instanceof RegoObject) this.#dependencies(schema, value, path, result);
    if (schema.if !== undefined) this.#conditional(schema, schema.if, value, path, result);
    result.score += 1;
  }

  #anyOf(schema: Schema, value: Value, path: string, result: Result): void {
    let nearest: Result | undefined;
    for (const each of schema.anyOf) {
      const alone = this.#alone(each, value, path);
      if (alone.isValid) return;
      if (nearest === undefined || alone.score > nearest.score) nearest = alone;
    }
    if (nearest === undefined) return;
    result.add('number_any_of', path, 'Must validate at least one schema (anyOf)');
    result.merge(nearest);
  }

  #oneOf(schema: Schema, value: Value, path: string, result: Result): void {
    let valid = 0;
    let nearest: Result | undefined;
    for (const each of schema.oneOf) {
      const alone = this.#alone(each, value, path);
      if (alone.isValid) valid += 1;
      else if (nearest === undefined || alone.score > nearest.score) nearest = alone;
    }
    if (valid === 1 || schema.oneOf.length === 0) return;
    result.add('number_one_of', path, 'Must validate one and only one schema (oneOf)');
    if (valid === 0 && nearest !== undefined) result.merge(nearest);
  }

  #dependencies(schema: Schema, value: RegoObject, path: string, result: Result): void {
    for (const [name, dependency] of schema.dependencies) {
      if (value.get(name) === undefined) continue;
      if (!('types' in dependency)) {
        for (const needed of dependency)
          if (value.get(needed) === undefined)
            result.add('missing_dependency', path, `Has a dependency on ${needed}`);
      } else this.check(dependency, value, path, result);
    }
  }

  #conditional(schema: Schema, condition: Schema, value: Value, path: string, result: Result): void {
    const holds = this.#alone(condition, value, path).isValid;
    const then = holds ? schema.then : schema.else;
    const alone = then === undefined ? undefined : this.#alone(then, value, path);
    if (alone === undefined || alone.isValid) return;
    if (holds) result.add('condition_then', path, 'Must validate "then" as "if" was valid');
    else result.add('condition_else', path, 'Must validate "else" as "if" was not valid');
    result.merge(alone);
  }

  #array(schema: Schema, value: readonly Value[], path: string, result: Result): void {
    const checkAt = (each: Schema, index: number): void =>
      result.merge(this.#alone(each, value[index] ?? null, joined(path, String(index))));
    if (schema.items !== undefined) for (const index of value.keys()) checkAt(schema.items, index);
    for (const [index, each] of schema.itemList.slice(0, value.length).entries()) checkAt(each, index);
    if (schema.itemList.length > 0 && schema.itemList.length < value.length) {
      const more = schema.additionalItems;
      if (more === false)
        result.add('array_no_additional_items', path, 'No additional items allowed on array');
      else if (more !== undefined && more !== true)
        for (let index = schema.itemList.length; index < value.length; index += 1) checkAt(more, index);
    }
    if (isBelow(value.length, schema.minItems))
      result.add('array_min_items', path, `Array must have at least ${schema.minItems} items`);
    if (isAbove(value.length, schema.maxItems))
      result.add('array_max_items', path, `Array must have at most ${schema.maxItems} items`);
    if (schema.uniqueItems) unique(value, path, result);
    if (schema.contains !== undefined) this.#contains(schema.contains, value, path, result);
    result.score += 1;
  }

  #contains(schema: Schema, value: readonly Value[], path: string, result: Result): void {
    let nearest: Result | undefined;
    for (const [index, item] of value.entries()) {
      const alone = this.#alone(schema, item, joined(path, String(index)));
      if (alone.isValid) return;
      if (nearest === undefined || alone.score > nearest.score) nearest = alone;
    }
    result.add('contains', path, 'At least one of the items must match');
    if (nearest !== undefined) result.merge(nearest);
  }

  #object(schema: Schema, value: RegoObject, path: string, result: Result): void {
    if (isBelow(value.size, schema.minProperties))
      result.add('array_min_properties', path, `Must have at least ${schema.minProperties} properties`);
    if (isAbove(value.size, schema.maxProperties))
      result.add('array_max_properties', path, `Must have at most ${schema.maxProperties} properties`);
    for (const name of schema.required) {
      if (value.get(name) === undefined) result.add('required', path, `${name} is required`);
      else result.score += 1;
    }
    this.#others(schema, value, path, result);
    if (schema.propertyNames !== undefined)
      for (const [name] of value.entries()) {
        const alone = this.#alone(schema.propertyNames, name, path);
        if (alone.isValid) continue;
        result.add('invalid_property_name', path, `Property name of "${String(name)}" does not match`);
        result.merge(alone);
      }
    result.score += 1;
  }

  /** Members by pattern, and those that no keyword knows. */
  #others(schema: Schema, value: RegoObject, path: string, result: Result): void {
    const more = schema.additionalProperties;
    if (schema.patternProperties.length === 0 && (more === undefined || more === true)) return;
    const named = new Set(schema.properties.map(([name]) => name));
    for (const [key, item] of value.entries()) {
      const name = String(key);
      const own = joined(path, name);
      let isKnown = named.has(name);
      this.#spend(schema.patternProperties.length * (1 + name.length / 8));
      const matching = schema.patternProperties.filter(([regex]) => regex.test(name));
      for (const [, each] of matching) result.merge(this.#alone(each, item, own));
      if (matching.length > 0) {
        isKnown = true;
        result.score += 1;
      }
      if (isKnown || more === undefined || more === true) continue;
      if (more === false)
        result.add('additional_property_not_allowed', path, `Additional property ${name} is not allowed`);
      else result.merge(this.#alone(more, item, own));
    }
  }

  #properties(schema: Schema, value: RegoObject, path: string, result: Result): void {
    for (const [name, each] of schema.properties) {
      const item = value.get(name);
      if (item !== undefined) this.check(each, item, joined(path, name), result);
    }
  }

  #text(schema: Schema, value: string, path: string, result: Result): void {
    if (schema.minLength !== undefined || schema.maxLength !== undefined) {
      const length = Array.from(value).length;
      if (isBelow(length, schema.minLength))
        result.add('string_gte', path, `String length must be greater than or equal to ${schema.minLength}`);
      if (isAbove(length, schema.maxLength))
        result.add('string_lte', path, `String length must be less than or equal to ${schema.maxLength}`);
    }
    if (schema.pattern !== undefined) {
      this.#spend(1 + value.length / 8);
      if (!schema.pattern.regex.test(value))
        result.add('pattern', path, `Does not match pattern '${schema.pattern.text}'`);
    }
    result.score += 1;
  }
}

function common(schema: Schema, value: Value, path: string, result: Result): void {
  const field = path === '' ? '(Root)' : path;
  if (schema.constant !== undefined && plainText(value) !== schema.constant)
    result.add('const', path, `${field} does not match: ${schema.constant}`);
  if (schema.enumeration !== undefined && !schema.enumeration.includes(plainText(value)))
    result.add('enum', path, `${field} must be one of the following: ${schema.enumeration.join(', ')}`);
  if (schema.format !== undefined && typeof value === 'string' && !hasFormat(schema.format, value))
    result.add('format', path, `Does not match format '${schema.format}'`);
  result.score += 1;
}

function numeric(schema: Schema, value: Numeric, path: string, result: Result): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = schema;
  if (multipleOf !== undefined && !isMultipleOf(value, multipleOf))
    result.add('multiple_of', path, `Must be a multiple of ${boundText(multipleOf)}`);
  if (maximum !== undefined && compareNumbers(value, maximum) > 0)
    result.add('number_lte', path, `Must be less than or equal to ${boundText(maximum)}`);
  if (exclusiveMaximum !== undefined && compareNumbers(value, exclusiveMaximum) >= 0)
    result.add('number_lt', path, `Must be less than ${boundText(exclusiveMaximum)}`);
  if (minimum !== undefined && compareNumbers(value, minimum) < 0)
    result.add('number_gte', path, `Must be greater than or equal to ${boundText(minimum)}`);
  if (exclusiveMinimum !== undefined && compareNumbers(value, exclusiveMinimum) <= 0)
    result.add('number_gt', path, `Must be greater than ${boundText(exclusiveMinimum)}`);
  result.score += 1;
}

function unique(value: readonly Value[], path: string, result: Result): void {
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    const text = plainText(item);
    const before = seen.get(text);
    if (before !== undefined) result.add('unique', path, `array items[${before},${index}] must be unique`);
    seen.set(text, index);
  }
}

function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (isNumber(value)) return isWholeNumber(canonical(value)) ? 'integer' : 'number';
  return isArray(value) ? 'array' : typeof value; // boolean, string, object
}

function isBelow(size: number, min: Numeric | undefined): boolean {
  return min !== undefined && compareNumbers(size, min) < 0;
}

function isAbove(size: number, max: Numeric | undefined): boolean {
  return max !== undefined && compareNumbers(size, max) > 0;
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** As the reference writes it: with an exponent of two digits from a million on, and below a ten thousandth. */
function boundText(value: Numeric): string {
  const near = Number(value);
  const [digits = '', power = '0'] = near.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(near);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

const MAX_DEPTH = 500;
