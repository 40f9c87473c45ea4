import { isArray, RegoObject, type Value } from '../../values.js';

/** The objects of a member that is a list. */
export function nodesOf(parent: Value | undefined, name: string): readonly RegoObject[] {
  const list = parent instanceof RegoObject ? parent.get(name) : undefined;
  return list !== undefined && isArray(list) ? list.filter((each) => each instanceof RegoObject) : [];
}

/** A member that is text. */
export function nameOf(parent: Value | undefined, name = 'Name'): string {
  const value = parent instanceof RegoObject ? parent.get(name) : undefined;
  return typeof value === 'string' ? value : '';
}

/** The name of a type, whatever lists are around it. */
export function namedType(type: Value | undefined): string {
  let at = type;
  while (at instanceof RegoObject && at.get('Elem') !== undefined) at = at.get('Elem');
  return nameOf(at, 'NamedType');
}

/** The definitions of a schema by name, extensions added to them. */
export function definitionsOf(schema: RegoObject): ReadonlyMap<string, readonly RegoObject[]> {
  const found = new Map<string, RegoObject[]>();
  for (const each of [...nodesOf(schema, 'Definitions'), ...nodesOf(schema, 'Extensions')])
    found.set(nameOf(each), [...(found.get(nameOf(each)) ?? []), each]);
  return found;
}

/** What is wrong with a schema; `undefined` when nothing is. */
export function mistakeInSchema(schema: RegoObject): string | undefined {
  const definitions = definitionsOf(schema);
  const names = nodesOf(schema, 'Definitions').map((each) => nameOf(each));
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return `Cannot redeclare type ${twice}.`;
  if (nodesOf(schema, 'Schema').length > 1)
    return 'Cannot have multiple schema entry points, consider schema extensions instead.';
  for (const entry of [...nodesOf(schema, 'Schema'), ...nodesOf(schema, 'SchemaExtension')]) {
    for (const each of nodesOf(entry, 'OperationTypes'))
      if (!definitions.has(nameOf(each, 'Type')))
        return `Schema root ${nameOf(each, 'Operation')} refers to a type ${nameOf(each, 'Type')} that does not exist.`;
  }
  for (const parts of definitions.values()) {
    const kinds = new Set(parts.map((part) => nameOf(part, 'Kind')));
    if (kinds.size > 1)
      return `Cannot extend type ${nameOf(parts[0])} because the base type is another kind.`;
    for (const part of parts) {
      const mistake = mistakeInDefinition(part, parts, definitions);
      if (mistake !== undefined) return mistake;
    }
  }
  const known = new Set([
    ...BUILT_IN_DIRECTIVES,
    ...nodesOf(schema, 'Directives').map((each) => nameOf(each)),
  ]);
  const unknown = directivesIn(schema).find((name) => !known.has(name));
  return unknown === undefined ? undefined : `Undefined directive ${unknown}.`;
}

function mistakeInDefinition(
  part: RegoObject,
  all: readonly RegoObject[],
  definitions: ReadonlyMap<string, readonly RegoObject[]>,
): string | undefined {
  const kind = nameOf(part, 'Kind');
  const name = nameOf(part);
  const kindOf = (type: string): string =>
    nameOf(definitions.get(type)?.[0], 'Kind') || (BUILT_IN_TYPES.has(type) ? 'SCALAR' : '');
  const listed = (member: string): readonly string[] => {
    const list = part.get(member);
    return list !== undefined && isArray(list) ? list.filter((each) => typeof each === 'string') : [];
  };
  if (kind === 'OBJECT' || kind === 'INTERFACE' || kind === 'INPUT_OBJECT') {
    if (all.every((each) => nodesOf(each, 'Fields').length === 0))
      return `${kind} ${name}: must define one or more fields.`;
    for (const field of nodesOf(part, 'Fields')) {
      const type = namedType(field.get('Type'));
      if (nameOf(field).startsWith('__'))
        return `Name "${nameOf(field)}" must not begin with "__", which is reserved by GraphQL introspection.`;
      if (kindOf(type) === '') return `Undefined type ${type}.`;
      const isInput = kindOf(type) === 'INPUT_OBJECT';
      if (kind === 'INPUT_OBJECT' ? !INPUTS.has(kindOf(type)) : isInput)
        return `field must be one of ${kind === 'INPUT_OBJECT' ? 'SCALAR, ENUM, INPUT_OBJECT' : 'SCALAR, OBJECT, INTERFACE, UNION, ENUM'}`;
      for (const argument of nodesOf(field, 'Arguments')) {
        const wanted = namedType(argument.get('Type'));
        if (kindOf(wanted) === '') return `Undefined type ${wanted}.`;
        if (!INPUTS.has(kindOf(wanted)))
          return `cannot use ${wanted} as argument ${nameOf(argument)} because it is no input type`;
      }
    }
  }
  if (kind === 'ENUM' && all.every((each) => nodesOf(each, 'EnumValues').length === 0))
    return `ENUM ${name}: must define one or more unique enum values.`;
  const strange = listed('Types').find((type) => kindOf(type) !== 'OBJECT');
  if (strange !== undefined)
    return kindOf(strange) === '' ? `Undefined type ${strange}.` : `UNION type ${strange} must be OBJECT.`;
  for (const each of listed('Interfaces')) {
    if (kindOf(each) === '') return `Undefined type ${each}.`;
    if (kindOf(each) !== 'INTERFACE') return `${each} is a non interface type ${kindOf(each)}.`;
    const own = new Set(all.flatMap((one) => nodesOf(one, 'Fields').map((field) => nameOf(field))));
    const wanted =
      definitions.get(each)?.flatMap((one) => nodesOf(one, 'Fields').map((field) => nameOf(field))) ?? [];
    const missing = wanted.find((field) => !own.has(field));
    if (missing !== undefined)
      return `For ${name} to implement ${each} it must have a field called ${missing}.`;
    const interfaces = new Set(all.flatMap((one) => namesIn(one, 'Interfaces')));
    const above = definitions.get(each)?.flatMap((one) => namesIn(one, 'Interfaces')) ?? [];
    const left = above.find((one) => !interfaces.has(one));
    if (left !== undefined)
      return `Type ${name} must implement ${left} because it is implemented by ${each}.`;
  }
  return undefined;
}

function namesIn(parent: RegoObject, name: string): readonly string[] {
  const list = parent.get(name);
  return list !== undefined && isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

/** Names of all directives that are used. */
function directivesIn(schema: RegoObject): readonly string[] {
  const found: string[] = [];
  const visit = (parent: RegoObject): void => {
    for (const each of nodesOf(parent, 'Directives'))
      if (each.get('Locations') === undefined) found.push(nameOf(each));
    for (const list of [
      'Schema',
      'SchemaExtension',
      'Definitions',
      'Extensions',
      'Fields',
      'Arguments',
      'EnumValues',
    ])
      for (const each of nodesOf(parent, list)) visit(each);
  };
  visit(schema);
  return found;
}

/** Types that every schema has. */
export const BUILT_IN_TYPES: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);
const BUILT_IN_DIRECTIVES = ['deprecated', 'include', 'skip', 'specifiedBy', 'defer', 'oneOf'];
const INPUTS: ReadonlySet<string> = new Set(['SCALAR', 'ENUM', 'INPUT_OBJECT']);
