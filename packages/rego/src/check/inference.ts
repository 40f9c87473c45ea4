import type { Body, Expression, Rule, Span, Term, With } from '../ast.js';
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

/** Finds the types of the variables of one clause, in the order in which its lines are tried. */
export class Inference {
  readonly errors: RegoError[] = [];
  readonly #documents: Documents;
  readonly #known = new Map<Term, MaybeType>();
  #variables: Map<string, MaybeType>[] = [new Map()];
  #replaced: ReadonlySet<string> = new Set();

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** The types of a clause: what it gives, and what it takes when it is a function. */
  clause(rule: Rule, body: Body, value: Term): Type {
    this.#lines(body);
    if (rule.kind === 'function') {
      this.#typeOf(value); // what is called there says something of the parameters
      for (const each of rule.args) this.#close(each);
      return {
        kind: 'function',
        args: rule.args.map((each) => this.#typeOf(each)),
        result: this.#typeOf(value),
      };
    }
    const keys = rule.kind === 'set' ? rule.keys.slice(0, -1) : rule.keys;
    const item = rule.keys.at(-1);
    const leaf: MaybeType =
      rule.kind === 'set' && item !== undefined
        ? { kind: 'set', of: this.#typeOf(item) }
        : this.#typeOf(value);
    return (
      keys.reduceRight<MaybeType>(
        (inner, key): Type => ({
          kind: 'object',
          members: [],
          rest: { key: this.#typeOf(key), value: inner },
        }),
        leaf,
      ) ?? ANY
    );
  }

  /** Parameters that nothing is known of may be anything. */
  #close(term: Term): void {
    if (term.kind === 'variable' && this.#variable(term.name) === undefined) this.#assign(term, ANY, false);
    if (term.kind === 'array' || term.kind === 'set') for (const each of term.items) this.#close(each);
    if (term.kind === 'object') for (const [, each] of term.members) this.#close(each);
  }

  #lines(body: Body): void {
    for (const line of body) this.#line(line);
  }

  #line({ what, withs, place }: Expression): void {
    const before = this.#replaced;
    for (const each of withs) this.#with(each);
    switch (what.kind) {
      case 'term':
        if (isEquality(what.term)) this.#equal(what.term.args, place);
        else this.#typeOf(what.term);
        break;
      case 'unify':
      case 'assign':
        this.#equal([what.left, what.right], place);
        break;
      case 'some-in':
        this.#member(what.key, what.value, what.of, place);
        break;
      case 'every':
        this.#typeOf(what.of);
        this.#lines(what.body);
        break;
      case 'logic': // as in the reference, what stands in them is not held against types
      case 'body':
      case 'some':
    }
    this.#replaced = before;
  }

  #with({ target, value, functionPath, place }: With): void {
    if (functionPath !== undefined) {
      const [own, other] = [this.#functionAt(target), this.#functionAt(functionPath)];
      if (own !== undefined && other !== undefined && !fits(own, other))
        this.#fail(
          `${target.join('.')} cannot be replaced by ${functionPath.join('.')}: ${typeText(other)}`,
          place,
        );
    } else this.#typeOf(value);
    this.#replaced = new Set([
      ...this.#replaced,
      ...this.#documents.affectedBy(target),
      ...(target[0] === 'data' && this.#functionAt(target) === undefined ? [target.join('.')] : []),
    ]);
  }

  /** What is looked for must be possible in the collection; anything else holds nothing, and that is no mistake. */
  #member(key: Term | undefined, value: Term, of: Term, place: Span): void {
    const type = this.#typeOf(of);
    const values = valuesOf(type);
    if (values === undefined) return;
    const pairs: readonly (readonly [Term, MaybeType])[] = [
      ...(key === undefined ? [] : [[key, keysOf(type)] as const]),
      [value, values],
    ];
    for (const [term, wanted] of pairs) {
      if (wanted === undefined || isOpen(wanted)) continue;
      const have = this.#typeOf(term);
      if (
        (have !== undefined && !isOpen(have) && !fits(have, wanted)) ||
        !this.#assign(term, wanted, false)
      ) {
        this.#fail(`${typeText(have)} is never among ${typeText(wanted)}`, place);
        return;
      }
    }
  }

  #equal([a, b]: readonly Term[], place: Span): void {
    if (a === undefined || b === undefined || this.#unify(a, b)) return;
    this.#fail(`${typeText(this.#typeOf(a))} is never equal to ${typeText(this.#typeOf(b))}`, place);
  }

  #unify(a: Term, b: Term): boolean {
    const [left, right] = [this.#typeOf(a), this.#typeOf(b)];
    if (isOpen(left) && !isOpen(right)) return this.#assign(a, right, false);
    if (isOpen(right) && !isOpen(left)) return this.#assign(b, left, false);
    if (!isOpen(left)) return fits(left, right);
    if (a.kind === 'array' && b.kind === 'array')
      return (
        a.items.length === b.items.length &&
        a.items.every((item, index) => this.#unify(item, b.items[index] ?? item))
      );
    if (a.kind === 'object' && b.kind === 'object') return this.#unifyObjects(a, b);
    const [variable, other] = a.kind === 'variable' ? [a, b] : [b, a];
    if (variable.kind !== 'variable') return true;
    if (other.kind === 'variable' || other.kind === 'array' || other.kind === 'object')
      this.#assign(other, ANY, false);
    return this.#assign(variable, this.#typeOf(other), false);
  }

  #unifyObjects(a: Term & { kind: 'object' }, b: Term & { kind: 'object' }): boolean {
    return a.members.every(([key, value]) => {
      const other = b.members.find(
        ([name]) => key.kind === 'scalar' && name.kind === 'scalar' && key.value === name.value,
      );
      return other === undefined || this.#unify(value, other[1]);
    });
  }

  /** See that a term can be of a type, and give its variables their types. In a union a variable may be of several. */
  #assign(term: Term, type: MaybeType, isUnion: boolean): boolean {
    switch (term.kind) {
      case 'variable': {
        if (term.name === 'input' || term.name === 'data') return fits(this.#typeOf(term), type);
        const known = this.#variable(term.name);
        if (!isUnion && known !== undefined) return fits(known, type);
        this.#set(term.name, isUnion ? either(known, type) : type);
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
        return fits(this.#typeOf(term), type);
    }
  }

  #assignItems(
    term: Term & { kind: 'array' | 'object' | 'set' },
    type: MaybeType,
    isUnion: boolean,
  ): boolean {
    if (type?.kind === 'any') {
      if (!isAny(type)) return type.of.filter((each) => this.#assign(term, each, true)).length > 0;
      for (const each of partsOf(term)) this.#assign(each, ANY, true);
      return true;
    }
    if (term.kind === 'array')
      return (
        type?.kind === 'array' &&
        (term.items.length === type.items.length || type.rest !== undefined) &&
        term.items.every((item, index) => this.#assign(item, type.items[index] ?? type.rest, isUnion))
      );
    if (term.kind === 'set')
      return type?.kind === 'set' && term.items.every((item) => this.#assign(item, type.of, isUnion));
    if (type?.kind !== 'object') return false;
    if (term.members.length !== type.members.length && type.rest === undefined) return false;
    return term.members.every(([key, value]) => {
      if (key.kind !== 'scalar') {
        this.#assign(value, ANY, isUnion);
        return true;
      }
      const member = select(type, key.value);
      return member !== undefined && this.#assign(value, member, isUnion);
    });
  }

  #typeOf(term: Term): MaybeType {
    switch (term.kind) {
      case 'scalar':
        return typeOfValue(term.value);
      case 'template':
        return STRING;
      case 'variable':
        if (term.name === 'input') return this.#documents.input;
        if (term.name === 'data') return ANY;
        return this.#variable(term.name);
      case 'array':
        return bounded({ kind: 'array', items: term.items.map((each) => this.#typeOf(each)) });
      case 'set':
        return {
          kind: 'set',
          of: term.items.map((each) => this.#typeOf(each)).reduce<MaybeType>(either, undefined),
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
      const type = this.#typeOf(value);
      if (key.kind === 'scalar') known.push([key.value, type]);
      else rest = { key: this.#typeOf(key), value: type };
    }
    return bounded({ kind: 'object', members: known, ...(rest === undefined ? {} : { rest }) });
  }

  /** Variables that a comprehension gives types to are its own. */
  #comprehension(term: Term & { kind: 'comprehension' }): MaybeType {
    this.#variables.push(new Map());
    this.#lines(term.body);
    const item = this.#typeOf(term.item);
    const key = term.of === 'object' ? this.#typeOf(term.key) : undefined;
    this.#variables.pop();
    if (term.of === 'array') return { kind: 'array', items: [], rest: item };
    if (term.of === 'set') return { kind: 'set', of: item };
    return { kind: 'object', members: [], rest: { key, value: item } };
  }

  #call({ path, args, place }: Term & { kind: 'call' }): MaybeType {
    const name = path.join('.').replace(/^internal\.(?!member|template)/, '');
    if (name.startsWith('internal.member_')) {
      const [of, value, key] = [...args].reverse();
      if (of !== undefined && value !== undefined) this.#member(key, value, of, place);
      return { kind: 'boolean' };
    }
    const have = args.map((each) => this.#typeOf(each));
    const declared = this.#functionAt(path);
    if (declared === undefined) {
      for (const each of args) this.#assign(each, ANY, false);
      return ANY;
    }
    const wanted = [...declared.args, declared.result];
    const wrong = args.findIndex((each, index) => {
      const [own, want] = [have[index], wanted[index]];
      if (own !== undefined && !isOpen(own) && !fits(own, want)) return true;
      return !this.#assign(each, want, false);
    });
    const argument = args[wrong];
    if (argument !== undefined)
      this.#fail(`${name} takes ${typeText(wanted[wrong])}, not ${typeText(this.#typeOf(argument))}`, place);
    return declared.result;
  }

  /** The type of a function; `undefined` where nothing is known of it. */
  #functionAt(path: readonly string[]): (Type & { kind: 'function' }) | undefined {
    if (path[0] !== 'data') return signatureOf(path.join('.').replace(/^internal\.(?!member|template)/, ''));
    let node: TypeTree | undefined = this.#documents.rules;
    for (const name of path.slice(1)) node = node?.child(name);
    return node?.type?.kind === 'function' && !this.#replaced.has(path.join('.')) ? node.type : undefined;
  }

  #reference(term: Term & { kind: 'reference' }): MaybeType {
    const { head, path } = term;
    if (head.kind !== 'variable') return this.#steps(this.#typeOf(head) ?? ANY, path, term);
    if (head.name === 'input')
      return this.#steps(this.#replaced.has('input') ? ANY : this.#documents.input, path, term);
    if (head.name === 'data') return this.#document(path, term);
    if (this.#variable(head.name) === undefined) this.#set(head.name, ANY);
    return this.#steps(this.#variable(head.name), path, term);
  }

  /** Down the tree of rules as far as names go; what data holds besides is not known. */
  #document(path: readonly Term[], term: Term): MaybeType {
    let node: TypeTree = this.#documents.rules;
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
    const isReplaced = names.some((_name, index) => this.#replaced.has(names.slice(0, index + 1).join('.')));
    if (isReplaced) return ANY;
    if (type.kind !== 'function') return type;
    this.#fail(`${names.join('.')} is a function: it is called, or given by with`, term.place);
    return ANY;
  }

  #steps(start: MaybeType, path: readonly Term[], term: Term): MaybeType {
    let type = start;
    for (const step of path) {
      const keys = keysOf(type);
      if (isEmpty(type) || keys === undefined)
        return this.#fail(`there is nothing in ${typeText(type)}`, term.place);
      if (step.kind === 'scalar') {
        const next = select(type, step.value);
        if (next === undefined)
          return this.#fail(
            `there is no ${JSON.stringify(String(step.value))} in ${typeText(type)}`,
            term.place,
          );
        type = next;
        continue;
      }
      const known = this.#typeOf(step);
      const isGood =
        step.kind === 'variable' || step.kind === 'array' || step.kind === 'object' || step.kind === 'set'
          ? this.#assign(step, keys, false)
          : known === undefined || fits(known, keys);
      if (!isGood)
        return this.#fail(`there is no ${typeText(known)} among the keys of ${typeText(type)}`, term.place);
      type = valuesOf(type);
    }
    return type;
  }

  #variable(name: string): MaybeType {
    for (let index = this.#variables.length - 1; index >= 0; index -= 1) {
      const type = this.#variables[index]?.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  #set(name: string, type: MaybeType): void {
    this.#variables.at(-1)?.set(name, type);
  }

  /** What is wrong may be anything from then on. */
  #fail(message: string, place: Span): Type {
    this.errors.push(new RegoError('ERR_REGO_TYPE', message, { place }));
    return ANY;
  }
}

function isEquality(term: Term): term is Term & { kind: 'call' } {
  return term.kind === 'call' && term.args.length === 2 && term.path.join('.') === 'internal.equal';
}

function partsOf(term: Term & { kind: 'array' | 'object' | 'set' }): readonly Term[] {
  return term.kind === 'object' ? term.members.flat() : term.items;
}
