import { compareNumbers, isWholeNumber, canonical, type Numeric } from '../../decimal.js';
import { BuiltinFault } from '../../builtins/builtin.js';
import { compileRegex, type Regex, RegexSyntaxError } from '../../regex.js';
import { isArray, isNumber, RegoObject, type Value } from '../../values.js';
import { baseOf, References, resolved } from './references.js';
import { plainText, type Schema } from './schema.js';

/**
 * Check a schema, and make it ready.
 *
 * @param document - JSON
 * @param spend - takes steps, one for each schema in it
 */
export function compileSchema(document: Value, spend: (steps: number) => void): Schema {
  if (typeof document !== 'boolean' && !(document instanceof RegoObject))
    throw new BuiltinFault('schema is invalid');
  return new Compiler(document, spend).schema(document, '');
}

class Compiler {
  readonly #draft: number;
  readonly #references: References;
  readonly #spend: (steps: number) => void;
  /** By URL, so that a schema may lead to itself. */
  readonly #known: Map<string, Schema> = new Map();
  #depth = 0;

  constructor(document: Value, spend: (steps: number) => void) {
    this.#draft = draftOf(document);
    this.#spend = spend;
    this.#references = new References(document);
  }

  schema(node: Value, base: string, schema: Schema = emptySchema()): Schema {
    this.#spend(1);
    if (typeof node === 'boolean' && this.#draft >= 6) schema.pass = node;
    else if (node instanceof RegoObject) {
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw new BuiltinFault(`schemas nest deeper than ${MAX_DEPTH}`);
      this.#keywords(node, base, schema);
      this.#depth -= 1;
    } else throw new BuiltinFault('Expected: Valid Schema, given: Invalid JSON');
    return schema;
  }

  #keywords(node: RegoObject, outer: string, schema: Schema): void {
    textOf(
      node,
      this.#draft === 4 || (this.#draft === HYBRID && node.get('id') !== undefined) ? 'id' : '$id',
    );
    const base = baseOf(node, outer);
    this.#definitions(node, base);
    textOf(node, 'title');
    textOf(node, 'description');
    const reference = textOf(node, '$ref');
    if (reference !== undefined) schema.reference = this.#referred(resolved(base, reference));
    else {
      schema.types = typesOf(node.get('type'));
      this.#objects(node, base, schema);
      this.#arrays(node, base, schema);
      numbers(node, this.#draft, schema);
      texts(node, schema);
      this.#values(node, schema);
      this.#combined(node, base, schema);
    }
  }

  #definitions(node: RegoObject, base: string): void {
    const definitions = node.get('definitions');
    if (definitions === undefined) return;
    if (!(definitions instanceof RegoObject)) throw invalidType('Array Of Schemas', 'definitions');
    for (const [, definition] of definitions.entries()) {
      if (!isSchema(definition)) throw invalidType('Array Of Schemas', 'definitions');
      this.schema(definition, base);
    }
  }

  #referred(url: string): Schema {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    const schema = emptySchema();
    this.#known.set(url, schema);
    const node = this.#references.find(url);
    if (!isSchema(node)) throw new BuiltinFault('Valid Schema must be of type object');
    return this.schema(node, url.replace(/#.*$/s, ''), schema);
  }

  #objects(node: RegoObject, base: string, schema: Schema): void {
    const properties = node.get('properties');
    if (properties !== undefined) {
      if (!(properties instanceof RegoObject)) throw new BuiltinFault('Properties must be of type object');
      schema.properties = properties
        .entries()
        .map(([name, each]) => [String(name), this.schema(each, base)] as const);
    }
    const additional = this.#booleanOr(node, 'additionalProperties', base);
    if (additional !== undefined) schema.additionalProperties = additional;
    const patterns = node.get('patternProperties');
    if (patterns !== undefined) {
      if (!(patterns instanceof RegoObject)) throw invalidType('Valid Schema', 'patternProperties');
      schema.patternProperties = patterns.entries().map(([name, each]) => {
        const regex = regexOf(String(name), `Invalid regex pattern '${String(name)}'`);
        return [regex, this.schema(each, base)] as const;
      });
    }
    const names = node.get('propertyNames');
    if (names !== undefined && this.#draft >= 6) {
      if (!isSchema(names)) throw invalidType('Valid Schema', 'patternProperties');
      schema.propertyNames = this.schema(names, base);
    }
    this.#dependencies(node, base, schema);
    for (const name of ['minProperties', 'maxProperties'] as const) count(node, name, schema);
    notAbove('minProperties', 'maxProperties', schema, 'minProperties cannot be greater than maxProperties');
    const required = listOf(node, 'required').map((each) => {
      if (typeof each !== 'string') throw invalidType('string', 'required');
      return each;
    });
    if (new Set(required).size < required.length) throw new BuiltinFault('required items must be unique');
    schema.required = required;
  }

