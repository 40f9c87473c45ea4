/** Whatever JSON can hold. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** An object of JSON. A member named `__proto__` is an own member like any other. */
export interface JsonObject {
  /** A member, by its name. */
  [name: string]: JsonValue;
}

/**
 * Whether a value is an object of JSON: not `null`, not an array.
 *
 * @param value - anything that came out of a parser
 */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Set a member, also one whose name would otherwise set the prototype. */
export function setMember(object: JsonObject, name: string, value: JsonValue): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else object[name] = value;
}
