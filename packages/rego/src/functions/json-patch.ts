import { equal, isArray, literalText, RegoObject, RegoSet, typeName, type Value } from '../values.js';
import { type Builtins, BuiltinFault, list, of } from '../builtins/builtin.js';

/** Changes of documents, RFC 6902; sets have members by value, and paths may be arrays. */
export const JSON_PATCH: Builtins = {
  'json.patch': of(2, (args) => list(args, 1).reduce<Value>(patched, args[0] ?? null)),
};

function patched(document: Value, patch: Value): Value {
  if (!(patch instanceof RegoObject))
    throw new BuiltinFault(
      'must be an array of JSON-Patch objects, but at least one element is not an object',
    );
  const attribute = (name: string): Value => {
    const value = patch.get(name);
    if (value === undefined) throw new BuiltinFault(`missing required attribute '${name}'`);
    return value;
  };
  const path = pathOf(attribute('path'));
  const op = attribute('op');
  if (typeof op !== 'string')
    throw new BuiltinFault(`attribute 'op' must be a string but found: ${typeName(op)}`);
  switch (op) {
    case 'add':
      return added(document, path, attribute('value'));
    case 'remove':
      return removed(document, path);
    case 'replace':
      return added(removed(document, path), path, attribute('value'));
    case 'move': {
      const from = pathOf(attribute('from'));
      const value = found(document, from);
      return added(removed(document, from), path, value);
    }
    case 'copy':
      return added(document, path, found(document, pathOf(attribute('from'))));
    case 'test': {
      const [value, wanted] = [found(document, path), attribute('value')];
      if (!equal(value, wanted))
        throw new BuiltinFault(`expected ${literalText(wanted)}, found ${literalText(value)}`);
      return document;
    }
    default:
      throw new BuiltinFault(`unrecognized op: '${op}'`);
  }
}

function pathOf(value: Value): readonly Value[] {
  if (isArray(value)) return value;
  if (typeof value !== 'string')
    throw new BuiltinFault('must be one of {set, array} containing string paths or array of path segments');
  if (value === '') return [];
  return value
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function found(document: Value, path: readonly Value[]): Value {
  let value: Value | undefined = document;
  for (const step of path) {
    if (value instanceof RegoObject) value = value.get(step);
    else if (value instanceof RegoSet) value = value.has(step) ? step : undefined;
    else if (value !== undefined && isArray(value)) value = value[positionIn(value, step, false)];
    else value = undefined;
    if (value === undefined) throw missing(step);
  }
  return value;
}

function added(document: Value, path: readonly Value[], value: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (rest.length > 0) return changed(document, step, (inner) => added(inner, rest, value));
  if (document instanceof RegoObject) return new RegoObject([...document.entries(), [step, value]]);
  if (document instanceof RegoSet) {
    if (!equal(step, value))
      throw new BuiltinFault(
        `set key ${literalText(step)} does not equal value to be inserted ${literalText(value)}`,
      );
    return new RegoSet([...document.items(), value]);
  }
  if (!isArray(document)) throw missing(step);
  const at = step === '-' ? document.length : positionIn(document, step, true);
  return [...document.slice(0, at), value, ...document.slice(at)];
}

function removed(document: Value, path: readonly Value[]): Value {
  const [step, ...rest] = path;
  if (step === undefined) return null;
  found(document, [step]);
  if (rest.length > 0) return changed(document, step, (inner) => removed(inner, rest));
  if (document instanceof RegoObject)
    return new RegoObject(document.entries().filter(([key]) => !equal(key, step)));
  if (document instanceof RegoSet) return new RegoSet(document.items().filter((item) => !equal(item, step)));
  if (!isArray(document)) throw missing(step);
  const at = positionIn(document, step, false);
  return document.filter((_item, index) => index !== at);
}

function changed(document: Value, step: Value, change: (inner: Value) => Value): Value {
  const inner = change(found(document, [step]));
  if (document instanceof RegoObject) return new RegoObject([...document.entries(), [step, inner]]);
  if (document instanceof RegoSet)
    return new RegoSet([...document.items().filter((item) => !equal(item, step)), inner]);
  if (!isArray(document)) throw missing(step);
  const at = positionIn(document, step, false);
  return document.map((item, index) => (index === at ? inner : item));
}

function positionIn(array: readonly Value[], step: Value, end: boolean): number {
  const index =
    typeof step === 'number'
      ? step
      : typeof step === 'string' && /^(?:0|[1-9][0-9]{0,8})$/.test(step)
        ? Number(step)
        : -1;
  if (index === -1 && typeof step === 'string' && /^0[0-9]+$/.test(step))
    throw new BuiltinFault('leading zeros are not allowed in JSON paths');
  if (!Number.isInteger(index) || index < 0 || index > array.length - (end ? 0 : 1)) throw missing(step);
  return index;
}

function missing(step: Value): BuiltinFault {
  return new BuiltinFault(`path ${literalText(step)} does not exist in object`);
}
