import {
  compare,
  equal,
  isArray,
  isCollection,
  memberOf,
  membersOf,
  RegoObject,
  RegoSet,
  type Value,
} from '../values.js';
import {
  type Builtins,
  BuiltinFault,
  countCharacters,
  items,
  list,
  object,
  of,
  set,
  small,
  wrong,
} from './builtin.js';

/** Arrays, sets, objects. */
export const COLLECTIONS: Builtins = {
  'internal.member_2': of(2, ([item = null, collection = null]) => isMember(item, collection)),
  'internal.member_3': of(3, ([key = null, item = null, collection = null]) => {
    const found = memberOf(collection, key);
    return found !== undefined && equal(found, item);
  }),
  or: of(2, (args) => new RegoSet([...set(args, 0).items(), ...set(args, 1).items()])),
  and: of(
    2,
    (args) =>
      new RegoSet(
        set(args, 0)
          .items()
          .filter((item) => set(args, 1).has(item)),
      ),
  ),
  set_diff: of(2, (args) => {
    const other = set(args, 1);
    return new RegoSet(
      set(args, 0)
        .items()
        .filter((item) => !other.has(item)),
    );
  }),
  any: of(1, (args) => items(args, 0).includes(true)),
  all: of(1, (args) => items(args, 0).every((item) => item === true)),
  walk: {
    arity: 1,
    call: ([value = null], { spend }) => {
      const found: Value[] = [];
      walked(value, [], spend, (path, each) => (found.push([path, each]), false));
      return found;
    },
    each: ([value = null], take, { spend }) => walked(value, [], spend, (path, each) => take([path, each])),
  },
  union: of(
    1,
    (args) =>
      new RegoSet(
        set(args, 0)
          .items()
          .flatMap((each, index) => {
            if (each instanceof RegoSet) return each.items();
            throw wrong(index, 'set', each);
          }),
      ),
  ),
  intersection: of(1, (args) => {
    const [first, ...rest] = set(args, 0)
      .items()
      .map((each) => set([each], 0));
    return new RegoSet((first?.items() ?? []).filter((item) => rest.every((each) => each.has(item))));
  }),
  count: of(1, ([value = null]) => {
    if (typeof value === 'string') return countCharacters(value);
    if (isArray(value)) return value.length;
    if (value instanceof RegoSet || value instanceof RegoObject) return value.size;
    throw wrong(0, '{array, object, set, string}', value);
  }),
  max: of(1, (args) => extreme(items(args, 0), 1)),
  min: of(1, (args) => extreme(items(args, 0), -1)),
  sort: of(1, (args) => [...items(args, 0)].sort(compare)),
  'array.concat': of(2, (args) => [...list(args, 0), ...list(args, 1)]),
  'array.flatten': of(1, (args) => list(args, 0).flatMap((item) => (isArray(item) ? item : [item]))),
  'array.reverse': of(1, (args) => [...list(args, 0)].reverse()),
  'array.slice': of(3, (args) => {
    const array = list(args, 0);
    const clamp = (value: bigint): number =>
      Number(value < 0n ? 0n : value > BigInt(array.length) ? BigInt(array.length) : value);
    const from = clamp(small(args, 1));
    return array.slice(from, Math.max(from, clamp(small(args, 2))));
  }),
  'object.get': of(3, (args) => {
    const [, path = null, fallback = null] = args;
    const keys = isArray(path) ? path : [path];
    let found: Value | undefined = object(args, 0);
    for (const key of keys) found = found === undefined ? undefined : memberAt(found, key);
    return found ?? fallback;
  }),
  'object.keys': of(
    1,
    (args) =>
      new RegoSet(
        object(args, 0)
          .entries()
          .map(([key]) => key),
      ),
  ),
  'object.values': of(1, (args) =>
    object(args, 0)
      .entries()
      .map(([, value]) => value),
  ),
  'object.remove': of(2, (args) => {
    const keys = keysOf(args, 1);
    return new RegoObject(
      object(args, 0)
        .entries()
        .filter(([key]) => !keys.has(key)),
    );
  }),
  'object.filter': of(2, (args) => {
    const keys = keysOf(args, 1);
    return new RegoObject(
      object(args, 0)
        .entries()
        .filter(([key]) => keys.has(key)),
    );
  }),
  'object.union': of(2, (args) => united(object(args, 0), object(args, 1))),
  'object.union_n': of(1, (args, { spend }) =>
    list(args, 0).reduce((sum: RegoObject, each, index) => {
      if (!(each instanceof RegoObject)) throw wrong(index, 'object', each);
      spend(sum.size >> 4);
      return united(sum, each);
    }, new RegoObject([])),
  ),
  'object.subset': of(2, ([whole = null, part = null], { spend }) => isSubset(whole, part, spend)),
  'json.filter': of(2, (args) => filtered(object(args, 0), pathsOf(args, 1))),
  'json.remove': of(2, (args) => removed(object(args, 0), pathsOf(args, 1))),
};

