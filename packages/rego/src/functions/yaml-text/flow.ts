import { RegoObject, type Value } from '../../values.js';
import { doubleQuoted, folded, plainValue, singleQuoted, type YamlError } from './scalars.js';

/** What collections in brackets need of the document that they stand in. */
export interface Names {
  readonly anchor: (name: string, value: Value) => void;
  readonly alias: (name: string) => Value;
  readonly fail: (message: string) => YamlError;
}

/** Quoted scalars and collections in brackets, which may go over several lines. */
export class Flow {
  readonly #more: () => string | undefined;
  readonly #names: Names;
  #text: string;
  #at = 0;

  constructor(more: () => string | undefined, text: string, names: Names) {
    this.#more = more;
    this.#text = text;
    this.#names = names;
  }

  value(depth: number): Value {
    if (depth > MAX_DEPTH) throw this.#names.fail('exceeded max depth');
    const properties = this.#match(/(?:[&!][^\s,[\]{}]*\s+){0,4}/y);
    const value = this.#bare(depth);
    for (const [, name = ''] of properties.matchAll(/&(\S+)/g)) this.#names.anchor(name, value);
    return value;
  }

  #bare(depth: number): Value {
    const character = this.#text.charAt(this.#at);
    if (character === '[') return this.#sequence(depth);
    if (character === '{') return this.#mapping(depth);
    if (character === '"' || character === "'") return this.#quoted(character);
    if (character === '*') return this.#names.alias(this.#match(/\*[^\s,[\]{}]+/y).slice(1));
    if (/^[,@`%]?$/.test(character)) throw this.#names.fail('did not find expected node content');
    return plainValue(folded(this.#plain(), false).trim());
  }

  /** Nothing but a comment may be left. */
  end(): void {
    if (!/^\s*(?:\s#.*)?$/.test(this.#text.slice(this.#at)))
      throw this.#names.fail('did not find expected <document start>');
  }

  #plain(): string {
    let text = '';
    for (;;) {
      text += this.#match(/(?:[^,[\]{}:#\s]|:(?![\s,[\]{}]|$)|(?<=\S)#|[ \t]+(?![#\s]|$))+/y);
      if (!/^\s*$/.test(this.#text.slice(this.#at))) return text;
      if (!this.#fetch()) return text;
      text += '\n';
    }
  }

  #sequence(depth: number): Value {
    this.#at += 1;
    const items: Value[] = [];
    for (;;) {
      this.#space("did not find expected ',' or ']'");
      if (this.#take(']')) return items;
      const item = this.value(depth + 1);
      this.#space("did not find expected ',' or ']'");
      if (this.#take(':')) {
        this.#space("did not find expected ',' or ']'");
        const value = /^[,\]]/.test(this.#text.slice(this.#at)) ? null : this.value(depth + 1);
        items.push(new RegoObject([[nameOf(item), value]]));
        this.#space("did not find expected ',' or ']'");
      } else items.push(item);
      if (!this.#take(',') && this.#text.charAt(this.#at) !== ']')
        throw this.#names.fail("did not find expected ',' or ']'");
    }
  }

  #mapping(depth: number): Value {
    this.#at += 1;
    const members: [Value, Value][] = [];
    const expected = "did not find expected ',' or '}'";
    for (;;) {
      this.#space(expected);
      if (this.#take('}')) return new RegoObject(members);
      const key = this.value(depth + 1);
      this.#space(expected);
      let value: Value = null;
      if (this.#take(':')) {
        this.#space(expected);
        if (!/^[,}]/.test(this.#text.slice(this.#at))) value = this.value(depth + 1);
        this.#space(expected);
      }
      members.push([nameOf(key), value]);
      if (!this.#take(',') && this.#text.charAt(this.#at) !== '}') throw this.#names.fail(expected);
    }
  }

  #quoted(quote: string): string {
    let from = this.#at + 1;
    this.#at = from;
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === '') {
        from -= this.#at;
        const before = this.#text.slice(0);
        if (!this.#fetch(before)) throw this.#names.fail('found unexpected end of stream');
        from += this.#at;
        continue;
      }
      if (quote === '"' && character === '\\') this.#at += 2;
      else if (character !== quote) this.#at += 1;
      else if (quote === "'" && this.#text.charAt(this.#at + 1) === "'") this.#at += 2;
      else break;
    }
    const body = this.#text.slice(from, this.#at);
    this.#at += 1;
    return quote === '"' ? doubleQuoted(body) : singleQuoted(body);
  }

  /** Past blanks, comments and ends of lines. */
  #space(message: string): void {
    for (;;) {
      this.#match(/[ \t]*(?:(?:(?<=[\s,[\]{}])|^)#.*)?/y);
      if (this.#at < this.#text.length) return;
      if (!this.#fetch()) throw this.#names.fail(message);
    }
  }

  #fetch(keep = ''): boolean {
    const next = this.#more();
    if (next === undefined) return false;
    this.#text = keep === '' ? next : `${keep}\n${next}`;
    this.#at = keep === '' ? 0 : keep.length + 1;
    if (keep === '') this.#match(/\s*/y);
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [all = ''] = pattern.exec(this.#text) ?? [];
    this.#at += all.length;
    return all;
  }

  #take(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }
}

function nameOf(key: Value): string {
  return typeof key === 'string' ? key : String(key);
}

/** How deep collections nest. */
export const MAX_DEPTH = 100;
