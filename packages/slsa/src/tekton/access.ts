/**
 * Reading a run the way Go reads it into structs: what is missing is empty, what has another type is refused.
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { SlsaError } from '../errors.js';

/** The object at a path; empty when there is none. */
export function objectAt(value: JsonValue | undefined, ...path: readonly string[]): JsonObject {
  return maybeObjectAt(value, ...path) ?? {};
}

/** The object at a path; `undefined` when there is none. */
export function maybeObjectAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): JsonObject | undefined {
  const found = at(value, path);
  if (found === undefined || found === null) return undefined;
  if (!isJsonObject(found)) throw mistyped('an object', path);
  return found;
}

/** The objects of the list at a path; none when there is no list. */
export function objectsAt(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonObject[] {
  return (listAt(value, ...path) ?? []).map((item) => objectAt(item));
}

/** The list at a path; `undefined` when there is none. */
export function listAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): readonly JsonValue[] | undefined {
  const found = at(value, path);
  if (found === undefined || found === null) return undefined;
  if (!Array.isArray(found)) throw mistyped('a list', path);
  return found;
}

/** The text at a path; empty when there is none. */
export function textAt(value: JsonValue | undefined, ...path: readonly string[]): string {
  const found = at(value, path);
  if (found === undefined || found === null) return '';
  if (typeof found !== 'string') throw mistyped('text', path);
  return found;
}

/** The map of texts at a path; empty when there is none. */
export function textsAt(
  value: JsonValue | undefined,
  ...path: readonly string[]
): Readonly<Record<string, string>> {
  const found = objectAt(value, ...path);
  return Object.fromEntries(Object.keys(found).map((name) => [name, textAt(found, name)]));
}

function at(value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined {
  let found = value;
  for (const [depth, name] of path.entries()) {
    if (found === undefined || found === null) return undefined;
    if (!isJsonObject(found)) throw mistyped('an object', path.slice(0, depth));
    found = Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

function mistyped(expected: string, path: readonly string[]): SlsaError {
  return new SlsaError('ERR_SLSA_RUN', `expected ${expected}`, {
    pointer: path.map((name) => `/${name}`).join(''),
  });
}
