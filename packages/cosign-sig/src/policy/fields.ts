/** Members of Kubernetes objects, read with their place. Absent and `null` are the same there. */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { policyFault } from './members.js';

/** Reads the members of one object; those that are never asked for are unknown, and refuse the policy. */
export class Fields {
  /** JSON pointer of the object. */
  readonly pointer: string;
  readonly #json: JsonObject;
  readonly #asked = new Set<string>();

  constructor(value: JsonValue | undefined, pointer: string) {
    if (!isJsonObject(value)) throw policyFault('expected an object', pointer);
    this.#json = value;
    this.pointer = pointer;
  }

  /** A member as it is. */
  get(name: string): JsonValue | undefined {
    this.#asked.add(name);
    return this.has(name) ? this.#json[name] : undefined;
  }

  /** Whether a member says something. */
  has(name: string): boolean {
    this.#asked.add(name);
    return Object.hasOwn(this.#json, name) && this.#json[name] !== null;
  }

  text(name: string, fallback = ''): string {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'string') throw policyFault('expected a text', this.at(name));
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback;
    if (typeof value !== 'boolean') throw policyFault('expected true or false', this.at(name));
    return value;
  }

  count(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
      throw policyFault('expected a count of 1 or more', this.at(name));
    }
    return value;
  }

  /** One of some words. */
  word<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const value = this.text(name, fallback);
    const found = words.find((word) => word === value);
    if (found === undefined) throw policyFault(`expected ${words.join(' or ')}`, this.at(name));
    return found;
  }

  texts(name: string): readonly string[] {
    return this.list(name, (item, pointer) => {
      if (typeof item !== 'string') throw policyFault('expected a text', pointer);
      return item;
    });
  }

  /** Names to texts. */
  pairs(name: string): Readonly<Record<string, string>> {
    const value = this.get(name) ?? {};
    if (!isJsonObject(value)) throw policyFault('expected an object', this.at(name));
    const pairs = Object.entries(value).map(([key, text]): [string, string] => {
      if (typeof text !== 'string') throw policyFault('expected a text', this.at(name));
      return [key, text];
    });
    return Object.fromEntries(pairs);
  }

  list<T>(name: string, read: (item: JsonValue, pointer: string) => T): readonly T[] {
    const value = this.get(name) ?? [];
    if (!Array.isArray(value) || value.length > MAX_ITEMS) {
      throw policyFault(`expected a list of at most ${MAX_ITEMS}`, this.at(name));
    }
    return value.map((item, index) => read(item, `${this.at(name)}/${index}`));
  }

  /** An object below, if it is there. */
  child<T>(name: string, read: (fields: Fields) => T): T | undefined {
    return this.has(name) ? done(new Fields(this.get(name), this.at(name)), read) : undefined;
  }

  /** Refuse what was never asked for. */
  end(): void {
    const unknown = Object.keys(this.#json).find((name) => !this.#asked.has(name));
    if (unknown !== undefined) throw policyFault('unknown member', this.at(unknown));
  }

  /** The place of a member. */
  at(name: string): string {
    return `${this.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  }
}

/** Read an object to its end. */
export function readFields<T>(value: JsonValue | undefined, pointer: string, read: (fields: Fields) => T): T {
  return done(new Fields(value, pointer), read);
}

function done<T>(fields: Fields, read: (fields: Fields) => T): T {
  const result = read(fields);
  fields.end();
  return result;
}

const MAX_ITEMS = 1000;