  #dependencies(node: RegoObject, base: string, schema: Schema): void {
    const dependencies = node.get('dependencies');
    if (dependencies === undefined) return;
    if (!(dependencies instanceof RegoObject)) throw new BuiltinFault('dependencies must be of type object');
    schema.dependencies = new Map(
      dependencies.entries().map(([name, each]): [string, readonly string[] | Schema] => {
        if (isSchema(each)) return [String(name), this.schema(each, base)];
        const names = isArray(each) ? each.filter((item) => typeof item === 'string') : undefined;
        if (names === undefined || !isArray(each) || names.length < each.length)
          throw new BuiltinFault('Dependency must be of type Schema Or Array Of Strings');
        return [String(name), names];
      }),
    );
  }

  #arrays(node: RegoObject, base: string, schema: Schema): void {
    const items = node.get('items');
    const wrong = invalidType('Valid Schema/Array Of Schemas', 'items');
    if (items !== undefined && isArray(items))
      schema.itemList = items.map((each) => {
        if (!isSchema(each)) throw wrong;
        return this.schema(each, base);
      });
    else if (items !== undefined) {
      if (!isSchema(items)) throw wrong;
      schema.items = this.schema(items, base);
    }
    const additional = this.#booleanOr(node, 'additionalItems', base);
    if (additional !== undefined) schema.additionalItems = additional;
    for (const name of ['minItems', 'maxItems'] as const) count(node, name, schema);
    const unique = node.get('uniqueItems');
    if (unique !== undefined) {
      if (typeof unique !== 'boolean') throw new BuiltinFault('uniqueItems must be of a boolean');
      schema.uniqueItems = unique;
    }
    const contains = node.get('contains');
    if (contains !== undefined && this.#draft >= 6) schema.contains = this.schema(contains, base);
  }

  #booleanOr(node: RegoObject, name: string, base: string): boolean | Schema | undefined {
    const value = node.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (!(value instanceof RegoObject)) throw invalidType('boolean/Valid Schema', name);
    return this.schema(value, base);
  }

  #values(node: RegoObject, schema: Schema): void {
    const constant = node.get('const');
    if (constant !== undefined && this.#draft >= 6) schema.constant = plainText(constant);
    if (node.get('enum') === undefined) return;
    const enumeration = listOf(node, 'enum').map(plainText);
    if (new Set(enumeration).size < enumeration.length) throw new BuiltinFault('enum items must be unique');
    schema.enumeration = enumeration;
  }

  #combined(node: RegoObject, base: string, schema: Schema): void {
    for (const name of ['oneOf', 'anyOf', 'allOf'] as const)
      schema[name] = listOf(node, name).map((each) => this.schema(each, base));
    for (const name of ['not', 'if', 'then', 'else'] as const) {
      const value = node.get(name);
      if (value === undefined || (name !== 'not' && this.#draft < 7)) continue;
      if (!isSchema(value)) throw new BuiltinFault(`${name} must be of an object`);
      schema[name] = this.schema(value, base);
    }
  }
}

function draftOf(document: Value): number {
  const url = document instanceof RegoObject ? document.get('$schema') : undefined;
  if (url === undefined) return HYBRID;
  if (typeof url !== 'string') throw new BuiltinFault('$schema must be of type string');
  const [, draft] = /^http:\/\/json-schema\.org\/draft-0([467])\/schema#?$/.exec(url) ?? [];
  return draft === undefined ? HYBRID : Number(draft);
}

function typesOf(type: Value | undefined): readonly string[] {
  if (type === undefined) return [];
  const given = typeof type === 'string' ? [type] : isArray(type) ? type : undefined;
  if (given === undefined) throw invalidType('type', 'string/Array Of Strings');
  const types: string[] = [];
  for (const each of given) {
    if (typeof each !== 'string') throw invalidType('type', 'string/Array Of Strings');
    if (!TYPES.includes(each))
      throw new BuiltinFault(
        `has a primitive type that is NOT VALID -- given: /${each}/ Expected valid values are:[${TYPES.join(' ')}]`,
      );
    if (types.includes(each)) throw new BuiltinFault(`${each} type is duplicated`);
    types.push(each);
  }
  return types;
}

