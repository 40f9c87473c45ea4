import type { Body, Expression, Module, Rule, Term } from './ast.js';
import { type Place, RegoError } from './errors.js';
import { type Token, tokenize } from './lexer.js';
import { negated, numeric } from './decimal.js';
import { isNumber, type Value } from './values.js';

/** The dialect of a module that does not say: v1 has `if`, `contains`, `in` and `every` as keywords, v0 only by import. */
export type RegoVersion = 'v0' | 'v1';

/** Read a policy's file. */
export function parseModule(
  source: string,
  file: string,
  version: RegoVersion,
  limits: TextLimits = TEXT_LIMITS,
): Module {
  checkLimits(source, file, limits);
  return new Parser(source, file, version).module();
}

/** Caps of a policy's text. */
export interface TextLimits {
  /** In UTF-16 code units. */
  readonly size: number;
  /** How many. */
  readonly lines: number;
  /** Of the longest line. */
  readonly columns: number;
}

/** The caps that hold unless others are given: 4 MiB, 100 000 lines, 65 536 columns. */
export const TEXT_LIMITS: TextLimits = { size: 4 << 20, lines: 100_000, columns: 65_536 };

function checkLimits(source: string, file: string, limits: TextLimits): void {
  const fail = (message: string, line: number): never => {
    throw new RegoError('ERR_REGO_LIMIT', message, { place: { file, line, column: 1 } });
  };
  if (source.length > limits.size) fail(`a policy has at most ${limits.size} characters`, 1);
  const lines = source.split('\n');
  if (lines.length > limits.lines) fail(`a policy has at most ${limits.lines} lines`, limits.lines);
  const long = lines.findIndex((line) => line.length > limits.columns);
  if (long >= 0) fail(`a line has at most ${limits.columns} characters`, long + 1);
}

