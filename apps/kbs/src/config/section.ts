import { UsageError } from '@sealwright/service';
import { lineOf, type TomlLines, type TomlPath } from './toml-lines.js';

/** Where a configuration came from, for the place in its errors. */
export interface ConfigSource {
  /** The file's name. */
  readonly file: string;
  /** Lines of its keys; empty where it has none. */
  readonly lines: TomlLines;
}

/**
 * One table of the configuration. Each key is read by its type; {@link Section.done} refuses what nobody read.
 */
export class Section {
  readonly #source: ConfigSource;
  readonly #path: TomlPath;
  readonly #table: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(source: ConfigSource, path: TomlPath, table: Readonly<Record<string, unknown>>) {
    this.#source = source;
    this.#path = path;
    this.#table = table;
  }

  /** The value of a key as it is. */
  raw(name: string): unknown {
    this.#read.add(name);
    return Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
  }

  /** A text. */
  text(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    return this.fail(name, 'expected a text');
  }

  /** A text that must be there. */
  needText(name: string): string {
    return this.text(name) ?? this.fail(name, 'is required');
  }

  /** A list of texts. */
  texts(name: string): string[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    return this.fail(name, 'expected a list of texts');
  }

  /** True or false. */
  flag(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    return this.fail(name, 'expected true or false');
  }

  /** An integer between two bounds. */
  integer(name: string, least: number, most: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    return this.fail(name, `expected an integer from ${least} to ${most}`);
  }

  /** One of some words, each with the spelling that is used here. */
  word<W extends string>(name: string, words: ReadonlyMap<string, W>): W | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const known = typeof value === 'string' ? words.get(value) : undefined;
    return known ?? this.fail(name, `expected one of ${[...new Set(words.values())].join(', ')}`);
  }

  /** A table. */
  section(name: string): Section | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!isTable(value)) return this.fail(name, 'expected a table');
    return new Section(this.#source, [...this.#path, name], value);
  }

  /** A table that must be there. */
  needSection(name: string): Section {
    return this.section(name) ?? this.fail(name, 'is required');
  }

  /** A list of tables. */
  sections(name: string): Section[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.fail(name, 'expected a list of tables');
    return value.map((item: unknown, index) => {
      if (!isTable(item)) return this.fail(name, 'expected a list of tables');
      return new Section(this.#source, [...this.#path, name, index], item);
    });
  }

  /** The names in the table that nobody read. */
  get unread(): string[] {
    return Object.keys(this.#table).filter((name) => !this.#read.has(name));
  }

  /** Refuse the configuration if it has a key here that nobody read. */
  done(hints: Readonly<Record<string, string>> = {}): void {
    const [name] = this.unread;
    if (name === undefined) return;
    const hint = Object.hasOwn(hints, name) ? hints[name] : undefined;
    this.fail(name, hint ?? 'is not a key that is known here');
  }

  /**
   * Refuse the configuration.
   *
   * @throws {@link UsageError} always, with file, line and key.
   */
  fail(name: string, message: string): never {
    throw refusal(this.#source, [...this.#path, name], message);
  }
}

/** The error about one key: file, line, dotted name, what is wrong. */
export function refusal(source: ConfigSource, path: TomlPath, message: string): UsageError {
  const line = lineOf(source.lines, path);
  const dotted = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  const place = line === undefined ? source.file : `${source.file}:${line}`;
  return new UsageError(`${place}: ${dotted.slice(1)}: ${message}`);
}

/** Whether a value of TOML is a table. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
