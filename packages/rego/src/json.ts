import { narrow, RegoDecimal } from './decimal.js';
import { RegoError } from './errors.js';
import { isArray, NamedMembers, RegoObject, RegoSet, toText, type Value } from './values.js';

/**
 * Take JSON as a value.
 *
 * @param json - as `JSON.parse` gives it; `bigint` and values of Rego pass too
 * @throws {@link RegoError} `ERR_REGO_VALUE`, for what is no JSON or nests deeper than 1000.
 */
export function fromJson(json: unknown): Value {
  return taken(json, MAX_DEPTH);
}

function taken(json: unknown, depth: number): Value {
  if (typeof json === 'string' || typeof json === 'boolean' || json === null) return json;
  if (typeof json === 'number' && Number.isFinite(json))
    return Number.isInteger(json) && !Number.isSafeInteger(json) ? narrow(BigInt(json)) : json;
  if (typeof json === 'bigint') return narrow(json);
  if (typeof json !== 'object')
    throw new RegoError('ERR_REGO_VALUE', `data and input are JSON, not ${typeof json}`);
  if (depth === 0) throw new RegoError('ERR_REGO_VALUE', `JSON nests deeper than ${MAX_DEPTH}`);
  if (Array.isArray(json)) return json.map((item) => taken(item, depth - 1));
  if (json instanceof RegoObject || json instanceof RegoSet || json instanceof RegoDecimal) return json;
  const names = Object.keys(json);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read by its own names
  const members = json as Readonly<Record<string, unknown>>;
  return new RegoObject(
    new NamedMembers(
      names,
      names.map((name) => taken(members[name], depth - 1)),
    ),
  );
}

/**
 * Give a value as JSON: sets become sorted arrays, keys that are no strings their JSON text. Integers beyond 2^53 stay `bigint`, longer
 * fractions become the nearest `number`.
 *
 * @param value - the value
 */
export function toJson(value: Value): unknown {
  if (value instanceof RegoSet) return value.items().map(toJson);
  if (isArray(value)) return value.map(toJson);
  if (value instanceof RegoDecimal) return value.valueOf();
  if (!(value instanceof RegoObject)) return value;
  const result: Record<string, unknown> = {};
  for (const [key, member] of value.entries()) {
    const name = typeof key === 'string' ? key : toText(key);
    const json = toJson(member);
    if (name !== '__proto__') result[name] = json;
    else
      Object.defineProperty(result, name, {
        value: json,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return result;
}

/** How deep JSON nests. */
export const MAX_DEPTH = 1000;