/** Read a query: expressions with `;` or lines between. */
export function parseQuery(source: string): Body {
  return new Parser(source, 'query', 'v1').query();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #source: string;
  readonly #lines: readonly string[];
  readonly #keywords: Set<string>;
  #strict: boolean;
  #imported = false;
  #v1Imported = false;
  #at = 0;
  #wildcards = 0;
  #depth = 0;

  constructor(source: string, file: string, version: RegoVersion) {
    this.#source = source;
    this.#lines = source.split('\n');
    this.#tokens = tokenize(source, file);
    this.#strict = version === 'v1';
    this.#keywords = new Set(version === 'v1' ? FUTURE : []);
  }

  query(): Body {
    this.#keywords.add('in');
    const body = this.#body('');
    if (this.#token.kind !== 'end') this.#unexpected();
    return body;
  }

  module(): Module {
    this.#expect('package');
    const path = this.#path();
    const imports: { path: readonly string[]; alias: string }[] = [];
    while (this.#token.text === 'import' && this.#token.kind === 'name') {
      const found = this.#import();
      if (found !== undefined) imports.push(found);
    }
    const rules: Rule[] = [];
    while (this.#token.kind !== 'end') rules.push(...this.#rule());
    return { file: this.#token.place.file, package: path, strict: this.#strict, imports, rules };
  }

  #import(): { path: readonly string[]; alias: string } | undefined {
    this.#next();
    const { place } = this.#token;
    const path = this.#path();
    if (path.join('.') === 'rego.v1') {
      if (this.#imported) throw this.#error('this import was there already', place);
      this.#imported = true;
      this.#strict = true;
      this.#v1Imported = true;
      for (const word of FUTURE) this.#keywords.add(word);
      return undefined;
    }
    if (path[0] === 'future' && path[1] === 'keywords') {
      if (this.#imported && this.#v1Imported) throw this.#error('this import was there already', place);
      this.#imported = true;
      const words = path[2] === undefined ? FUTURE : [path[2]];
      const unknown = words.find((word) => !FUTURE.includes(word));
      if (unknown !== undefined) throw this.#error(`there is no future keyword ${unknown}`, place);
      for (const word of words) this.#keywords.add(word);
      if (words.includes('every')) this.#keywords.add('in');
      return undefined;
    }
    if (path[0] !== 'data' && path[0] !== 'input') throw this.#error('an import is of data or input', place);
    let alias = path.at(-1) ?? '';
    if (this.#is('as')) {
      this.#next();
      alias = this.#name();
    }
    return { path, alias };
  }

  /** Names with dots, or in brackets as strings. */
  #path(): readonly string[] {
    const names = [this.#name()];
    for (;;) {
      if (this.#is('.') && !this.#token.spaced) {
        this.#next();
        names.push(this.#name());
      } else if (this.#is('[') && !this.#token.spaced) {
        this.#next();
        if (this.#token.kind !== 'string') this.#unexpected();
        names.push(this.#take().text);
        this.#expect(']');
      } else return names;
    }
  }

  #rule(): readonly Rule[] {
    const { place } = this.#token;
    const isDefault = this.#is('default') && this.#peek(1).kind === 'name';
    if (isDefault) this.#next();
    if (this.#token.kind !== 'name' || this.#isKeyword(this.#token.text)) this.#unexpected();
    if (this.#strict && ['input', 'data'].includes(this.#token.text))
      throw this.#error(`${this.#token.text} cannot be hidden`, place);
    const path = [this.#take().text];
    const keys: Term[] = [];
    let args: Term[] | undefined;
    while (!this.#peek(0).spaced) {
      if (this.#is('.') && keys.length === 0) {
        this.#next();
        path.push(this.#name());
      } else if (this.#is('[')) {
        this.#next();
        const key = this.#term();
        this.#expect(']');
        const nests = this.#is('.') || this.#is('[');
        if (key.kind === 'scalar' && typeof key.value === 'string' && keys.length === 0 && nests)
          path.push(key.value);
        else keys.push(key);
      } else if (this.#is('(') && keys.length === 0) {
        this.#next();
        args = this.#list(')');
        break;
      } else break;
    }
    return this.#clauses({ place, isDefault, path, keys, args });
  }

  #clauses(head: {
    place: Place;
    isDefault: boolean;
    path: string[];
    keys: Term[];
    args: Term[] | undefined;
  }): readonly Rule[] {
    const { place, isDefault, path, keys, args } = head;
    let value: Term | undefined;
    let isSet = false;
    if (this.#isWord('contains')) {
      this.#next();
      keys.push(this.#term());
      isSet = true;
    } else if (this.#is(':=') || this.#is('=')) {
      this.#next();
      value = this.#term();
    }
    const old = !isSet && value === undefined && args === undefined && !this.#strict;
    if (old && keys.length === 0 && path.length === 2 && this.#is('{'))
      keys.push({ kind: 'scalar', value: path.pop() ?? '', place });
    const oldSet = !isSet && value === undefined && keys.length > 0 && args === undefined;
    const hasIf = this.#isWord('if');
    if (hasIf) this.#next();
    let body: Body = [];
    const more: Body[] = [];
    const braces = this.#is('{') && !isDefault;
    if (hasIf) body = this.#bodyAfterIf();
    else if (braces) {
      if (this.#strict) throw this.#error('a body comes after if', this.#token.place);
      body = this.#braced();
    }
    if (braces && !hasIf) while (this.#is('{')) more.push(this.#braced());
    if (this.#strict && oldSet && !hasIf)
      throw this.#error('a set is written with contains, an object with a value', place);
    const otherwise: { value: Term; body: Body }[] = [];
    while (this.#is('else')) otherwise.push(this.#else());
    const kind =
      args !== undefined
        ? 'function'
        : isSet || (oldSet && !(this.#strict || hasIf))
          ? 'set'
          : keys.length > 0
            ? 'object'
            : 'value';
    const plain = kind === 'value' && value === undefined && body.length === 0;
    if (plain && !isDefault && !hasIf) throw this.#error('a rule has a value or a body', place);
    if (isDefault && value !== undefined && !isGround(value))
      throw this.#error('a default is a value without references, calls and variables', place);
    if (isDefault && value === undefined) throw this.#error('a default has a value', place);
    const yes: Term = { kind: 'scalar', value: true, place };
    const literalKey =
      kind === 'object' &&
      keys.length === 1 &&
      keys[0]?.kind === 'scalar' &&
      typeof keys[0].value === 'string';
    const common = { isDefault, args: args ?? [], value: value ?? yes, otherwise, place };
    const where =
      literalKey && keys[0]?.kind === 'scalar'
        ? { path: [...path, String(keys[0].value)], keys: [], kind: 'value' as const }
        : ({ path, keys, kind } as const);
    return [
      { ...common, ...where, body },
      ...more.map((each): Rule => ({ ...common, ...where, body: each })),
    ];
  }

  #else(): { value: Term; body: Body } {
    const { place } = this.#take();
    let value: Term = { kind: 'scalar', value: true, place };
    if (this.#is(':=') || this.#is('=')) {
      this.#next();
      value = this.#term();
    }
    if (this.#isWord('if')) {
      this.#next();
      return { value, body: this.#bodyAfterIf() };
    }
    if (this.#is('{') && this.#strict) throw this.#error('a body comes after if', this.#token.place);
    return { value, body: this.#is('{') ? this.#braced() : [] };
  }

  /** A body in braces, or one expression, which may begin with a brace too. */
  #bodyAfterIf(): Body {
    if (!this.#is('{')) return [this.#expression()];
    const [at, wildcards, depth] = [this.#at, this.#wildcards, this.#depth];
    try {
      return this.#braced();
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      [this.#at, this.#wildcards, this.#depth] = [at, wildcards, depth];
      try {
        return [this.#expression()];
      } catch {
        throw error;
      }
    }
  }

  #braced(): Body {
    this.#expect('{');
    const body = this.#body('}');
    this.#expect('}');
    if (body.length === 0) throw this.#error('a body has an expression', this.#token.place);
    return body;
  }

  #body(end: string): Body {
    const body: Expression[] = [];
    const ended = (): boolean => this.#peek(0).kind === 'end' || (end !== '' && this.#is(end));
    while (!ended()) {
      body.push(this.#expression());
      if (this.#is(';')) this.#next();
      else if (!ended() && !this.#peek(0).afterNewline) this.#unexpected();
    }
    return body;
  }

  #expression(): Expression {
    const { place } = this.#token;
    const from = this.#offset();
    const negated = this.#is('not') && this.#token.kind === 'name';
    if (negated) this.#next();
    const what = this.#what();
    const withs: { target: readonly string[]; value: Term }[] = [];
    while (this.#is('with') && this.#token.kind === 'name') {
      this.#next();
      const target = this.#path();
      this.#expect('as');
      withs.push({ target, value: this.#term() });
    }
    return { negated, what, withs, place, text: this.#source.slice(from, this.#endOffset()) };
  }

  #what(): Expression['what'] {
    if (this.#is('some') && this.#token.kind === 'name') return this.#some();
    if (this.#isWord('every')) return this.#every();
    const left = this.#term();
    if (this.#is(':=')) {
      this.#next();
      return { kind: 'assign', left, right: this.#term() };
    }
    if (this.#is('=')) {
      this.#next();
      return { kind: 'unify', left, right: this.#term() };
    }
    return { kind: 'term', term: left };
  }

  #some(): Expression['what'] {
    this.#next();
    const terms = [this.#operand(1)];
    while (this.#is(',')) {
      this.#next();
      terms.push(this.#operand(1));
    }
    const [first, second] = terms;
    if (this.#isWord('in') && first !== undefined && terms.length <= 2) {
      this.#next();
      const of = this.#operand(1);
      return { kind: 'some-in', key: second === undefined ? undefined : first, value: second ?? first, of };
    }
    const names = terms.map((term) => {
      if (term.kind !== 'variable') throw this.#error('some declares variables', term.place);
      return term.name;
    });
    return { kind: 'some', names };
  }

  #every(): Expression['what'] {
    this.#next();
    const names = [this.#name()];
    if (this.#is(',')) {
      this.#next();
      names.push(this.#name());
    }
    if (!this.#isWord('in')) this.#unexpected();
    this.#next();
    const of = this.#operand(1);
    const body = this.#braced();
    const [first = '', second] = names;
    return { kind: 'every', key: second === undefined ? undefined : first, value: second ?? first, of, body };
  }

  /** Operators, the loosest first: `in`, comparison, `|`, `&`, sum, product. */
  #term(): Term {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`terms nest at most ${MAX_DEPTH} deep`, this.#token.place);
    let left = this.#operand(0);
    if (this.#is(',') && this.#isMembershipAhead()) {
      this.#next();
      const value = this.#operand(1);
      this.#next();
      left = this.#call(['internal', 'member_3'], [left, value, this.#operand(1)], left.place);
    }
    this.#depth -= 1;
    return left;
  }

  /** Only within parentheses: `(k, v in xs)`. */
  #isMembershipAhead(): boolean {
    if (!this.#keywords.has('in') || this.#peek(-1).text === '') return false;
    const saved = this.#at;
    const wildcards = this.#wildcards;
    try {
      if (!this.#allowPair) return false;
      this.#next();
      this.#operand(1);
      return this.#isWord('in');
    } catch {
      return false;
    } finally {
      this.#at = saved;
      this.#wildcards = wildcards;
    }
  }

  #allowPair = false;

  #operand(level: number): Term {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#primary();
    let left = this.#operand(level + 1);
    for (;;) {
      const { text, kind, place } = this.#token;
      const name = kind === 'punctuation' || text === 'in' ? operators.get(text) : undefined;
      if (name === undefined || (text === 'in' && !this.#isWord('in'))) return left;
      if (text === '-' && this.#token.afterNewline) return left;
      this.#next();
      left = this.#call(name.split('.'), [left, this.#operand(level + 1)], place);
    }
  }

  #primary(): Term {
    const { place } = this.#token;
    if (this.#is('-')) {
      this.#next();
      if (this.#token.kind !== 'number')
        throw this.#error('a minus stands before a number, or between two', place);
      return { kind: 'scalar', value: negative(this.#number()), place };
    }
    return this.#suffixes(this.#atom());
  }

  #atom(): Term {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#error(`terms nest at most ${MAX_DEPTH} deep`, this.#token.place);
    const term = this.#anyAtom();
    this.#depth -= 1;
    return term;
  }

  #anyAtom(): Term {
    const token = this.#take();
    const { place, text } = token;
    if (token.kind === 'number') return { kind: 'scalar', value: numberOf(text, place), place };
    if (token.kind === 'string') return { kind: 'scalar', value: text, place };
    if (token.kind === 'name') {
      if (text === 'true' || text === 'false') return { kind: 'scalar', value: text === 'true', place };
      if (text === 'null') return { kind: 'scalar', value: null, place };
      if (text === 'set' && this.#is('(') && this.#peek(1).text === ')') {
        this.#next();
        this.#next();
        return { kind: 'set', items: [], place };
      }
      if (this.#isKeyword(text)) throw this.#error(`unexpected ${text}`, place);
      return { kind: 'variable', name: text === '_' ? this.#wildcard() : text, place };
    }
    if (text === '(') {
      const before = this.#allowPair;
      this.#allowPair = true;
      const term = this.#term();
      this.#allowPair = before;
      this.#expect(')');
      return term;
    }
    if (text === '[') return this.#arrayOrComprehension(place);
    if (text === '{') return this.#braces(place);
    throw this.#error(text === '' ? 'the text ends too early' : `unexpected ${text}`, place);
  }

  #number(): Value {
    const { text, place } = this.#take();
    return numberOf(text, place);
  }

  #suffixes(atom: Term): Term {
    let term = atom;
    const path: Term[] = [];
    for (;;) {
      const { text, kind, spaced, afterNewline, place } = this.#token;
      if (kind !== 'punctuation' || (spaced && text !== '[') || afterNewline) break;
      if (text === '.' && !spaced) {
        this.#next();
        if (this.#peek(0).spaced) this.#unexpected();
        path.push({ kind: 'scalar', value: this.#name(), place });
      } else if (text === '[' && !spaced) {
        this.#next();
        path.push(this.#term());
        this.#expect(']');
      } else if (text === '(' && path.every(isText) && atom.kind === 'variable' && term === atom) {
        this.#next();
        const names = path.map((each) => (each.kind === 'scalar' ? String(each.value) : ''));
        term = this.#call([atom.name, ...names], this.#list(')'), atom.place);
        path.length = 0;
      } else break;
    }
    return path.length === 0 ? term : { kind: 'reference', head: term, path, place: term.place };
  }

  #arrayOrComprehension(place: Place): Term {
    if (this.#is(']')) {
      this.#next();
      return { kind: 'array', items: [], place };
    }
    const isGrouped = this.#is('(');
    const first = this.#element();
    if (this.#is('|')) {
      const body = this.#comprehensionBody(']', isGrouped || !isOperator(first));
      if (body !== undefined) return { kind: 'comprehension', of: 'array', item: first, body, place };
    }
    return { kind: 'array', items: this.#list(']', this.#withUnion(first)), place };
  }

  /** A set, an object, or a comprehension of either. */
  #braces(place: Place): Term {
    if (this.#is('}')) {
      this.#next();
      return { kind: 'object', members: [], place };
    }
    const isGrouped = this.#is('(');
    const first = this.#element();
    if (this.#is(':')) {
      this.#next();
      const value = this.#element();
      if (this.#is('|')) {
        this.#next();
        const body = this.#body('}');
        this.#expect('}');
        return { kind: 'comprehension', of: 'object', key: first, item: value, body, place };
      }
      const members: [Term, Term][] = [[first, value]];
      while (this.#is(',')) {
        this.#next();
        if (this.#is('}')) break;
        const key = this.#term();
        this.#expect(':');
        members.push([key, this.#term()]);
      }
      this.#expect('}');
      return { kind: 'object', members, place };
    }
    if (this.#is('|')) {
      const body = this.#comprehensionBody('}', isGrouped || !isOperator(first));
      if (body !== undefined) return { kind: 'comprehension', of: 'set', item: first, body, place };
    }
    return { kind: 'set', items: this.#list('}', this.#withUnion(first)), place };
  }

  /** The first element, after which `|` begins a comprehension: a union needs parentheses there. */
  #element(): Term {
    const saved = this.#noUnion;
    this.#noUnion = true;
    const term = this.#operandWithoutUnion();
    this.#noUnion = saved;
    return term;
  }

  #noUnion = false;

  #operandWithoutUnion(): Term {
    // comparison and membership do not stand before a bar, so that only sums and products are left
    let left = this.#operand(UNION_LEVEL + 1);
    if (this.#is('|')) return left;
    for (let level = UNION_LEVEL; level >= 0; level -= 1) {
      for (;;) {
        const { text, kind, place } = this.#token;
        const name = kind === 'punctuation' || text === 'in' ? LEVELS[level]?.get(text) : undefined;
        if (name === undefined || text === '|' || (text === 'in' && !this.#isWord('in'))) break;
        this.#next();
        left = this.#call(name.split('.'), [left, this.#operand(level + 1)], place);
      }
    }
    return left;
  }

  /** What follows a bar; `undefined`, and nothing read, where the bar is a union and a comma goes on with the list. */
  #comprehensionBody(end: string, mayBePair: boolean): Body | undefined {
    const [at, wildcards, depth] = [this.#at, this.#wildcards, this.#depth];
    this.#next();
    const before = this.#allowPair;
    this.#allowPair = mayBePair;
    try {
      const body = this.#body(end);
      this.#expect(end);
      return body;
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      this.#failure ??= error;
      [this.#at, this.#wildcards, this.#depth] = [at, wildcards, depth];
      return undefined;
    } finally {
      this.#allowPair = before;
    }
  }

  /** Go on with a first element whose operators a bar stopped. */
  #withUnion(first: Term): Term {
    let left = first;
    while (this.#is('|')) {
      const { place } = this.#take();
      left = this.#call(['internal', 'or'], [left, this.#operand(UNION_LEVEL + 1)], place);
    }
    return left;
  }

  #failure: RegoError | undefined;

  #list(end: string, first?: Term): Term[] {
    const items: Term[] = first === undefined ? [] : [first];
    if (first !== undefined) {
      if (this.#is(',')) this.#next();
      else if (!this.#is(end)) throw this.#failure ?? this.#error(`expected ${end}`, this.#peek(0).place);
    }
    while (!this.#is(end)) {
      items.push(this.#term());
      if (this.#is(',')) this.#next();
      else if (!this.#is(end)) this.#unexpected();
    }
    this.#expect(end);
    return items;
  }

  #call(path: readonly string[], args: readonly Term[], place: Place): Term {
    return { kind: 'call', path, args, place };
  }

  #wildcard(): string {
    this.#wildcards += 1;
    return `_${this.#wildcards}`;
  }

  #name(): string {
    if (this.#token.kind !== 'name') this.#unexpected();
    const { text } = this.#take();
    return text === '_' ? this.#wildcard() : text;
  }

  #is(text: string): boolean {
    return this.#token.text === text && this.#token.kind !== 'string' && this.#token.kind !== 'end';
  }

  /** A keyword of the dialect. */
  #isWord(word: string): boolean {
    return this.#token.kind === 'name' && this.#token.text === word && this.#keywords.has(word);
  }

  #isKeyword(word: string): boolean {
    return KEYWORDS.has(word) || (FUTURE.includes(word) && word !== 'contains' && this.#keywords.has(word));
  }

  #expect(text: string): void {
    if (!this.#is(text)) this.#unexpected(text);
    this.#next();
  }

  #unexpected(wanted?: string): never {
    const { text, place, kind } = this.#token;
    const found = kind === 'end' ? 'the end' : JSON.stringify(text);
    throw this.#error(
      wanted === undefined ? `unexpected ${found}` : `expected ${wanted}, found ${found}`,
      place,
    );
  }

  #error(message: string, place: Place): RegoError {
    return new RegoError('ERR_REGO_PARSE', message, { place });
  }

  get #token(): Token {
    return this.#peek(0);
  }

  #peek(ahead: number): Token {
    const token = this.#tokens[Math.min(Math.max(this.#at + ahead, 0), this.#tokens.length - 1)];
    if (token === undefined) throw new TypeError('there is always a last token');
    return token;
  }

  #take(): Token {
    const token = this.#token;
    this.#next();
    return token;
  }

  #next(): void {
    this.#at += 1;
  }

  #offset(): number {
    const { line, column } = this.#token.place;
    return this.#lineOffset(line) + column - 1;
  }

  #endOffset(): number {
    return this.#token.kind === 'end' ? this.#source.length : this.#offset();
  }

  #lineOffset(line: number): number {
    let offset = 0;
    for (let index = 0; index < line - 1; index += 1) offset += (this.#lines[index]?.length ?? 0) + 1;
    return offset;
  }
}

function isOperator(term: Term): boolean {
  return term.kind === 'call' && term.path[0] === 'internal';
}

/** Whether a term is its own value. */
function isGround(term: Term): boolean {
  if (term.kind === 'array' || term.kind === 'set') return term.items.every(isGround);
  if (term.kind === 'object') return term.members.every(([key, value]) => isGround(key) && isGround(value));
  return term.kind === 'scalar' || term.kind === 'comprehension';
}

function isText(term: Term): boolean {
  return term.kind === 'scalar' && typeof term.value === 'string';
}

function numberOf(text: string, place: Place): Value {
  const value = numeric(text);
  if (Number(value) === Number.POSITIVE_INFINITY)
    throw new RegoError('ERR_REGO_PARSE', 'the number is out of range', { place });
  return value;
}

function negative(value: Value): Value {
  return isNumber(value) ? negated(value) : value;
}

const MAX_DEPTH = 300;
const FUTURE = ['if', 'in', 'every', 'contains'];
const KEYWORDS: ReadonlySet<string> = new Set([
  'as',
  'default',
  'else',
  'import',
  'not',
  'null',
  'package',
  'some',
  'true',
  'false',
  'with',
]);
const LEVELS: readonly ReadonlyMap<string, string>[] = [
  new Map([['in', 'internal.member_2']]),
  new Map([
    ['==', 'internal.equal'],
    ['!=', 'internal.neq'],
    ['<', 'internal.lt'],
    ['<=', 'internal.lte'],
    ['>', 'internal.gt'],
    ['>=', 'internal.gte'],
  ]),
  new Map([['|', 'internal.or']]),
  new Map([['&', 'internal.and']]),
  new Map([
    ['+', 'internal.plus'],
    ['-', 'internal.minus'],
  ]),
  new Map([
    ['*', 'internal.mul'],
    ['/', 'internal.div'],
    ['%', 'internal.rem'],
  ]),
];
const UNION_LEVEL = 2;
