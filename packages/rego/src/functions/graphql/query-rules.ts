import { isArray, RegoObject, type Value } from '../../values.js';
import { definitionsOf, namedType, nameOf, nodesOf } from './schema-rules.js';

/** What is wrong with the operations of a document, for a schema; `undefined` when nothing is. */
export function mistakeInQuery(query: RegoObject, schema: RegoObject): string | undefined {
  const definitions = definitionsOf(schema);
  const fragments = new Map(nodesOf(query, 'Fragments').map((each) => [nameOf(each), each] as const));
  for (const operation of nodesOf(query, 'Operations')) {
    const kind = nameOf(operation, 'Operation');
    const root = rootOf(schema, kind);
    if (!definitions.has(root)) return `Schema does not support operation type "${kind}"`;
    const variables = new Set(
      nodesOf(operation, 'VariableDefinitions').map((each) => nameOf(each, 'Variable')),
    );
    const used = new Set<string>();
    const mistake = new Selections(definitions, fragments, used).mistakeIn(operation, root, 0);
    if (mistake !== undefined) return mistake;
    const name = nameOf(operation);
    const missing = [...used].find((each) => !variables.has(each));
    if (missing !== undefined)
      return `Variable "$${missing}" is not defined${name === '' ? '' : ` by operation "${name}"`}.`;
    const unused = [...variables].find((each) => !used.has(each));
    if (unused !== undefined)
      return `Variable "$${unused}" is never used${name === '' ? '' : ` in operation "${name}"`}.`;
  }
  return undefined;
}

function rootOf(schema: RegoObject, operation: string): string {
  const entries = [...nodesOf(schema, 'Schema'), ...nodesOf(schema, 'SchemaExtension')];
  const types = entries.flatMap((each) => nodesOf(each, 'OperationTypes'));
  const named = types.find((each) => nameOf(each, 'Operation') === operation);
  return named === undefined ? operation.charAt(0).toUpperCase() + operation.slice(1) : nameOf(named, 'Type');
}

class Selections {
  readonly #definitions: ReadonlyMap<string, readonly RegoObject[]>;
  readonly #fragments: ReadonlyMap<string, RegoObject>;
  readonly #used: Set<string>;

  constructor(
    definitions: ReadonlyMap<string, readonly RegoObject[]>,
    fragments: ReadonlyMap<string, RegoObject>,
    used: Set<string>,
  ) {
    this.#definitions = definitions;
    this.#fragments = fragments;
    this.#used = used;
  }

  mistakeIn(parent: RegoObject, type: string, depth: number): string | undefined {
    if (depth > 100) return 'fragments spread themselves';
    for (const each of nodesOf(parent, 'SelectionSet')) {
      const mistake = this.#mistakeInSelection(each, type, depth);
      if (mistake !== undefined) return mistake;
    }
    return undefined;
  }

  #mistakeInSelection(selection: RegoObject, type: string, depth: number): string | undefined {
    for (const directive of nodesOf(selection, 'Directives'))
      for (const argument of nodesOf(directive, 'Arguments')) this.#use(argument.get('Value'));
    const condition = selection.get('TypeCondition');
    if (condition !== undefined) {
      const inner = typeof condition === 'string' && condition !== '' ? condition : type;
      if (!this.#definitions.has(inner)) return `Unknown type "${inner}".`;
      return this.mistakeIn(selection, inner, depth + 1);
    }
    const name = nameOf(selection);
    if (selection.get('Alias') === undefined) {
      const fragment = this.#fragments.get(name);
      if (fragment === undefined) return `Unknown fragment "${name}".`;
      return this.mistakeIn(fragment, nameOf(fragment, 'TypeCondition'), depth + 1);
    }
    if (name.startsWith('__')) return undefined;
    const fields = (this.#definitions.get(type) ?? []).flatMap((each) => nodesOf(each, 'Fields'));
    const field = fields.find((each) => nameOf(each) === name);
    if (field === undefined) return `Cannot query field "${name}" on type "${type}".`;
    const given = nodesOf(selection, 'Arguments');
    for (const argument of given) {
      this.#use(argument.get('Value'));
      if (!nodesOf(field, 'Arguments').some((each) => nameOf(each) === nameOf(argument)))
        return `Unknown argument "${nameOf(argument)}" on field "${type}.${name}".`;
    }
    const required = nodesOf(field, 'Arguments').find(
      (each) =>
        isNonNull(each.get('Type')) &&
        each.get('DefaultValue') === undefined &&
        !given.some((one) => nameOf(one) === nameOf(each)),
    );
    if (required !== undefined)
      return `Field "${name}" argument "${nameOf(required)}" of type "${typeText(required.get('Type'))}" is required, but it was not provided`;
    const of = namedType(field.get('Type'));
    const hasFields = (this.#definitions.get(of) ?? []).some((each) =>
      ['OBJECT', 'INTERFACE', 'UNION'].includes(nameOf(each, 'Kind')),
    );
    const selects = nodesOf(selection, 'SelectionSet').length > 0;
    if (hasFields && !selects)
      return `Field "${name}" of type "${typeText(field.get('Type'))}" must have a selection of subfields. Did you mean "${name} { ... }"?`;
    if (!hasFields && selects)
      return `Field "${name}" must not have a selection since type "${typeText(field.get('Type'))}" has no subfields.`;
    return this.mistakeIn(selection, of, depth + 1);
  }

  #use(value: Value | undefined): void {
    if (!(value instanceof RegoObject)) return;
    if (value.get('Kind') === 0) this.#used.add(nameOf(value, 'Raw'));
    const children = value.get('Children');
    if (children !== undefined && isArray(children))
      for (const each of children) if (each instanceof RegoObject) this.#use(each.get('Value'));
  }
}

function isNonNull(type: Value | undefined): boolean {
  return type instanceof RegoObject && type.get('NonNull') === true;
}

function typeText(type: Value | undefined): string {
  if (!(type instanceof RegoObject)) return '';
  const inner = type.get('Elem');
  return `${inner === undefined ? nameOf(type, 'NamedType') : `[${typeText(inner)}]`}${isNonNull(type) ? '!' : ''}`;
}