/** Whether a collection has an item. */
export function isMember(item: Value, collection: Value): boolean {
  if (isArray(collection)) return collection.some((each) => equal(each, item));
  if (collection instanceof RegoSet) return collection.has(item);
  return collection instanceof RegoObject && collection.entries().some(([, each]) => equal(each, item));
}

/** The greatest item, or with the sign turned the least; of equal ones the last or first, as after sorting. */
function extreme(all: readonly Value[], sign: 1 | -1): Value | undefined {
  let found: Value | undefined;
  for (const item of all) {
    const order = found === undefined ? sign : compare(item, found);
    if (order * sign > 0 || (order === 0 && sign > 0)) found = item;
  }
  return found;
}

function memberAt(value: Value, key: Value): Value | undefined {
  if (value instanceof RegoObject) return value.get(key);
  if (isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return value instanceof RegoSet && value.has(key) ? key : undefined;
}

function keysOf(args: readonly Value[], index: number): RegoSet {
  const value = args[index];
  if (value instanceof RegoObject) return new RegoSet(value.entries().map(([key]) => key));
  if (value instanceof RegoSet) return value;
  if (value !== undefined && isArray(value)) return new RegoSet(value);
  throw wrong(index, '{object, set, array}', value);
}

/** A value and all in it, each with its path. */
function walked(
  value: Value,
  path: readonly Value[],
  spend: (steps: number) => void,
  take: (path: readonly Value[], value: Value) => boolean,
): boolean {
  spend(1 + path.length / 8);
  return (
    take(path, value) || membersOf(value).some(([key, item]) => walked(item, [...path, key], spend, take))
  );
}

function united(a: RegoObject, b: RegoObject): RegoObject {
  const merged = b.entries().map(([key, value]): [Value, Value] => {
    const before = a.get(key);
    return [key, before instanceof RegoObject && value instanceof RegoObject ? united(before, value) : value];
  });
  return new RegoObject([...a.entries(), ...merged]);
}

function isSubset(whole: Value, part: Value, spend: (steps: number) => void): boolean {
  if (whole instanceof RegoObject && part instanceof RegoObject) {
    return part.entries().every(([key, value]) => {
      const found = whole.get(key);
      if (found === undefined) return false;
      const nested =
        (found instanceof RegoObject && value instanceof RegoObject) ||
        (found instanceof RegoSet && value instanceof RegoSet) ||
        (isArray(found) && isArray(value));
      return nested ? isSubset(found, value, spend) : equal(found, value);
    });
  }
  if (whole instanceof RegoSet && part instanceof RegoSet)
    return part.items().every((item) => whole.has(item));
  if (isArray(whole) && isCollection(part)) spend(Math.floor((whole.length * membersOf(part).length) / 16));
  if (isArray(whole) && part instanceof RegoSet)
    return part.items().every((item) => whole.some((each) => equal(each, item)));
  if (isArray(whole) && isArray(part)) {
    return (
      whole.some((_item, start) =>
        part.every(
          (item, index) => whole[start + index] !== undefined && equal(whole[start + index] ?? null, item),
        ),
      ) || part.length === 0
    );
  }
  throw new BuiltinFault('both arguments object.subset must be of the same type or array and set');
}

type Path = readonly Value[];

function pathsOf(args: readonly Value[], index: number): readonly Path[] {
  const given = args[index];
  if (given === undefined || !(isArray(given) || given instanceof RegoSet))
    throw wrong(index, '{set, array}', given);
  return items(args, index).map((path): Path => {
    if (typeof path === 'string')
      return path === ''
        ? []
        : path
            .replace(/^\//, '')
            .split('/')
            .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    if (isArray(path)) return path;
    throw wrong(index, '{set, array} containing string paths or array of path segments', path);
  });
}

/** A step names a key, or the position of an item by its text. */
function isStep(step: Value | undefined, key: Value, isPosition: boolean): boolean {
  return step !== undefined && (isPosition ? step === String(key) : equal(step, key));
}

function filtered(value: Value, paths: readonly Path[]): Value {
  if (paths.some((path) => path.length === 0)) return value;
  const kept = membersOf(value).flatMap(([key, item]): [Value, Value][] => {
    const below = paths.filter(([first]) => isStep(first, key, isArray(value))).map((path) => path.slice(1));
    return below.length === 0 ? [] : [[key, filtered(item, below)]];
  });
  if (isArray(value)) return kept.map(([, item]) => item);
  if (value instanceof RegoSet) return new RegoSet(kept.map(([, item]) => item));
  return value instanceof RegoObject ? new RegoObject(kept) : value;
}

function removed(value: Value, paths: readonly Path[]): Value {
  const kept = membersOf(value).flatMap(([key, item]): [Value, Value][] => {
    const below = paths.filter(([first]) => isStep(first, key, isArray(value))).map((path) => path.slice(1));
    return below.some((path) => path.length === 0) ? [] : [[key, removed(item, below)]];
  });
  if (isArray(value)) return kept.map(([, item]) => item);
  if (value instanceof RegoSet) return new RegoSet(kept.map(([, item]) => item));
  return value instanceof RegoObject ? new RegoObject(kept) : value;
}
