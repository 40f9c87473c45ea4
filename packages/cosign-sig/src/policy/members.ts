import { isJsonObject, type JsonObject, jsonPointer, type JsonValue } from '@sealwright/json';
import { CosignError } from '../errors.js';

/** Assert an object with these members and no others; with any at all where none are named. */
export function members(
  value: JsonValue | undefined,
  pointer: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  if (!isJsonObject(value)) throw policyFault('expected an object', pointer);
  if (required.length + optional.length === 0) return value;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw policyFault(`expected the member ${missing}`, pointer);
  const unknown = Object.keys(value).find((name) => !required.includes(name) && !optional.includes(name));
  if (unknown !== undefined) throw policyFault('unknown member', pointer + jsonPointer(unknown));
  return value;
}

/** An `ERR_COSIGN_POLICY`. */
export function policyFault(message: string, pointer: string): CosignError {
  return new CosignError('ERR_COSIGN_POLICY', message, { pointer });
}
