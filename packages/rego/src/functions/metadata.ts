import type { Builtins, CallSite } from '../builtins/builtin.js';
import { isArray, RegoObject, type Value } from '../values.js';
import { parseYaml } from './yaml-text/parse.js';
import { YamlError } from './yaml-text/scalars.js';

/** Annotations: YAML in comments that begin with METADATA. What is no YAML is an ordinary comment. */
export const METADATA: Builtins = {
  'rego.metadata.rule': {
    arity: 0,
    call: () => new RegoObject([]),
    about: ({ own }) => scoped(own, 'rule')[0] ?? new RegoObject([]),
  },
  'rego.metadata.chain': { arity: 0, call: () => [], about: chainOf },
};

/** The annotations of a clause, of its document, its package, and the packages above. */
function chainOf({ rule, package: module, own, document, packages }: CallSite): Value {
  const path = rule ?? module;
  const first = scoped(own, 'rule').map((each) => entry(path, each));
  const above = [...packages].sort((a, b) => b.path.length - a.path.length);
  return [
    ...(first.length === 0 ? [new RegoObject([['path', [...path]]])] : first),
    ...scoped(document, 'document').map((each) => entry(path, each)),
    ...above
      .filter((each) => each.path.length === module.length)
      .flatMap((each) => scoped(each.notes, 'package').map((value) => entry(each.path, value))),
    ...above.flatMap((each) => scoped(each.notes, 'subpackages').map((value) => entry(each.path, value))),
  ];
}

function entry(path: readonly string[], annotations: Value): Value {
  const members: [Value, Value][] = [
    ['path', [...path]],
    ['annotations', annotations],
  ];
  return new RegoObject(members);
}

/** The annotations of a scope. Those of a package say so where the comment stands. */
function scoped(notes: readonly string[], scope: string): readonly Value[] {
  return notes.flatMap((note) => {
    const value = annotationOf(note, scope === 'package' || scope === 'subpackages' ? 'package' : 'rule');
    return value?.get('scope') === scope ? [value] : [];
  });
}

function annotationOf(note: string, usual: string): RegoObject | undefined {
  let read: Value;
  try {
    read = parseYaml(note)[0] ?? null;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
  if (!(read instanceof RegoObject)) return undefined;
  const members = read.entries().filter(([name, value]) => FIELDS.has(String(name)) && value !== null);
  return new RegoObject([
    ['scope', usual],
    ...members.map(([name, each]): [Value, Value] => [name, SHAPES[String(name)]?.(each) ?? each]),
  ]);
}

function listOf(shape: (item: Value) => Value): (value: Value) => Value {
  return (value) => (isArray(value) ? value.map(shape) : value);
}

/** `A Name <mail@example.com>`, or an object. */
function author(item: Value): Value {
  if (typeof item !== 'string') return item;
  const [, name = '', email = ''] = /^([^<]{0,200})(?:<([^<>]{1,200})>)?\s{0,20}$/.exec(item.trim()) ?? [
    '',
    item,
  ];
  const members: [Value, Value][] = [];
  if (name.trim() !== '') members.push(['name', name.trim()]);
  if (email !== '') members.push(['email', email]);
  return new RegoObject(members);
}

function resource(item: Value): Value {
  return typeof item === 'string' ? new RegoObject([['ref', item]]) : item;
}

const SHAPES: Readonly<Record<string, (value: Value) => Value>> = {
  authors: listOf(author),
  related_resources: listOf(resource),
};
const FIELDS: ReadonlySet<string> = new Set([
  'scope',
  'title',
  'description',
  'authors',
  'organizations',
  'related_resources',
  'entrypoint',
  'custom',
  'schemas',
  'compile',
]);