function numbers(node: RegoObject, draft: number, schema: Schema): void {
  const multiple = node.get('multipleOf');
  if (multiple !== undefined) {
    if (!isNumber(multiple)) throw invalidType('Number', 'multipleOf');
    if (compareNumbers(multiple, 0) <= 0)
      throw new BuiltinFault('multipleOf must be strictly greater than 0');
    schema.multipleOf = multiple;
  }
  bound(node, draft, 'minimum', 'exclusiveMinimum', schema);
  bound(node, draft, 'maximum', 'exclusiveMaximum', schema);
}

/** In draft 4 a bound is exclusive where a boolean says so, later where it stands under another name. */
function bound(
  node: RegoObject,
  draft: number,
  name: 'minimum' | 'maximum',
  exclusiveName: 'exclusiveMinimum' | 'exclusiveMaximum',
  schema: Schema,
): void {
  const value = node.get(name);
  if (value !== undefined) {
    if (!isNumber(value)) throw new BuiltinFault(`${name} must be of a Number`);
    schema[name] = value;
  }
  const exclusive = node.get(exclusiveName);
  if (exclusive === undefined) return;
  if (typeof exclusive === 'boolean' && (draft === 4 || draft === HYBRID)) {
    if (value === undefined) throw new BuiltinFault(`${exclusiveName} cannot be used without ${name}`);
    if (!exclusive || !isNumber(value)) return;
    schema[exclusiveName] = value;
    delete schema[name];
    return;
  }
  if (draft === 4) throw invalidType('boolean', exclusiveName);
  if (!isNumber(exclusive)) throw invalidType(draft === HYBRID ? 'boolean/number' : 'number', exclusiveName);
  schema[exclusiveName] = exclusive;
}

function texts(node: RegoObject, schema: Schema): void {
  for (const name of ['minLength', 'maxLength'] as const) count(node, name, schema);
  notAbove('minLength', 'maxLength', schema, 'minLength cannot be greater than maxLength');
  const pattern = textOf(node, 'pattern');
  if (pattern !== undefined)
    schema.pattern = { text: pattern, regex: regexOf(pattern, 'pattern must be a valid regex') };
  const format = textOf(node, 'format');
  if (format !== undefined) schema.format = format;
}

type Count = 'minLength' | 'maxLength' | 'minItems' | 'maxItems' | 'minProperties' | 'maxProperties';

function count(node: RegoObject, name: Count, schema: Schema): void {
  const value = node.get(name);
  if (value === undefined) return;
  if (!isNumber(value) || !isWholeNumber(canonical(value)))
    throw new BuiltinFault(`${name} must be of an integer`);
  if (compareNumbers(value, 0) < 0) throw new BuiltinFault(`${name} must be greater than or equal to 0`);
  schema[name] = canonical(value);
}

function notAbove(low: Count, high: Count, schema: Schema, message: string): void {
  const [min, max]: readonly (Numeric | undefined)[] = [schema[low], schema[high]];
  if (min !== undefined && max !== undefined && compareNumbers(min, max) > 0) throw new BuiltinFault(message);
}

function regexOf(pattern: string, message: string): Regex {
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (error instanceof RegexSyntaxError) throw new BuiltinFault(message);
    throw error;
  }
}

function textOf(node: RegoObject, name: string): string | undefined {
  const value = node.get(name);
  if (value !== undefined && typeof value !== 'string') throw invalidType('string', name);
  return value;
}

function listOf(node: RegoObject, name: string): readonly Value[] {
  const value = node.get(name) ?? [];
  if (!isArray(value)) throw new BuiltinFault(`${name} must be of an array`);
  return value;
}

function isSchema(value: Value): boolean {
  return typeof value === 'boolean' || value instanceof RegoObject;
}

function invalidType(expected: string, given: string): BuiltinFault {
  return new BuiltinFault(`Invalid type. Expected: ${expected}, given: ${given}`);
}

function emptySchema(): Schema {
  return {
    types: [],
    properties: [],
    patternProperties: [],
    dependencies: new Map(),
    required: [],
    itemList: [],
    uniqueItems: false,
    oneOf: [],
    anyOf: [],
    allOf: [],
  };
}

/** The keywords of all drafts. */
const HYBRID = 99;
const MAX_DEPTH = 500;
const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'];
