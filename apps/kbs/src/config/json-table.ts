import type { JsonObject, JsonValue } from '@sealwright/json';
import { isTable, type Section } from './section.js';

/**
 * Keys of a table as JSON.
 *
 * @param section - the table
 * @param names - which of its keys
 * @throws {@link UsageError} for a date or a number that JSON does not have.
 */
export function jsonTable(section: Section, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => {
      const json = jsonOf(section.raw(name));
      return [name, json === undefined ? section.fail(name, 'expected a value that JSON has too') : json];
    }),
  );
}

function jsonOf(value: unknown): JsonValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items = value.map(jsonOf);
    return items.some((item) => item === undefined) ? undefined : (items as JsonValue[]);
  }
  if (!isTable(value)) return undefined;
  const members = Object.entries(value).map(([name, member]) => [name, jsonOf(member)] as const);
  return members.some(([, member]) => member === undefined)
    ? undefined
    : (Object.fromEntries(members) as JsonObject);
}
