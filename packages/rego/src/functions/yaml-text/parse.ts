/**
 * YAML as policies meet it: block and flow collections, all scalars, anchors, merge keys. Tags other than those of the core schema are
 * ignored; directives and complex keys are refused.
 *
 * @module
 */
import { isArray, RegoObject, type Value } from '../../values.js';
import { Flow, MAX_DEPTH } from './flow.js';
import { doubleQuoted, folded, plainValue, singleQuoted, YamlError } from './scalars.js';

/** Read every document of a text. */
export function parseYaml(text: string): readonly Value[] {
  if (text.length > MAX_TEXT) throw new YamlError('the text is too long');
  const documents: Value[] = [];
  let lines: Line[] = [];
  let started = false;
  const finish = (): void => {
    if (lines.length > 0 || started) documents.push(new Document(lines).value());
    lines = [];
  };
  for (const [index, raw] of text.replaceAll('\r\n', '\n').split('\n').entries()) {
    if (/^---(?:\s|$)/.test(raw)) {
      if (started || lines.some((each) => each.text.trim() !== '' && !each.text.trim().startsWith('#')))
        finish();
      lines = [];
      started = true;
      const rest = raw.slice(3);
      if (rest.trim() !== '') lines.push({ number: index + 1, text: `   ${rest}` });
    } else if (/^\.\.\.(?:\s|$)/.test(raw)) {
      finish();
      started = false;
    } else if (raw.startsWith('%') && !started && lines.length === 0) continue;
    else lines.push({ number: index + 1, text: raw });
  }
  finish();
  return documents.length === 0 ? [null] : documents;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

class Document {
  readonly #lines: readonly Line[];
  readonly #anchors = new Map<string, Value>();
  #at = 0;
  #depth = 0;
  #aliases = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  value(): Value {
    this.#skip();
    const value = this.#line === undefined ? null : this.#block(this.#indent(), '');
    this.#skip();
    if (this.#line !== undefined) throw this.#fail('did not find expected <document start>');
    return value;
  }

  get #line(): Line | undefined {
    return this.#lines[this.#at];
  }

  #fail(message: string): YamlError {
    const number = this.#line?.number ?? this.#lines.at(-1)?.number ?? 1;
    return new YamlError(`yaml: line ${number}: ${message}`);
  }

  /** Past empty lines and comments. */
  #skip(): void {
    while (this.#line !== undefined && /^\s*(?:#.*)?$/.test(this.#line.text)) this.#at += 1;
  }

  #indent(): number {
    const text = this.#line?.text ?? '';
    const indent = text.length - text.replace(/^ +/, '').length;
    if (text.charAt(indent) === '\t' && !/^\s*[[{"']/.test(text))
      throw this.#fail('found character that cannot start any token');
    return indent;
  }

  /** The collection or scalar that begins on this line, at so many blanks. `properties` are its anchor and tag. */
  #block(indent: number, properties: string): Value {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#fail('exceeded max depth');
    const text = (this.#line?.text ?? '').slice(indent);
    const value = /^-(?:\s|$)/.test(text)
      ? this.#sequence(indent)
      : keyEnd(text) !== undefined
        ? this.#mapping(indent)
        : this.#scalarFrom(text, indent - 1);
    this.#depth -= 1;
    return this.#named(value, properties);
  }

  #named(value: Value, properties: string): Value {
    const tagged =
      /(?:^|\s)!!str(?:\s|$)/.test(properties) && typeof value !== 'string' && !isArray(value)
        ? String(value)
        : value;
    for (const [, name = ''] of properties.matchAll(/&(\S+)/g)) this.#anchors.set(name, tagged);
    return tagged;
  }

  #sequence(indent: number): Value {
    const items: Value[] = [];
    for (this.#skip(); this.#line !== undefined && this.#indent() === indent; this.#skip()) {
      const { text, number } = this.#line;
      const [all] = /^-(?:[ \t]+|$)/.exec(text.slice(indent)) ?? [];
      if (all === undefined) break;
      items.push(this.#nested(text.slice(indent + all.length), indent, indent + all.length, number, false));
    }
    if (this.#line !== undefined && this.#indent() > indent)
      throw this.#fail("did not find expected '-' indicator");
    return items;
  }

  #mapping(indent: number): Value {
    const members: [Value, Value][] = [];
    const merged: (readonly [Value, Value])[] = [];
    const seen = new Set<string>();
    for (this.#skip(); this.#line !== undefined && this.#indent() === indent; this.#skip()) {
      const { text, number } = this.#line;
      const body = text.slice(indent);
      const end = keyEnd(body);
      if (end === undefined || /^-(?:\s|$)/.test(body)) break;
      const key = this.#key(body.slice(0, end).trim());
      const after = body.slice(end + 1);
      const rest = after.trimStart();
      const value = this.#nested(rest, indent, text.length - rest.length, number, true);
      if (key === '<<') for (const member of this.#merge(value)) merged.push(member);
      else {
        const name = typeof key === 'string' ? key : String(key);
        if (seen.has(name)) throw this.#fail(`key ${JSON.stringify(name)} already set in map`);
        seen.add(name);
        members.push([name, value]);
      }
    }
    if (
      this.#line !== undefined &&
      (this.#indent() > indent || (!/^\s*-/.test(this.#line.text) && this.#indent() === indent))
    )
      throw this.#fail('did not find expected key');
    return new RegoObject([...merged, ...members]);
  }

  #merge(value: Value): readonly (readonly [Value, Value])[] {
    const all = isArray(value) ? [...value].reverse() : [value];
    return all.flatMap((each) => {
      if (!(each instanceof RegoObject))
        throw this.#fail('map merge requires map or sequence of maps as the value');
      return each.entries();
    });
  }

  #key(text: string): Value {
    if (text.startsWith('"')) return doubleQuoted(text.slice(1, -1));
    if (text.startsWith("'")) return singleQuoted(text.slice(1, -1));
    if (text.startsWith('*')) return this.#alias(text.slice(1));
    if (text.startsWith('&')) return this.#named(text.replace(/^\S+\s+/, ''), text.split(/\s/)[0] ?? '');
    if (/^[?{[]/.test(text)) throw this.#fail('keys are scalars');
    const value = plainValue(text);
    return value;
  }

  /** What follows a `-` or a `key:` on the same line, else below it. */
  #nested(rest: string, parent: number, column: number, number: number, isMember: boolean): Value {
    const [properties = ''] = /^(?:[&!]\S*(?:\s+|$)){1,4}/.exec(rest) ?? [];
    const inline = rest.slice(properties.length);
    if (inline === '' || inline.startsWith('#')) {
      this.#at += 1;
      this.#skip();
      const indent = this.#line === undefined ? -1 : this.#indent();
      const dash = isMember && indent === parent && /^\s*-(?:\s|$)/.test(this.#line?.text ?? '');
      return indent > parent || dash
        ? this.#block(indent, properties)
        : this.#named(plainEmpty(properties), properties);
    }
    const start = column + properties.length;
    if (!isMember && (/^-(?:\s|$)/.test(inline) || keyEnd(inline) !== undefined)) {
      // a collection that begins within a line of the one around it
      const lines = this.#lines as Line[];
      lines[this.#at] = { number, text: ' '.repeat(start) + inline };
      return this.#block(start, properties);
    }
    if (isMember && keyEnd(inline) !== undefined && !/^["'[{]/.test(inline))
      throw this.#fail('mapping values are not allowed in this context');
    return this.#named(this.#scalarFrom(inline, parent), properties);
  }

  /** A scalar or flow collection that begins here and may go on below, further in than its parent. */
  #scalarFrom(text: string, parent: number): Value {
    if (/^[|>]/.test(text)) return this.#literal(text, parent);
    const flow = new Flow(() => this.#continued(parent), text, {
      anchor: (name, value) => this.#anchors.set(name, value),
      alias: (name) => this.#alias(name),
      fail: (message) => this.#fail(message),
    });
    if (/^[[{"'*]/.test(text)) {
      const value = flow.value(this.#depth);
      flow.end();
      this.#at += 1;
      return value;
    }
    if (/^[@`%]/.test(text) || /^[,\]}]/.test(text))
      throw this.#fail('found character that cannot start any token');
    const lines = [plainText(text)];
    for (let ended = hasComment(text); !ended;) {
      const next = this.#continued(parent);
      if (next === undefined) break;
      if (keyEnd(next.trim()) !== undefined)
        throw this.#fail('mapping values are not allowed in this context');
      lines.push(plainText(next.trim()));
      ended = hasComment(next);
    }
    this.#at += 1;
    return plainValue(folded(lines.join('\n'), false).trim());
  }

  /** The next line, when it is further in than the parent. */
  #continued(parent: number): string | undefined {
    let at = this.#at + 1;
    while (this.#lines[at] !== undefined && (this.#lines[at]?.text ?? '').trim() === '') at += 1;
    const text = this.#lines[at]?.text;
    if (
      text === undefined ||
      text.length - text.trimStart().length <= parent ||
      text.trimStart().startsWith('#')
    )
      return undefined;
    const blank = '\n'.repeat(at - this.#at - 1);
    this.#at = at;
    return blank + text;
  }

  /** A block scalar, `|` or `>`. */
  #literal(header: string, parent: number): Value {
    const [all, style = '', first = '', second = ''] =
      /^([|>])([-+]|[1-9])?([-+]|[1-9])?\s*(?:#.*)?$/.exec(header) ?? [];
    if (all === undefined) throw this.#fail('did not find expected comment or line break');
    const chomp = [first, second].find((each) => each === '-' || each === '+') ?? '';
    const given = [first, second].find((each) => /[1-9]/.test(each));
    this.#at += 1;
    const lines: string[] = [];
    let indent = given === undefined ? -1 : Math.max(parent, 0) + Number(given);
    for (; this.#line !== undefined; this.#at += 1) {
      const { text } = this.#line;
      const size = text.length - text.replace(/^ +/, '').length;
      if (text.trim() === '') {
        lines.push(indent >= 0 ? text.slice(indent) : '');
        continue;
      }
      if (indent < 0) indent = size;
      if (size < indent || size <= parent) break;
      lines.push(text.slice(indent));
    }
    let end = lines.length;
    while (end > 0 && lines[end - 1] === '') end -= 1;
    const body = lines.slice(0, end);
    const joined = style === '|' ? body.join('\n') : foldedBlock(body);
    const tail =
      chomp === '+'
        ? '\n'.repeat(lines.length - end + (end > 0 ? 1 : 0))
        : chomp === '-' || end === 0
          ? ''
          : '\n';
    return joined + tail;
  }

  #alias(name: string): Value {
    const value = this.#anchors.get(name);
    if (value === undefined) throw this.#fail(`unknown anchor '${name}' referenced`);
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) throw this.#fail('document contains excessive aliasing');
    return value;
  }
}

/** Lines of a `>` scalar: those that are further in keep their breaks. */
function foldedBlock(lines: readonly string[]): string {
  let result = '';
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1];
    const isMore = (text: string | undefined): boolean => text !== undefined && /^[ \t]/.test(text);
    if (index === 0) result = line;
    else if (line === '') result += '\n';
    else if (before === '' && !isMore(line)) result += line;
    else result += (isMore(line) || isMore(before) ? '\n' : ' ') + line;
  }
  return result;
}

/** Where the colon of a `key:` stands; `undefined` where a line has none. */
function keyEnd(text: string): number | undefined {
  const [quoted] = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*(?=:)/.exec(text) ?? [];
  if (quoted !== undefined) return /^:(?:\s|$)/.test(text.slice(quoted.length)) ? quoted.length : undefined;
  if (/^["'[{#|>%@`]/.test(text)) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === ':' && /^(?:\s|$)/.test(text.charAt(at + 1))) return at;
    if (character === '#' && /\s/.test(text.charAt(at - 1))) return undefined;
  }
  return undefined;
}

function plainText(text: string): string {
  const at = text.search(/\s#/);
  return (at < 0 ? text : text.slice(0, at)).trimEnd();
}

function hasComment(text: string): boolean {
  return /\s#/.test(text);
}

function plainEmpty(properties: string): Value {
  return /(?:^|\s)!!str(?:\s|$)/.test(properties) ? '' : null;
}

const MAX_TEXT = 4 << 20;
const MAX_ALIASES = 1000;
