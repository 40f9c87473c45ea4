/**
 * What is below `data`: given documents, rules, and what `with` puts in their place, over one another.
 *
 * @module
 */
import type { DocumentNode } from './documents.js';
import { RegoError } from './errors.js';
import type { Run } from './runtime.js';
import { equal, keyOf, memberOf, RegoObject, RegoSet, type Value } from './values.js';

/** A place below `data` that is no value yet. */
export class Cursor {
  readonly at: readonly string[];
  readonly node: DocumentNode | undefined;
  readonly base: Value | undefined;

  constructor(at: readonly string[], node: DocumentNode | undefined, base: Value | undefined) {
    this.at = at;
    this.node = node;
    this.base = base;
  }
}

/** All of `data`. */
export function rootOf({ world, options }: Run): Cursor {
  return new Cursor([], options.root, world.data);
}

/** One step into a document or value. */
export function step(run: Run, from: Value | Cursor, key: Value): Value | Cursor | undefined {
  if (!(from instanceof Cursor)) return memberOf(from, key);
  const name = typeof key === 'string' ? key : keyOf(key); // the names of data are text
  return settled(
    run,
    new Cursor(
      [...from.at, name],
      from.node?.children.get(name),
      from.base === undefined ? undefined : (memberOf(from.base, key) ?? memberOf(from.base, name)),
    ),
  );
}

/** A place as its value where it is one; `undefined` where nothing is. */
function settled(run: Run, cursor: Cursor): Value | Cursor | undefined {
  const { at, node, base } = cursor;
  const { replaced } = run.world;
  if (replaced.length > 0) {
    const own = replaced.find(({ path }) => isSamePath(path, at));
    if (own !== undefined) return own.value;
    if (replaced.some(({ path }) => isBelow(path, at))) return cursor;
  }
  if (node === undefined) return base instanceof RegoObject ? cursor : base; // names of given data are text
  if (base !== undefined && !(base instanceof RegoObject)) return base; // given data hides rules
  return node.rules.length === 0 ? cursor : whole(run, cursor);
}

/** The whole value of a document. */
export function whole(run: Run, from: Value | Cursor): Value | undefined {
  if (!(from instanceof Cursor)) return from;
  const { at, node, base } = from;
  if (node === undefined && run.world.replaced.length === 0) return base;
  const own = node === undefined ? undefined : ownValue(run, node);
  if (own !== undefined && !(own instanceof RegoObject)) return own;
  const members: (readonly [Value, Value])[] = base instanceof RegoObject ? [...base.entries()] : [];
  for (const name of namesBelow(run, from)) {
    const below = step(run, from, name);
    const value = below === undefined ? undefined : whole(run, below);
    if (value !== undefined) members.push([name, value]);
  }
  const isPartial = node?.rules.some(({ kind }) => kind !== 'value') === true;
  for (const [key, value] of own === undefined ? [] : own.entries()) {
    const other =
      typeof key === 'string' && node?.children.has(key) === true
        ? members.find(([name]) => name === key)
        : undefined;
    const child = isPartial && typeof key === 'string' ? node.children.get(key) : undefined;
    members.push([key, other === undefined ? value : merged(other[1], value, node, child)]);
  }
  const isEmpty = members.length === 0 && base === undefined && own === undefined;
  return isEmpty && node !== undefined && node.rules.length > 0 && at.length > 0
    ? undefined
    : new RegoObject(members);
}

/** What the rules at a node give by themselves; of functions only those without parameters have a value. */
function ownValue(run: Run, node: DocumentNode): Value | undefined {
  const [first] = node.rules;
  if (first === undefined) return undefined;
  const called = node.rules.find(({ kind }) => kind === 'function');
  if (called === undefined) return run.rules(node);
  return called.args.length === 0 ? run.apply(node, [], first.place) : undefined;
}

/** What two rules say of one key: objects of members that rules give are one, all else must be the same. `child` is what the first is of. */
function merged(a: Value, b: Value, node: DocumentNode | undefined, child: DocumentNode | undefined): Value {
  const isWhole = child === undefined || child.rules.some(({ kind }) => kind === 'value');
  if (!isWhole && a instanceof RegoObject && b instanceof RegoObject) {
    const both = b.entries().map(([key, value]): [Value, Value] => {
      const other = a.get(key);
      const below = typeof key === 'string' ? child.children.get(key) : undefined;
      return [key, other === undefined ? value : merged(other, value, node, below)];
    });
    return new RegoObject([...a.entries(), ...both]);
  }
  if (a instanceof RegoSet && b instanceof RegoSet) return new RegoSet([...a.items(), ...b.items()]);
  if (equal(a, b)) return a;
  throw new RegoError('ERR_REGO_CONFLICT', 'object keys must be unique', { place: node?.rules[0]?.place });
}

/** Keys and members of a place. */
export function membersBelow(run: Run, from: Cursor): readonly (readonly [Value, Value | Cursor])[] {
  const { base } = from;
  const keys = new RegoSet([
    ...namesBelow(run, from),
    ...(base instanceof RegoObject ? base.entries().map(([key]) => key) : []),
  ]);
  return keys.items().flatMap((key): [Value, Value | Cursor][] => {
    const member = step(run, from, key);
    return member === undefined ? [] : [[key, member]];
  });
}

/** Names below a place that rules or replacements have. */
function namesBelow(run: Run, { at, node }: Cursor): readonly string[] {
  const replaced = run.world.replaced
    .filter(({ path }) => isBelow(path, at))
    .map(({ path }) => path[at.length] ?? '');
  return [...new Set([...(node?.children.keys() ?? []), ...replaced])];
}

function isBelow(path: readonly string[], at: readonly string[]): boolean {
  return path.length > at.length && isSamePath(path.slice(0, at.length), at);
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
