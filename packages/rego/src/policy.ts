import type { Body, Module, Rule } from './ast.js';
import { BUILTINS, REGORUS_BUILTINS } from './builtins/index.js';
import { type Builtin, BuiltinFault, type CallSite, type HostFunction } from './builtins/builtin.js';
import { compileQuery, type Found } from './compile/query.js';
import type { Observer } from './compile/observer.js';
import { compileRules } from './compile/rules.js';
import type { Target } from './compile/terms.js';
import { type Coverage, observerOf } from './coverage.js';
import { Explainer, type Explanation } from './explain.js';
import { type DocumentNode, documentsOf } from './documents.js';
import { RegoError } from './errors.js';
import { orderBody, orderRule, ruleNamesOf } from './order.js';
import { parseModule, parseQuery, type RegoVersion, TEXT_LIMITS, type TextLimits } from './parser.js';
import { Run, type RulesCode } from './runtime.js';
import { resolveModule, resolveQuery } from './scope.js';
import { fromJson, type Value } from './values.js';

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
  /** Caps of each file other than {@link TEXT_LIMITS}. */
  readonly limits?: Partial<TextLimits>;
  /**
   * Whose answers to give where engines differ. Default `opa`, Open Policy Agent; `regorus`, the engine of Trustee and of the Kata
   * agent, computes with doubles, has sets before objects, and knows more units.
   */
  readonly compat?: 'opa' | 'regorus';
  /** Functions of the host, by name. */
  readonly functions?: Readonly<Record<string, HostFunction>>;
}

