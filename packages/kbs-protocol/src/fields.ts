/**
 * Reading members of hostile JSON: each reader names the member at fault.
 *
 * @module
 */
import { isJsonObject, parseJson, type JsonObject, type JsonValue } from '@sealwright/json';
import { KbsProtocolError, type KbsProtocolErrorCode } from './errors.js';

/** Parse text or bytes under a cap; duplicate members are refused. */
export function readJson(
  input: string | Uint8Array,
  maxBytes: number,
  code: KbsProtocolErrorCode = 'ERR_KBS_MESSAGE',
): JsonValue {
  // A string never has fewer UTF-8 bytes than UTF-16 units, so this refuses nothing that would fit.
  if (input.length > maxBytes) {
    throw new KbsProtocolError('ERR_KBS_LIMIT', `expected at most ${maxBytes} bytes, not ${input.length}`);
  }
  try {
    return parseJson(input, { maxBytes });
  } catch (cause) {
    throw new KbsProtocolError(code, 'expected JSON text', { cause });
  }
}

/** The value as an object. */
export function objectAt(
  value: JsonValue | undefined,
  pointer: string,
  code: KbsProtocolErrorCode = 'ERR_KBS_MESSAGE',
): JsonObject {
  if (isJsonObject(value)) return value;
  throw new KbsProtocolError(code, `expected an object at '${pointer}', found ${kindOf(value)}`, { pointer });
}

/** The value as a string. */
export function stringAt(
  value: JsonValue | undefined,
  pointer: string,
  code: KbsProtocolErrorCode = 'ERR_KBS_MESSAGE',
): string {
  if (typeof value === 'string') return value;
  throw new KbsProtocolError(code, `expected a string at '${pointer}', found ${kindOf(value)}`, { pointer });
}

/** The value of an own member, or undefined. */
export function own(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** Whether a value is an object with this own member. */
export function isJsonObjectWith(value: JsonValue, name: string): value is JsonObject {
  return isJsonObject(value) && Object.hasOwn(value, name);
}
