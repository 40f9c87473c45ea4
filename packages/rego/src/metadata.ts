import type { Module, Rule } from './ast.js';
import { isArray, RegoObject, type Value } from './values.js';

/** What `rego.metadata.rule` gives: the annotations of the clause itself. */
export function metadataOf(rule: Rule | undefined): Value {
  return scoped(rule, 'rule')[0] ?? new RegoObject([]);
}

/** What `rego.metadata.chain` gives: the annotations of a clause, of its document, its package, and the packages above. */
export function chainOf(rule: Rule | undefined, module: Module, modules: readonly Module[]): Value {
  const path = [...module.package, ...(rule?.path ?? [])];
  const own = scoped(rule, 'rule');
  const entry = (at: readonly string[], annotations: Value): Value =>
    new RegoObject([
      ['path', [...at]],
      ['annotations', annotations],
    ]);
  const first: Value[] =
    own.length === 0 ? [new RegoObject([['path', path]])] : own.map((each) => entry(path, each));
  const siblings = modules
    .filter((each) => same(each.package, module.package))
    .flatMap(({ rules }) => rules.filter((each) => same(each.path, rule?.path ?? [])));
  const documents = siblings.flatMap((each) => scoped(each, 'document')).map((each) => entry(path, each));
  const packages = modules
    .filter((each) => same(each.package, module.package))
    .flatMap((each) => each.annotations.filter((value) => scopeOf(value) === 'package'))
    .map((each) => entry(module.package, each));
  const above: Value[] = [];
  for (let length = module.package.length; length > 0; length -= 1) {
    const at = module.package.slice(0, length);
    for (const each of modules) {
      if (!same(each.package, at)) continue;
      above.push(
        ...each.annotations
          .filter((value) => scopeOf(value) === 'subpackages')
          .map((value) => entry(at, value)),
      );
    }
  }
  return [...first, ...documents, ...packages, ...above];
}

function scoped(rule: Rule | undefined, scope: string): readonly Value[] {
  const all = rule?.annotations;
  return all !== undefined && isArray(all) ? all.filter((each) => scopeOf(each) === scope) : [];
}

function scopeOf(value: Value): Value | undefined {
  return value instanceof RegoObject ? value.get('scope') : undefined;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