/** How to evaluate. */
export interface EvaluateOptions {
  /** The document `input`, as JSON. Without it `input` is undefined. */
  readonly input?: unknown;
  /** In place of the prepared documents below `data`. */
  readonly data?: unknown;
  /** Whether a fault of a built-in function ends the evaluation. Default `true`; OPA's own default is `false`. */
  readonly strict?: boolean;
  /** Steps after which the evaluation ends with an error. Default 10 million. */
  readonly maxSteps?: number;
  /** Told which lines are run. */
  readonly coverage?: Coverage;
  /** Ends the evaluation with an error. */
  readonly signal?: AbortSignal;
  /** Milliseconds since 1970, for `time.now_ns`. Default 0: a policy has no clock unless it is given one. */
  readonly now?: number;
  /** A random number from 0 to below 1, for `rand.intn` and `uuid.rfc4122`. Without it they fail. */
  readonly random?: () => number;
  /** What `opa.runtime` gives: JSON. Default an empty object. */
  readonly runtime?: unknown;
  /** Given each line of `print`. */
  readonly print?: (line: string) => void;
  /** Given each note of `trace`. */
  readonly trace?: (note: string) => void;
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
 */
export function preparePolicy(modules: readonly ModuleSource[], options: PrepareOptions = {}): Policy {
  return withinStack(() => prepared(modules, options));
}

function prepared(modules: readonly ModuleSource[], options: PrepareOptions): Policy {
  const version = options.version ?? 'v1';
  const parsed = modules.map(({ file, text }) =>
    parseModule(text, file, version, { ...TEXT_LIMITS, ...options.limits }, options.compat === 'regorus'),
  );
  const host = Object.entries(options.functions ?? {}).map(([name, each]): [string, Builtin] => [
    name,
    { ...each, call: (args, context) => guarded(() => each.call(args, context)) },
  ]);
  const builtins = new Map([...(options.compat === 'regorus' ? REGORUS_BUILTINS : BUILTINS), ...host]);
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
  const isRegorus = options.compat === 'regorus';
  const resolving = {
    narrowNot: !isRegorus,
    about: (name: string, rule: Rule | undefined, module: Module): Value | undefined =>
      builtins.get(name)?.about?.(siteOf(rule, module, parsed)),
  };
  const resolved = parsed
    .map((module) =>
      resolveModule(module, names.get(module.package.join('.')) ?? new Set(), arityOf, resolving),
    )
    .map((module) => ({ ...module, rules: module.rules.map(orderRule) }));
  const root = documentsOf(resolved);
  const data = fromJson(options.data ?? {});
  const plain = codeOf({ root, builtins, isRegorus, observer: undefined });
  const sources = new Map(modules.map(({ file, text }) => [file, text.replace(/^\ufeff/, '')]));
  const linesOf = (text: string): Body => resolveQuery(parseQuery(text), arityOf, resolving);
  const evaluate = (text: string, given: EvaluateOptions, observer?: Observer): readonly Found[] => {
    const code = observer === undefined ? plain : codeOf({ root, builtins, isRegorus, observer });
    const budget = { steps: given.maxSteps ?? 10_000_000 };
    const run = new Run({
      root,
      data: given.data === undefined ? data : fromJson(given.data),
      input: given.input === undefined ? undefined : fromJson(given.input),
      builtins,
      context: {
        now: () => BigInt(Math.floor(given.now ?? 0)) * 1_000_000n,
        trace: given.trace ?? (() => undefined),
        random: given.random,
        runtime: fromJson(given.runtime ?? {}),
        spend: (steps) => {
          budget.steps -= steps;
          if (budget.steps < 0)
            throw new RegoError('ERR_REGO_LIMIT', 'the evaluation takes more steps than allowed');
        },
        memory: new Map(),
      },
      strict: given.strict ?? true,
      print: given.print ?? (() => undefined),
      budget,
      signal: given.signal,
      rulesAt: code.rulesAt,
    });
    return code.query(text, () => linesOf(text))(run);
  };
  const query = (text: string, given: EvaluateOptions = {}): readonly Solution[] =>
    withinStack(() => {
      const observer = observerOf(given.coverage, () => resolved.flatMap(({ rules }) => rules));
      const found = evaluate(text, given, observer);
      return found.map(({ values, bindings }) => ({ values, bindings: named(bindings) }));
    });
  const explain = (text: string, given: EvaluateOptions = {}): Explanation =>
    withinStack(() => {
      const explainer = new Explainer(new Map([...sources, ['query', text]]));
      const found = evaluate(text, given, explainer);
      return explainer.explanation(text, found[0]?.values[0], found.length > 0);
    });
  return { query, explain, value: (text, given) => query(text, given)[0]?.values[0] };
}

/** Code of rules and queries, made when it is first needed. */
function codeOf(target: Target): {
  readonly rulesAt: (node: DocumentNode) => RulesCode;
  readonly query: (text: string, lines: () => Body) => (run: Run) => readonly Found[];
} {
  const code = new Map<DocumentNode, RulesCode>();
  const queries = new Map<string, (run: Run) => readonly Found[]>();
  return {
    rulesAt: (node) => {
      const known = code.get(node) ?? compileRules(node, target);
      code.set(node, known);
      return known;
    },
    query: (text, lines) => {
      const known = queries.get(text);
      if (known !== undefined) return known;
      const written = lines();
      const made = compileQuery(orderBody(written, new Set()).body, written, target);
      if (queries.size >= MAX_QUERIES) queries.clear();
      queries.set(text, made);
      return made;
    },
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

/** A platform's stack is smaller than what a policy may nest: its end is a limit like the others. */
function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RegoError('ERR_REGO_LIMIT', 'the policy nests too deep for this platform', { cause });
  }
}

/** What a function of the host throws is a fault of the call. */
function guarded(call: () => Value | undefined): Value | undefined {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof BuiltinFault || cause instanceof RegoError) throw cause;
    throw new BuiltinFault(cause instanceof Error ? cause.message : 'failed');
  }
}

/** Variables as they are written; those without a name are left out. */
function named(bindings: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  const shown = [...bindings]
    .filter(([name]) => !name.startsWith('_'))
    .map(([name, value]) => [name.split('$')[0] ?? name, value] as const);
  return Object.fromEntries(shown);
}

/** How many queries are kept ready. */
const MAX_QUERIES = 100;
