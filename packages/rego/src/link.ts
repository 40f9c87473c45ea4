/**
 * Modules as one: which functions there are, and what each name stands for.
 *
 * @module
 */
import type { Module, Rule } from './ast.js';
import { type Builtin, BuiltinFault, type CallSite, type HostFunction } from './builtins/builtin.js';
import { BUILTINS, REGORUS_BUILTINS } from './builtins/index.js';
import { RegoError } from './errors.js';
import { parseModule, TEXT_LIMITS } from './parser.js';
import type { ModuleSource, PrepareOptions } from './policy.js';
import { type ResolvedModule, resolveModule, type ResolveOptions } from './scope.js';
import type { Value } from './values.js';

/** Modules that know of one another. */
export interface Linked {
  readonly modules: readonly ResolvedModule[];
  readonly builtins: ReadonlyMap<string, Builtin>;
  /** How many arguments a function takes. */
  readonly arityOf: (path: readonly string[]) => number | undefined;
  readonly resolving: ResolveOptions;
  /** Resolve the names of one rule. */
  readonly resolveRule: (module: Module, rule: Rule) => Rule;
}

/** Read files. */
export function parseAll(modules: readonly ModuleSource[], options: PrepareOptions): readonly Module[] {
  const { version = 'v1', compat, limits } = options;
  return modules.map(({ file, text }) =>
    parseModule(text, file, version, { ...TEXT_LIMITS, ...limits }, compat === 'regorus'),
  );
}

/** Resolve the names of modules; of no rule unless all are wanted. */
export function linkModules(parsed: readonly Module[], options: PrepareOptions, all = true): Linked {
  const isRegorus = options.compat === 'regorus';
  const host = Object.entries(options.functions ?? {}).map(([name, each]): [string, Builtin] => [
    name,
    { ...each, call: guarded(each) },
  ]);
  const builtins = new Map([...(isRegorus ? REGORUS_BUILTINS : BUILTINS), ...host]);
  const names = ruleNamesOf(parsed);
  const arities = new Map(
    parsed.flatMap((module) =>
      module.rules
        .filter(({ kind }) => kind === 'function')
        .map((rule) => [['data', ...module.package, ...rule.path].join('.'), rule.args.length] as const),
    ),
  );
  const arityOf = (path: readonly string[]): number | undefined =>
    arities.get(path.join('.')) ?? builtins.get(path.join('.'))?.arity;
  const resolving: ResolveOptions = {
    narrowNot: !isRegorus,
    about: (name, rule, module): Value | undefined =>
      builtins.get(name)?.about?.(siteOf(rule, module, parsed)),
  };
  const resolve = (module: Module): ResolvedModule =>
    resolveModule(module, names.get(module.package.join('.')) ?? new Set(), arityOf, resolving);
  return {
    modules: all ? parsed.map(resolve) : [],
    builtins,
    arityOf,
    resolving,
    resolveRule: (module, rule) => resolve({ ...module, rules: [rule] }).rules[0] ?? rule,
  };
}

/** What a function of the host throws is a fault of the call. */
function guarded(each: HostFunction): Builtin['call'] {
  return (args, context) => {
    try {
      return each.call(args, context);
    } catch (cause) {
      if (cause instanceof BuiltinFault || cause instanceof RegoError) throw cause;
      throw new BuiltinFault(cause instanceof Error ? cause.message : 'failed');
    }
  };
}

/** Where a call stands, for the functions that ask. */
function siteOf(rule: Rule | undefined, module: Module, modules: readonly Module[]): CallSite {
  const isWithin = (path: readonly string[], of: readonly string[]): boolean =>
    path.length <= of.length && path.every((name, index) => name === of[index]);
  const isSame = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && isWithin(a, b);
  const siblings = modules
    .filter((each) => rule !== undefined && isSame(each.package, module.package))
    .flatMap(({ rules }) => rules.filter(({ path }) => isSame(path, rule?.path ?? [])));
  return {
    rule: rule === undefined ? undefined : [...module.package, ...rule.path],
    package: module.package,
    own: rule?.annotations ?? [],
    document: siblings.flatMap(({ annotations }) => annotations),
    packages: modules
      .filter((each) => isWithin(each.package, module.package))
      .map((each) => ({ path: each.package, notes: each.annotations })),
  };
}

/** Names of the rules of each package, by the package's path with dots. */
function ruleNamesOf(modules: readonly Module[]): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>();
  for (const module of modules) {
    const key = module.package.join('.');
    const set = names.get(key) ?? new Set();
    names.set(key, set);
    for (const rule of module.rules) set.add(rule.path[0] ?? '');
  }
  return names;
}
