import type { Body, Expression, Rule, Term } from '../ast.js';
import { partsOfBody } from '../parts.js';

/** A rule, and the name that it has below `data`. */
export interface NamedRule {
  /** Such as `data.policy.allow`. */
  readonly name: string;
  /** With resolved names. */
  readonly rule: Rule;
}

/** Rules by name, and which of them need which. */
export class RuleIndex {
  /** Every clause of each rule. */
  readonly clauses: ReadonlyMap<string, readonly Rule[]>;
  readonly #root: Branch = { children: new Map(), name: undefined };
  readonly #uses = new Map<string, readonly string[]>();
  #users: ReadonlyMap<string, readonly string[]> | undefined;
  readonly #dependents = new Map<string, ReadonlySet<string>>();

  constructor(rules: readonly NamedRule[]) {
    const clauses = new Map<string, Rule[]>();
    for (const { name, rule } of rules) {
      const known = clauses.get(name);
      if (known === undefined) clauses.set(name, [rule]);
      else known.push(rule);
    }
    this.clauses = clauses;
    for (const name of clauses.keys()) this.#plant(name);
  }

  /** Names of the rules that a rule refers to, those below a document that it refers to included. */
  usesOf(name: string): readonly string[] {
    const known = this.#uses.get(name);
    if (known !== undefined) return known;
    const paths = new Map(
      (this.clauses.get(name) ?? []).flatMap(pathsIn).map((path) => [JSON.stringify(path), path]),
    );
    const found = [...new Set([...paths.values()].flatMap((path) => [...rulesAlong(this.#root, path, 0)]))];
    this.#uses.set(name, found);
    return found;
  }

  /** Names of the rules below a name. */
  below(name: string): readonly string[] {
    return [...rulesAlong(this.#root, name.split('.'), 0)].filter((each) => each.startsWith(`${name}.`));
  }

  /** Names of the rules that depend on a document or function, through others too. */
  dependentsOf(target: Path): ReadonlySet<string> {
    const key = JSON.stringify(target);
    const known = this.#dependents.get(key);
    if (known !== undefined) return known;
    const users = this.#usersOf();
    const names = [...this.clauses].filter(([, rules]) =>
      rules.some((rule) => pathsIn(rule).some((path) => overlaps(target, path))),
    );
    const found = new Set(names.map(([name]) => name));
    for (const name of found) for (const each of users.get(name) ?? []) found.add(each);
    this.#dependents.set(key, found);
    return found;
  }

  #usersOf(): ReadonlyMap<string, readonly string[]> {
    if (this.#users !== undefined) return this.#users;
    const users = new Map<string, string[]>();
    for (const name of this.clauses.keys())
      for (const used of this.usesOf(name)) users.set(used, [...(users.get(used) ?? []), name]);
    this.#users = users;
    return users;
  }

  #plant(name: string): void {
    let branch = this.#root;
    for (const step of name.split('.')) {
      const next = branch.children.get(step) ?? { children: new Map(), name: undefined };
      branch.children.set(step, next);
      branch = next;
    }
    branch.name = name;
  }
}

/** A step of the names of rules. */
interface Branch {
  readonly children: Map<string, Branch>;
  /** The rule that stands here. */
  name: string | undefined;
}

/** The rules at a path, above it or below it. */
function* rulesAlong(branch: Branch, path: Path, at: number): Iterable<string> {
  if (branch.name !== undefined) yield branch.name;
  const step = path[at];
  if (at >= path.length || step === undefined) {
    for (const child of branch.children.values()) yield* rulesAlong(child, path, at + 1);
    return;
  }
  const child = branch.children.get(step);
  if (child !== undefined) yield* rulesAlong(child, path, at + 1);
}

/** Whether one path leads to another, or below it. */
function overlaps(a: Path, b: Path): boolean {
  return a.every((name, index) => {
    const other = b[index];
    return index >= b.length || name === undefined || other === undefined || name === other;
  });
}

/** Names, of which one that is not known is `undefined`. */
export type Path = readonly (string | undefined)[];

/** Documents and functions that a rule refers to, or replaces. */
export function pathsIn(rule: Rule): readonly Path[] {
  const terms = termsOfRule(rule);
  const heads = new Set(terms.flatMap((term) => (term.kind === 'reference' ? [term.head] : [])));
  const replaced = linesOfRule(rule).flatMap(({ withs }) => withs.map(({ target }) => target));
  const found = terms.flatMap((term): readonly Path[] => {
    if (heads.has(term)) return [];
    if (term.kind === 'call') return [term.path];
    if (term.kind === 'variable') return term.name === 'input' || term.name === 'data' ? [[term.name]] : [];
    if (term.kind !== 'reference' || term.head.kind !== 'variable') return [];
    const { name } = term.head;
    if (name !== 'data' && name !== 'input') return [];
    return [[name, ...term.path.map((step) => (step.kind === 'scalar' ? String(step.value) : undefined))]];
  });
  return [...replaced, ...found];
}

/** Every term of a rule. */
export function termsOfRule(rule: Rule): readonly Term[] {
  const bodies: readonly Body[] = [rule.body, ...rule.otherwise.map(({ body }) => body)];
  const heads = [...rule.args, ...rule.keys, rule.value, ...rule.otherwise.map(({ value }) => value)];
  return partsOfBody(bodies.flat() satisfies readonly Expression[], heads);
}

/** Every line of a rule, those within others included. */
export function linesOfRule(rule: Rule): readonly Expression[] {
  const within = (body: Body): readonly Expression[] =>
    body.flatMap((line) => {
      const { what } = line;
      if (what.kind === 'every' || what.kind === 'body') return [line, ...within(what.body)];
      return what.kind === 'logic' ? [line, ...within(what.left), ...within(what.right)] : [line];
    });
  const bodies = [rule.body, ...rule.otherwise.map(({ body }) => body)].flatMap(within);
  const nested = termsOfRule(rule).flatMap((term) =>
    term.kind === 'comprehension' ? within(term.body) : [],
  );
  return [...bodies, ...nested];
}
