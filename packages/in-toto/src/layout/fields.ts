import { isJsonObject, jsonPointer, type JsonObject, type JsonValue } from '@sealwright/json';
import { type InTotoErrorCode, InTotoError } from '../errors.js';

/** Reads the members of one object of a layout or link; null is the same as missing, unknown members are ignored. */
export class Fields {
  readonly #object: JsonObject;
  readonly #maxItems: number;
  /** Where the object stands. */
  readonly pointer: string;

  /** Over a value that must be an object. */
  constructor(value: JsonValue | undefined, pointer: string, maxItems: number) {
    if (!isJsonObject(value)) throw fault('INTOTO_WRONG_TYPE', 'expected an object', pointer);
    this.#object = value;
    this.#maxItems = maxItems;
    this.pointer = pointer;
  }

  at(name: string): string {
    return this.pointer + jsonPointer(name);
  }

  value(name: string): JsonValue | undefined {
    return Object.hasOwn(this.#object, name) ? (this.#object[name] ?? undefined) : undefined;
  }

  /** Text that may be missing or empty. */
  text(name: string): string {
    const value = this.value(name) ?? '';
    if (typeof value !== 'string') throw fault('INTOTO_WRONG_TYPE', `${name} is text`, this.at(name));
    return value;
  }

  /** Text that must say something. */
  name(name: string): string {
    const value = this.text(name);
    if (value === '') throw fault('INTOTO_MISSING_FIELD', `${name} is missing or empty`, this.at(name));
    return value;
  }

  object(name: string): JsonObject {
    const value = this.value(name) ?? {};
    if (!isJsonObject(value)) throw fault('INTOTO_WRONG_TYPE', `${name} is an object`, this.at(name));
    return value;
  }

  list<T>(name: string, read: (item: JsonValue, pointer: string) => T): T[] {
    const value = this.value(name) ?? [];
    if (!Array.isArray(value)) throw fault('INTOTO_WRONG_TYPE', `${name} is a list`, this.at(name));
    this.#mustHold(value.length, name);
    return value.map((item, index) => read(item, this.at(name) + jsonPointer(index)));
  }

  texts(name: string): string[] {
    return this.list(name, textOf);
  }

  map<T>(name: string, read: (item: JsonValue, pointer: string, key: string) => T): Record<string, T> {
    const entries = Object.entries(this.object(name));
    this.#mustHold(entries.length, name);
    return Object.fromEntries(
      entries.map(([key, item]) => [key, read(item, this.at(name) + jsonPointer(key), key)]),
    );
  }

  #mustHold(count: number, name: string): void {
    if (count > this.#maxItems)
      throw fault('INTOTO_LIMIT_EXCEEDED', `at most ${this.#maxItems} entries, not ${count}`, this.at(name));
  }
}

/** A value that is text. */
export function textOf(value: JsonValue, pointer: string): string {
  if (typeof value !== 'string') throw fault('INTOTO_WRONG_TYPE', 'expected text', pointer);
  return value;
}

/** An error at a place. */
export function fault(code: InTotoErrorCode, message: string, pointer: string): InTotoError {
  return new InTotoError(code, message, { pointer });
}
