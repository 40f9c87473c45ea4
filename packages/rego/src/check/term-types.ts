import type { Body, Span, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import type { TypeTree } from './documents.js';
import { signatureOf } from './signatures.js';
import {
  ANY,
  bounded,
  either,
  fits,
  isAny,
  isEmpty,
  isOpen,
  keysOf,
  type MaybeType,
  type Member,
  select,
  STRING,
  type Type,
  typeOfValue,
  typeText,
  valuesOf,
} from './types.js';

/** What is known of documents while a rule is looked at. */
export interface Documents {
  /** The types of rules, below `data`. */
  readonly rules: TypeTree;
  /** The type of `input`. */
  readonly input: Type;
  /** Names of the rules that depend on what `with` replaces. */
  readonly affectedBy: (target: readonly string[]) => ReadonlySet<string>;
}

/** Finds the types of terms, and gives variables theirs. */
export abstract class TermTypes {
  /** What never fits. */
  readonly errors: RegoError[] = [];
  /** What is known of documents. */
  protected readonly documents: Documents;
  /** Names of the documents that `with` replaces, and of the rules that depend on them. */
  protected replaced: ReadonlySet<string> = new Set();
  readonly #known = new Map<Term, MaybeType>();
  readonly #variables: Map<string, MaybeType>[] = [new Map()];

  constructor(documents: Documents) {
    this.documents = documents;
  }

  /** Look at the lines of a body. */
  protected abstract lines(body: Body): void;

  /** What is looked for must be possible in the collection; anything else holds nothing, and that is no mistake. */
  protected member(key: Term | undefined, value: Term, of: Term, place: Span): void {
    const type = this.typeOf(of);
    const values = valuesOf(type);
    if (values === undefined) return;
    const pairs: readonly (readonly [Term, MaybeType])[] = [
      ...(key === undefined ? [] : [[key, keysOf(type)] as const]),
      [value, values],
    ];
    for (const [term, wanted] of pairs) {
      if (wanted === undefined || isOpen(wanted)) continue;
      const have = this.typeOf(term);
      if ((have !== undefined && !isOpen(have) && !fits(have, wanted)) || !this.assign(term, wanted, false)) {
        this.fail(`${typeText(have)} is never among ${typeText(wanted)}`, place);
        return;
      }
    }
  }

  /** See that a term can be of a type, and give its variables their types. In a union a variable may be of several. */
  protected assign(term: Term, type: MaybeType, isUnion: boolean): boolean {
    switch (term.kind) {
      case 'variable': {
        if (term.name === 'input' || term.name === 'data') return fits(this.typeOf(term), type);
        const known = this.variable(term.name);
        if (!isUnion && known !== undefined) return fits(known, type);
        this.set(term.name, isUnion ? either(known, type) : type);
        return true;
      }
      case 'array':
      case 'object':
      case 'set':
        return this.#assignItems(term, type, isUnion);
      case 'scalar':
      case 'reference':
      case 'call':
      case 'comprehension':
      case 'template':
        return fits(this.typeOf(term), type);
    }
  }

  #assignItems(
    term: Term & { kind: 'array' | 'object' | 'set' },
    type: MaybeType,
    isUnion: boolean,
  ): boolean {
    if (type?.kind === 'any') {
      if (!isAny(type)) return type.of.filter((each) => this.assign(term, each, true)).length > 0;
      for (const each of partsOf(term)) this.assign(each, ANY, true);
      return true;
    }
    if (term.kind === 'array')
      return (
        type?.kind === 'array' &&
        (term.items.length === type.items.length || type.rest !== undefined) &&
        term.items.every((item, index) => this.assign(item, type.items[index] ?? type.rest, isUnion))
      );
    if (term.kind === 'set')
      return type?.kind === 'set' && term.items.every((item) => this.assign(item, type.of, isUnion));
    if (type?.kind !== 'object') return false;
    if (term.members.length !== type.members.length && type.rest === undefined) return false;
    return term.members.every(([key, value]) => {
      if (key.kind !== 'scalar') {
        this.assign(value, ANY, isUnion);
        return true;
      }
      const member = select(type, key.value);
      return member !== undefined && this.assign(value, member, isUnion);
    });
  }

  /** The type of a term; each is looked at once. */
  protected typeOf(term: Term): MaybeType {
    switch (term.kind) {
      case 'scalar':
        return typeOfValue(term.value);
      case 'template':
        return STRING;
      case 'variable':
        if (term.name === 'input') return this.documents.input;
        if (term.name === 'data') return ANY;
        return this.variable(term.name);
      case 'array':
        return bounded({ kind: 'array', items: term.items.map((each) => this.typeOf(each)) });
      case 'set':
        return {
          kind: 'set',
          of: term.items.map((each) => this.typeOf(each)).reduce<MaybeType>(either, undefined),
        };
      case 'object':
        return this.#objectType(term);
      case 'reference':
      case 'call':
      case 'comprehension': {
        if (this.#known.has(term)) return this.#known.get(term);
        this.#known.set(term, ANY); // while it is looked at
        const type =
          term.kind === 'call'
            ? this.#call(term)
            : term.kind === 'reference'
              ? this.#reference(term)
              : this.#comprehension(term);
        this.#known.set(term, type);
        return type;
      }
    }
  }

  #objectType({ members }: Term & { kind: 'object' }): Type {
    const known: Member[] = [];
    let rest: (Type & { kind: 'object' })['rest'];
    for (const [key, value] of members) {
      const type = this.typeOf(value);
      if (key.kind === 'scalar') known.push([key.value, type]);
      else rest = { key: this.typeOf(key), value: type };
    }
    return bounded({ kind: 'object', members: known, ...(rest === undefined ? {} : { rest }) });
  }

  /** Variables that a comprehension gives types to are its own. */
  #comprehension(term: Term & { kind: 'comprehension' }): MaybeType {
    this.#variables.push(new Map());
    this.lines(term.body);
    const item = this.typeOf(term.item);
    const key = term.of === 'object' ? this.typeOf(term.key) : undefined;
    this.#variables.pop();
    if (term.of === 'array') return { kind: 'array', items: [], rest: item };
    if (term.of === 'set') return { kind: 'set', of: item };
    return { kind: 'object', members: [], rest: { key, value: item } };
  }

  #call({ path, args, place }: Term & { kind: 'call' }): MaybeType {
    const name = path.join('.').replace(/^internal\.(?!member|template)/, '');
    if (name.startsWith('internal.member_')) {
      const [of, value, key] = [...args].reverse();
      if (of !== undefined && value !== undefined) this.member(key, value, of, place);
      return { kind: 'boolean' };
    }
    const have = args.map((each) => this.typeOf(each));
    const declared = this.functionAt(path);
    if (declared === undefined) {
      for (const each of args) this.assign(each, ANY, false);
      return ANY;
    }
    const wanted = [...declared.args, declared.result];
    const wrong = args.findIndex((each, index) => {
      const [own, want] = [have[index], wanted[index]];
      if (own !== undefined && !isOpen(own) && !fits(own, want)) return true;
      return !this.assign(each, want, false);
    });
    const argument = args[wrong];
    if (argument !== undefined)
      this.fail(`${name} takes ${typeText(wanted[wrong])}, not ${typeText(this.typeOf(argument))}`, place);
    return declared.result;
  }

  /** The type of a function; `undefined` where nothing is known of it. */
  protected functionAt(path: readonly string[]): (Type & { kind: 'function' }) | undefined {
    if (path[0] !== 'data') return signatureOf(path.join('.').replace(/^internal\.(?!member|template)/, ''));
    let node: TypeTree | undefined = this.documents.rules;
    for (const name of path.slice(1)) node = node?.child(name);
    return node?.type?.kind === 'function' && !this.replaced.has(path.join('.')) ? node.type : undefined;
  }

  #reference(term: Term & { kind: 'reference' }): MaybeType {
    const { head, path } = term;
    if (head.kind !== 'variable') return this.#steps(this.typeOf(head) ?? ANY, path, term);
    if (head.name === 'input')
      return this.#steps(this.replaced.has('input') ? ANY : this.documents.input, path, term);
    if (head.name === 'data') return this.#document(path, term);
    if (this.variable(head.name) === undefined) this.set(head.name, ANY);
    return this.#steps(this.variable(head.name), path, term);
  }

  /** Down the tree of rules as far as names go; what data holds besides is not known. */
  #document(path: readonly Term[], term: Term): MaybeType {
    let node: TypeTree = this.documents.rules;
    const names = ['data'];
    for (const [index, step] of path.entries()) {
      const rest = path.slice(index);
      if (node.type !== undefined && (step.kind !== 'scalar' || node.child(step.value) === undefined))
        return this.#steps(this.#ruleType(node.type, names, term), rest, term);
      if (step.kind === 'scalar') {
        const child = node.child(step.value);
        if (child === undefined) return this.#steps(ANY, rest, term);
        node = child;
        names.push(String(step.value));
        continue;
      }
      this.#steps({ kind: 'object', members: [], rest: { key: STRING, value: ANY } }, [step], term);
      return this.#steps(ANY, path.slice(index + 1), term);
    }
    return this.#ruleType(node.extent(), names, term);
  }

  #ruleType(type: Type, names: readonly string[], term: Term): Type {
    const isReplaced = names.some((_name, index) => this.replaced.has(names.slice(0, index + 1).join('.')));
    if (isReplaced) return ANY;
    if (type.kind !== 'function') return type;
    this.fail(`${names.join('.')} is a function: it is called, or given by with`, term.place);
    return ANY;
  }

  #steps(start: MaybeType, path: readonly Term[], term: Term): MaybeType {
    let type = start;
    for (const step of path) {
      const keys = keysOf(type);
      if (isEmpty(type) || keys === undefined)
        return this.fail(`there is nothing in ${typeText(type)}`, term.place);
      if (step.kind === 'scalar') {
        const next = select(type, step.value);
        if (next === undefined)
          return this.fail(
            `there is no ${JSON.stringify(String(step.value))} in ${typeText(type)}`,
            term.place,
          );
        type = next;
        continue;
      }
      const known = this.typeOf(step);
      const isGood =
        step.kind === 'variable' || step.kind === 'array' || step.kind === 'object' || step.kind === 'set'
          ? this.assign(step, keys, false)
          : known === undefined || fits(known, keys);
      if (!isGood)
        return this.fail(`there is no ${typeText(known)} among the keys of ${typeText(type)}`, term.place);
      type = valuesOf(type);
    }
    return type;
  }

  /** What is known of a variable, here and around. */
  protected variable(name: string): MaybeType {
    for (let index = this.#variables.length - 1; index >= 0; index -= 1) {
      const type = this.#variables[index]?.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  /** Say what a variable is. */
  protected set(name: string, type: MaybeType): void {
    this.#variables.at(-1)?.set(name, type);
  }

  /** What is wrong may be anything from then on. */
  protected fail(message: string, place: Span): Type {
    this.errors.push(new RegoError('ERR_REGO_TYPE', message, { place }));
    return ANY;
  }
}

function partsOf(term: Term & { kind: 'array' | 'object' | 'set' }): readonly Term[] {
  return term.kind === 'object' ? term.members.flat() : term.items;
}
