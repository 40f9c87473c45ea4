import type { Body, Comment, Import, Module, Otherwise, Rule, Span, Term } from '../ast.js';
import { annotationsIn } from './annotations.js';
import { BodyParser } from './bodies.js';
import type { Token } from './lexer.js';
import { isText } from './terms.js';

/** What a rule's head says. */
interface Head {
  readonly place: Span;
  readonly isDefault: boolean;
  readonly path: readonly string[];
  readonly keys: readonly Term[];
  readonly args: readonly Term[] | undefined;
  readonly reference: readonly Term[];
  readonly annotations: Rule['annotations'];
}

/** Reads modules and queries. */
export class ModuleParser extends BodyParser {
  readonly #comments: readonly Comment[];
  readonly #keywordImports: Import[] = [];
  #strict: boolean;

  constructor(tokens: readonly Token[], comments: readonly Comment[], strict: boolean) {
    super(tokens, strict ? V1 : []);
    this.#comments = comments;
    this.#strict = strict;
  }

  /** The lines of a query. */
  query(): Body {
    const body = this.body('');
    if (this.peek().kind !== 'end') this.unexpected();
    return body;
  }

  /** A whole file. */
  module(): Module {
    const notes = annotationsIn(this.#comments);
    const before = this.expect('package').place;
    const names = this.path();
    const packagePlace = this.spanFrom(before);
    const annotations = notes.before(packagePlace.line);
    const imports: Import[] = [];
    while (this.is('import') && !this.isNamed()) {
      const found = this.#import();
      if (found !== undefined) imports.push(found);
    }
    const rules: Rule[] = [];
    while (this.peek().kind !== 'end') {
      rules.push(...this.#rule(notes.before(this.peek().place.line)));
    }
    return {
      file: packagePlace.file,
      package: names,
      packagePlace,
      strict: this.#strict,
      wideNot: this.isEnabled('not'),
      imports,
      keywordImports: this.#keywordImports,
      rules,
      comments: this.#comments,
      annotations,
    };
  }

  #import(): Import | undefined {
    const start = this.take().place;
    const { place } = this.peek();
    const path = this.path();
    const hasAlias = this.is('as');
    if (hasAlias) this.take();
    const named = this.peek();
    const alias = hasAlias ? this.name() : (path.at(-1) ?? '');
    if (hasAlias && (alias === 'input' || alias === 'data'))
      throw this.error(`an import cannot be called ${alias}`, named.place);
    const found = { path, alias, place: this.spanFrom(start), hasAlias };
    if (path[0] === 'rego' || (path[0] === 'future' && path[1] === 'keywords')) {
      this.#keywordImport(found, place);
      return undefined;
    }
    if (path[0] !== 'data' && path[0] !== 'input') throw this.error('an import is of data or input', place);
    return found;
  }

  #keywordImport(found: Import, place: Span): void {
    const name = found.path.join('.');
    const isRego = found.path[0] === 'rego';
    const before = this.#keywordImports.map((each) => each.path.join('.'));
    const words = found.path[2] === undefined ? FUTURE : [found.path[2]];
    if (isRego && name !== 'rego.v1' && name !== 'rego.v2')
      throw this.error(`there is no import ${name}`, place);
    const isMixed = before.some(
      (each) => each.startsWith(isRego ? 'future' : 'rego') && !LOGIC.has(each.split('.')[2] ?? ''),
    );
    const isRepeated =
      (isRego && before.includes(name)) || (isMixed && (isRego ? true : !LOGIC.has(found.path[2] ?? '')));
    if (isRepeated) throw this.error('this import was there already', place);
    this.#keywordImports.push(found);
    if (isRego) {
      this.#strict = true;
      this.enable(name === 'rego.v2' ? [...V1, ...LOGIC] : V1);
      return;
    }
    const unknown = words.find((word) => !FUTURE.includes(word));
    if (unknown !== undefined) throw this.error(`there is no future keyword ${unknown}`, place);
    this.enable(words);
    if (words.includes('every')) this.enable(['in']);
  }

  #rule(annotations: Rule['annotations']): readonly Rule[] {
    const { place } = this.peek();
    const isDefault = this.is('default') && !this.isNamed() && this.peek(1).kind === 'name';
    if (isDefault) this.take();
    const { text, kind, place: at } = this.peek();
    if (kind !== 'name' || (this.isReserved(text) && !this.isNamed())) this.unexpected();
    if (this.#strict && (text === 'input' || text === 'data'))
      throw this.error(`${text} cannot be hidden`, at);
    this.take();
    const reference: Term[] = [{ kind: 'variable', name: text, place: at }];
    let args: Term[] | undefined;
    while (!this.peek().spaced) {
      if (this.is('.')) {
        this.take();
        const name = this.peek();
        if (name.kind !== 'name' || name.spaced) this.unexpected();
        this.take();
        reference.push({ kind: 'scalar', value: name.text, place: name.place });
      } else if (this.is('[')) {
        this.take();
        reference.push(this.term());
        this.expect(']');
      } else if (this.is('(')) {
        if (!reference.slice(1).every(isText)) this.unexpected();
        this.take();
        args = this.list(')');
        break;
      } else break;
    }
    return this.#clauses({ place, isDefault, ...this.#split(reference), args, reference, annotations });
  }

