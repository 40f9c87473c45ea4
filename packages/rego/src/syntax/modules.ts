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

  constructor(tokens: readonly Token[], comments: readonly Comment[], strict: boolean, isRegorus = false) {
    super(tokens, strict ? V1 : [], isRegorus);
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
    const rules: Rule[] = [];
    while (this.peek().kind !== 'end') {
      if (this.is('import') && !this.isNamed()) this.#import(imports);
      else rules.push(...this.#rule(notes.before(this.peek().place.line)));
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

  #import(imports: Import[]): void {
    const start = this.take().place;
    const path = this.path();
    const isDocument = path[0] === 'data' || path[0] === 'input';
    const hasAlias = this.is('as');
    if (hasAlias) this.take();
    const { text, place } = this.peek();
    const alias = hasAlias ? this.name() : (path.at(-1) ?? '');
    if (
      hasAlias
        ? text === 'data' || text === 'input' || this.isReserved(text)
        : isDocument && this.isReserved(alias)
    )
      throw this.error(`an import cannot be called ${alias}`, place);
    if (this.#strict && [...imports, ...this.#keywordImports].some((each) => each.alias === alias))
      throw this.error(`${alias} is imported twice`, start);
    const found = { path, alias, place: this.spanFrom(start), hasAlias };
    (isDocument ? imports : this.#keywordImports).push(found);
    if (!isDocument) this.#importKeywords(found);
  }

  #importKeywords({ path, place, hasAlias }: Import): void {
    const name = path.join('.');
    const word = path[2] ?? '';
    const isWord = FUTURE.includes(word) && name === `future.keywords.${word}`;
    const words = isWord ? [word] : name === 'rego.v1' ? V1 : FUTURE;
    if (
      this.isRegorus &&
      this.#keywordImports.some((each) => (each.path[0] === 'rego') !== (path[0] === 'rego'))
    )
      throw this.error('keywords are imported in one way', place);
    if (hasAlias || !(isWord || ALL.has(name))) throw this.error(`there is no import ${name}`, place);
    this.#strict ||= path[0] === 'rego';
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
    const reference: Term[] = [{ kind: 'variable', name: this.name(), place: at }];
    let args: Term[] | undefined;
    while (!this.peek().spaced || reference.length === 1) {
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
        if (args.length === 0) args = undefined; // what takes nothing is a value
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
    const hasIf = !isDefault && this.isWord('if');
    if (hasIf) this.take();
    const shape = this.#shape(head, item, value !== undefined || hasIf);
    const hasBody = hasIf || (!isDefault && this.is('{'));
    if (hasBody && !hasIf && this.#strict) throw this.error('a body comes after if', this.peek().place);
    if (isDefault) this.#checkDefault(head, value);
    else if (!hasBody) this.#checkBare(head, shape.kind, value);
    const main = hasIf ? this.bodyAfterIf() : { body: hasBody ? this.braced() : [], hasBraces: hasBody };
    const ended = this.spanFrom(place);
    const otherwise: Otherwise[] = [];
    let goesOn = hasBody;
    while (goesOn && this.is('else') && !this.isNamed()) {
      const isSet = shape.kind === 'set' || (!hasIf && args === undefined && head.reference.length === 2);
      if (isSet || !shape.keys.every(isGround))
        throw this.error('else is of a rule with one value', this.peek().place);
      const next = this.#else();
      otherwise.push(next);
      goesOn = next.hasBody;
    }
    const span = otherwise.length === 0 ? ended : this.spanFrom(place);
    const chained: { body: Body; place: Span }[] = [];
    if (otherwise.length === 0 && hasBody)
      while (this.is('{')) {
        const from = this.peek().place;
        chained.push({ body: this.braced(), place: this.spanFrom(from) });
      }
    const made = (body: Body, at: Span, hasBraces: boolean, isChained: boolean): Rule => ({
      ...shape,
      isDefault,
      args: args ?? [],
      value: value ?? { kind: 'scalar', value: true, place },
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
    return [
      made(main.body, span, main.hasBraces, false),
      ...chained.map((each) => made(each.body, each.place, true, true)),
    ];
  }

  /** What kind of rule a head makes, by the dialect. */
  #shape(
    { path, keys, args, reference, isDefault }: Head,
    item: Term | undefined,
    hasValue: boolean,
  ): Pick<Rule, 'kind' | 'path' | 'keys'> {
    if (args !== undefined) return { kind: 'function', path, keys };
    if (item !== undefined) return { kind: 'set', path, keys: [...keys, item] };
    const [, second] = reference;
    if (second !== undefined && reference.length === 2 && !hasValue && !this.#strict && !isDefault)
      return { kind: 'set', path: path.slice(0, 1), keys: [second] };
    return { kind: keys.length > 0 ? 'object' : 'value', path, keys };
  }

  #checkBare({ place, args, reference }: Head, kind: Rule['kind'], value: Term | undefined): void {
    const isEnough =
      kind === 'function' ? args?.length !== 0 : kind === 'set' || (!this.#strict && reference.length > 2);
    if (value === undefined && !isEnough)
      throw this.error('a rule has a value or a body, or says what it contains', place);
  }

  #checkDefault({ place, args = [], reference }: Head, value: Term | undefined): void {
    if (value === undefined ? reference.length === 2 && args.length === 0 : !isGround(value))
      throw this.error('a default has a value without references, calls and variables', place);
    const names = args.map((each) => (each.kind === 'variable' ? each.name : ''));
    if (names.includes('') || new Set(names).size < names.length)
      throw this.error('a default takes different variables', place);
  }

  #else(): Otherwise {
    const { place } = this.take();
    let value: Term = { kind: 'scalar', value: true, place };
    const hasValue = this.is(':=') || this.is('=');
    if (hasValue) {
      this.take();
      value = this.term();
    }
    const hasIf = this.isWord('if');
    if (hasIf) this.take();
    const hasBraces = this.is('{');
    if (hasBraces && !hasIf && this.#strict) throw this.error('a body comes after if', this.peek().place);
    const hasBody = hasIf || hasBraces;
    if (!hasBody && !hasValue) this.unexpected();
    const body = hasBraces ? this.braced() : hasIf ? [this.expression()] : [];
    return { value, body, place: this.spanFrom(place), hasValue, hasBody };
  }
}

/** Whether a term is its own value. */
function isGround(term: Term): boolean {
  if (term.kind === 'array' || term.kind === 'set') return term.items.every(isGround);
  if (term.kind === 'object') return term.members.every(([key, value]) => isGround(key) && isGround(value));
  if (term.kind === 'template')
    return term.parts.every(
      (part) => typeof part === 'string' || (part.what.kind === 'term' && isGround(part.what.term)),
    );
  return term.kind === 'scalar' || term.kind === 'comprehension';
}

const V1: readonly string[] = ['if', 'in', 'every', 'contains'];
const FUTURE: readonly string[] = [...V1, 'and', 'or', 'not'];
/** Imports of all keywords. */
const ALL: ReadonlySet<string> = new Set(['rego.v1', 'rego.v2', 'future.keywords']);
