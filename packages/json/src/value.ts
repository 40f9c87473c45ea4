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