  /** Names that are known, and the keys from the first that is not; a last name in brackets stays a key. */
  #split(reference: readonly Term[]): { readonly path: readonly string[]; readonly keys: readonly Term[] } {
    const path: string[] = [];
    for (const [index, term] of reference.entries()) {
      if (index === 0) path.push(term.kind === 'variable' ? term.name : '');
      else if (term.kind === 'scalar' && typeof term.value === 'string') path.push(term.value);
      else return { path, keys: reference.slice(index) };
    }
    return { path, keys: [] };
  }

  #clauses(head: Head): readonly Rule[] {
    const { place, isDefault, args } = head;
    let value: Term | undefined;
    let sign: Rule['head']['sign'] = '';
    let item: Term | undefined;
    if (this.isWord('contains') && args === undefined) {
      sign = 'contains';
      this.take();
      item = this.term();
    } else if (this.is(':=') || this.is('=')) {
      sign = this.take().text === '=' ? '=' : ':=';
      value = this.term();
    }
    const { endLine } = this.peek(-1).place;
    const hasIf = this.isWord('if');
    if (hasIf) this.take();
    const shape = this.#shape(head, item, value !== undefined, hasIf);
    const braces = this.is('{') && !isDefault && (hasIf || !this.#strict);
    if (this.is('{') && !hasIf && this.#strict && !isDefault)
      throw this.error('a body comes after if', this.peek().place);
    if (isDefault && hasIf) this.unexpected();
    const main = hasIf
      ? this.bodyAfterIf()
      : braces
        ? { body: this.braced(), hasBraces: true }
        : { body: [], hasBraces: false };
    const ended = this.spanFrom(place);
    const chained: { body: Body; place: Span }[] = [];
    if (braces && !hasIf) {
      while (this.is('{')) {
        const from = this.peek().place;
        chained.push({ body: this.braced(), place: this.spanFrom(from) });
      }
    }
    const otherwise: Otherwise[] = [];
    if (!isDefault) while (this.is('else') && !this.isNamed()) otherwise.push(this.#else());
    this.#check(head, shape.kind, value, main.body.length > 0, sign);
    const yes: Term = { kind: 'scalar', value: true, place };
    const made = (body: Body, at: Span, hasBraces: boolean, isChained: boolean): Rule => ({
      ...shape,
      isDefault,
      args: args ?? [],
      value: value ?? yes,
      body,
      otherwise: isChained ? [] : otherwise,
      place: at,
      head: {
        reference: item === undefined ? head.reference : [...head.reference, item],
        sign,
        hasIf,
        hasBraces,
        endLine,
        isChained,
      },
      annotations: head.annotations,
    });
    const span = otherwise.length === 0 ? ended : this.spanFrom(place);
    return [
      made(main.body, span, main.hasBraces, false),
      ...chained.map((each) => made(each.body, each.place, true, true)),
    ];
  }

  /** What kind of rule a head makes, by the dialect. */
  #shape(
    { path, keys, args, reference, isDefault, place }: Head,
    item: Term | undefined,
    hasValue: boolean,
    hasIf: boolean,
  ): Pick<Rule, 'kind' | 'path' | 'keys'> {
    if (args !== undefined) return { kind: 'function', path, keys };
    if (item !== undefined) return { kind: 'set', path, keys: [...keys, item] };
    const [, second] = reference;
    const isBracket = second !== undefined && second.kind === 'scalar' && this.#isInBrackets(second);
    const isOldSet = !hasValue && !hasIf && !this.#strict && !isDefault && reference.length === 2;
    if (isOldSet && second !== undefined && (keys.length > 0 || isBracket || this.is('{')))
      return { kind: 'set', path: path.slice(0, 1), keys: [second] };
    if (!hasValue && !hasIf && this.#strict && !isDefault && (keys.length > 0 || isBracket))
      throw this.error('a set is written with contains, an object with a value', place);
    return keys.length > 0 ? { kind: 'object', path, keys } : { kind: 'value', path, keys };
  }

  #isInBrackets(term: Term): boolean {
    return term.kind === 'scalar' && term.place.to - term.place.from > String(term.value).length;
  }

  #check(head: Head, kind: Rule['kind'], value: Term | undefined, hasBody: boolean, sign: string): void {
    const { place, isDefault } = head;
    if (kind === 'value' && value === undefined && !hasBody && !isDefault)
      throw this.error('a rule has a value or a body', place);
    if (isDefault && value === undefined) throw this.error('a default has a value', place);
    if (isDefault && value !== undefined && !isGround(value))
      throw this.error('a default is a value without references, calls and variables', place);
    if (isDefault && sign === 'contains') throw this.error('a set has no default', place);
  }

  #else(): Otherwise {
    const { place } = this.take();
    let value: Term = { kind: 'scalar', value: true, place };
    const hasValue = this.is(':=') || this.is('=');
    if (hasValue) {
      this.take();
      value = this.term();
    }
    if (this.isWord('if')) {
      this.take();
      const { body } = this.bodyAfterIf();
      return { value, body, place: this.spanFrom(place), hasValue, hasBody: true };
    }
    if (this.is('{') && this.#strict) throw this.error('a body comes after if', this.peek().place);
    const hasBody = this.is('{');
    const body = hasBody ? this.braced() : [];
    if (!hasBody && !hasValue) this.unexpected();
    return { value, body, place: this.spanFrom(place), hasValue, hasBody };
  }
}

/** Whether a term is its own value. */
function isGround(term: Term): boolean {
  if (term.kind === 'array' || term.kind === 'set') return term.items.every(isGround);
  if (term.kind === 'object') return term.members.every(([key, value]) => isGround(key) && isGround(value));
  return term.kind === 'scalar' || term.kind === 'comprehension';
}

const V1 = ['if', 'in', 'every', 'contains'];
const LOGIC: ReadonlySet<string> = new Set(['and', 'or', 'not']);
const FUTURE: readonly string[] = [...V1, ...LOGIC];
