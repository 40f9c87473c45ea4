import type { Body } from './ast.js';
import type { HostFunction } from './builtins/builtin.js';
import { compileQuery, type Found } from './compile/query.js';
import { listeners, type Observer } from './compile/observer.js';
import { compileRules } from './compile/rules.js';
import type { Target } from './compile/code.js';
import { Explainer, type Explanation } from './explain.js';
import { type DocumentNode, documentsOf, isOverlaid } from './documents.js';
import { type Place, RegoError } from './errors.js';
import { type EvaluateOptions, type Prepared, startRun } from './evaluate.js';
import { linkModules, parseAll } from './link.js';
import { orderBody, orderRule } from './order.js';
import { parseQuery, type RegoVersion, type TextLimits } from './parser.js';
import type { Run, RulesCode } from './runtime.js';
import { resolveQuery } from './scope.js';
import { fromJson } from './json.js';
import type { Value } from './values.js';

/** A file of a policy. */
export interface ModuleSource {
  /** Name for messages, such as `policy.rego`. */
  readonly file: string;
  /** The text, at most 4 MiB. */
  readonly text: string;
}

/** How to prepare a policy. */
export interface PrepareOptions {
  /** The dialect of modules that do not say. Default `v1`. */
  readonly version?: RegoVersion;
  /** Documents below `data`, as JSON. */
  readonly data?: unknown;
  /** Caps of each file other than `TEXT_LIMITS`. */
  readonly limits?: Partial<TextLimits>;
  /**
   * Whose answers to give where engines differ. Default `opa`, Open Policy Agent; `regorus`, the engine of Trustee and of the Kata
   * agent, computes with doubles, has sets before objects, and knows more units.
   */
  readonly compat?: 'opa' | 'regorus';
  /** Functions of the host, by name. */
  readonly functions?: Readonly<Record<string, HostFunction>>;
}

/** One solution of a query. */
export interface Solution {
  /** The value of each line, in order; `true` for lines that have none. */
  readonly values: readonly Value[];
  /** The values of the query's variables. */
  readonly bindings: Readonly<Record<string, Value>>;
}

/** A policy that is ready. It keeps nothing of an evaluation. */
export interface Policy {
  /** Names of its rules, such as `data.policy.allow`, and where the first clause of each is. */
  readonly rules: readonly { readonly name: string; readonly place: Place }[];
  /**
   * All solutions of a query, such as `data.policy.allow` or `x := input.a; x > 1`.
   *
   * @throws {@link RegoError}
   */
  query(query: string, options?: EvaluateOptions): readonly Solution[];
  /**
   * The value of one document or term, such as `data.policy.allow`; `undefined` when it has none.
   *
   * @throws {@link RegoError}
   */
  value(query: string, options?: EvaluateOptions): Value | undefined;
  /**
   * Why a document or query has the value that it has: the rules that were tried, and of each clause that did not hold the line that was
   * false or undefined first, with the values that it saw. It takes about ten times as long as the value alone.
   *
   * @throws {@link RegoError}
   */
  explain(query: string, options?: EvaluateOptions): Explanation;
}

/**
 * Parse modules, resolve their names, see that every variable has a value when it is needed, and make a policy of them.
 *
 * @param modules - the files
 * @param options - dialect, documents, functions of the host
 * @throws {@link RegoError} `ERR_REGO_PARSE` or `ERR_REGO_UNSAFE`, with a place.
 *
 * @example
 * ```ts
 * const policy = preparePolicy([{ file: 'p.rego', text: 'package p\nallow if input.user in data.admins' }], {
 *   data: { admins: ['ada'] },
 * });
 * console.log(policy.value('data.p.allow', { input: { user: 'ada' } })); // true
 * console.log(policy.value('data.p.allow', { input: { user: 'bob' } })); // undefined
 * ```
 */
export function preparePolicy(modules: readonly ModuleSource[], options: PrepareOptions = {}): Policy {
  return withinStack(() => prepared(modules, options));
}

