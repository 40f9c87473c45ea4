import type { Value } from '../values.js';
import { ANY, either, type Member, type MaybeType, STRING, type Type } from './types.js';

/** The types of what rules define below a place of `data`. */
export class TypeTree {
  readonly #children = new Map<string, TypeTree>();
  #type: Type | undefined;

  /** The type of the rule that stands here. */
  get type(): Type | undefined {
    return this.#type;
  }

  /** The place below a name. */
  child(name: Value): TypeTree | undefined {
    return typeof name === 'string' ? this.#children.get(name) : undefined;
  }

  /** Say that a rule gives what stands at a path, beside what others give. */
  add(path: readonly string[], type: Type): void {
    const [first, ...rest] = path;
    if (first === undefined) {
      this.#type = merged(this.#type, type);
      for (const [below, each] of this.#leaves([])) this.#type = withPath(this.#type, below, each);
      return;
    }
    if (this.#type?.kind === 'object') this.#type = withPath(this.#type, path, type);
    let next = this.#children.get(first);
    if (next === undefined) {
      next = new TypeTree();
      this.#children.set(first, next);
    }
    next.add(rest, type);
  }

  /** What stands here as a whole. Data may hold more than rules define. */
  extent(): Type {
    if (this.#type !== undefined) return this.#type;
    const members = [...this.#children].map(([name, each]): Member => [name, each.extent()]);
    return { kind: 'object', members, rest: { key: STRING, value: ANY } };
  }

  *#leaves(path: readonly string[]): Iterable<readonly [readonly string[], Type]> {
    for (const [name, each] of this.#children) {
      if (each.#type === undefined) yield* each.#leaves([...path, name]);
      else yield [[...path, name], each.#type];
    }
  }
}

/** What clauses of one rule give together. */
function merged(a: Type | undefined, b: Type): Type {
  if (a === undefined) return b;
  if (a.kind === 'set' && b.kind === 'set') return { kind: 'set', of: either(a.of, b.of) };
  if (a.kind === 'object' && b.kind === 'object' && a.members.length + b.members.length === 0) {
    if (a.rest === undefined) return b;
    if (b.rest === undefined) return a;
    const key = either(a.rest.key, b.rest.key);
    return { kind: 'object', members: [], rest: { key, value: mergedOrOther(a.rest.value, b.rest.value) } };
  }
  return either(a, b) ?? ANY;
}

function mergedOrOther(a: MaybeType, b: MaybeType): MaybeType {
  return a === undefined || b === undefined ? (a ?? b) : merged(a, b);
}

/** An object that may have what stands at a path below it. */
function withPath(type: Type, [, ...rest]: readonly string[], value: Type): Type {
  if (type.kind !== 'object') return type;
  const below = rest.length === 0 ? value : withPath({ kind: 'object', members: [] }, rest, value);
  return {
    ...type,
    rest: { key: either(type.rest?.key, STRING), value: either(type.rest?.value, below) },
  };
}