function prepared(modules: readonly ModuleSource[], options: PrepareOptions): Policy {
  const isRegorus = options.compat === 'regorus';
  const linked = linkModules(parseAll(modules, options), options);
  const { builtins, arityOf, resolving } = linked;
  const resolved = linked.modules.map((module) => ({ ...module, rules: module.rules.map(orderRule) }));
  const root = documentsOf(resolved);
  const data = fromJson(options.data ?? {});
  const isPreparedOverlaid = isOverlaid(root, data);
  const shared: Prepared = {
    root,
    data,
    isOverlaid: (given) => (given === data ? isPreparedOverlaid : isOverlaid(root, given)),
    patterns: new Map(),
  };
  const plain = codeOf({ root, builtins, isRegorus, observer: undefined });
  const sources = new Map(modules.map(({ file, text }) => [file, text.replace(/^\ufeff/, '')]));
  const linesOf = (text: string): Body => resolveQuery(parseQuery(text), arityOf, resolving);
  const evaluate = (text: string, given: EvaluateOptions, observer?: Observer): readonly Found[] => {
    const code = observer === undefined ? plain : codeOf({ root, builtins, isRegorus, observer });
    const run = startRun(shared, given, code.rulesAt);
    return code.query(text, linesOf)(run);
  };
  const solutions = (text: string, given: EvaluateOptions): readonly Found[] =>
    withinStack(() => {
      const { coverage } = given;
      const observer =
        coverage === undefined
          ? undefined
          : listeners.get(coverage)?.(() => resolved.flatMap(({ rules }) => rules));
      return evaluate(text, given, observer);
    });
  const query = (text: string, given: EvaluateOptions = {}): readonly Solution[] =>
    solutions(text, given).map(({ values, bindings }) => ({
      values,
      bindings: Object.fromEntries(bindings),
    }));
  const value = (text: string, given: EvaluateOptions = {}): Value | undefined =>
    solutions(text, given)[0]?.values[0];
  const explain = (text: string, given: EvaluateOptions = {}): Explanation =>
    withinStack(() => {
      const explainer = new Explainer(new Map([...sources, ['query', text]]));
      const found = evaluate(text, given, explainer);
      return explainer.explanation(text, found[0]?.values[0], found.length > 0);
    });
  const rules = [...documentNames(root)];
  return { query, explain, rules, value };
}

/** Code of rules and queries, made when it is first needed. */
function codeOf(target: Target): {
  readonly rulesAt: (node: DocumentNode) => RulesCode;
  readonly query: (text: string, linesOf: (text: string) => Body) => (run: Run) => readonly Found[];
} {
  const code: (RulesCode | undefined)[] = [];
  const queries = new Map<string, (run: Run) => readonly Found[]>();
  return {
    rulesAt: (node) => {
      const known = code[node.id] ?? compileRules(node, target);
      code[node.id] = known;
      return known;
    },
    query: (text, linesOf) => {
      const known = queries.get(text);
      if (known !== undefined) return known;
      const written = linesOf(text);
      const made = compileQuery(orderBody(written, new Set()).body, written, target);
      if (queries.size >= MAX_QUERIES) queries.clear();
      queries.set(text, made);
      return made;
    },
  };
}

/** A platform's stack is smaller than what a policy may nest: its end is a limit like the others. */
export function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RegoError('ERR_REGO_LIMIT', 'the policy nests too deep for this platform', { cause });
  }
}

/** How many queries are kept ready. */
const MAX_QUERIES = 100;

function* documentNames(node: DocumentNode): Iterable<{ readonly name: string; readonly place: Place }> {
  const [first] = node.rules;
  if (first !== undefined) {
    const { file, line, column } = first.place;
    yield { name: ['data', ...node.path].join('.'), place: { file, line, column } };
  }
  for (const child of node.children.values()) yield* documentNames(child);
}
