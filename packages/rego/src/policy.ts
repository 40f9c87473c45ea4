import type { Body } from './ast.js';
import type { HostFunction } from './builtins/builtin.js';
import { compileQuery, type Found } from './compile/query.js';
import type { Observer } from './compile/observer.js';
import { compileRules } from './compile/rules.js';
import type { Target } from './compile/terms.js';
import { type Coverage, observerOf } from './coverage.js';
import { Explainer, type Explanation } from './explain.js';
import { type DocumentNode, documentsOf } from './documents.js';
import { type Place, RegoError } from './errors.js';
import { findMistakes, findUnused } from './check.js';
import { linkModules, parseAll } from './link.js';
import { orderBody, orderRule } from './order.js';
import { parseQuery, type RegoVersion, type TextLimits } from './parser.js';
import { Run, type RulesCode } from './runtime.js';
import type { Regex } from './regex.js';
import { resolveQuery } from './scope.js';
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
  /** Ends the evaluation with an error. An evaluation runs to its end: only a signal that is aborted before, or by a function of the host, ends it. */
  readonly signal?: AbortSignal;
  /** Asked for the time now and then; an evaluation that goes on after {@link EvaluateOptions.deadline} ends with an error. */
  readonly clock?: () => number;
  /** When to end, by {@link EvaluateOptions.clock}. */
  readonly deadline?: number;
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
  const plain = codeOf({ root, builtins, isRegorus, observer: undefined });
  const sources = new Map(modules.map(({ file, text }) => [file, text.replace(/^\ufeff/, '')]));
  const linesOf = (text: string): Body => resolveQuery(parseQuery(text), arityOf, resolving);
  const patterns = new Map<string, Regex>();
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
        patterns,
        memory: new Map(),
      },
      strict: given.strict ?? true,
      print: given.print,
      budget,
      signal: given.signal,
      isLate: () => given.clock !== undefined && given.clock() > (given.deadline ?? Infinity),
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
  const rules = [...documentNames(root)];
  return { query, explain, rules, value: (text, given) => query(text, given)[0]?.values[0] };
}

/**
 * Find every mistake in modules that can be known before they are evaluated: syntax, variables without a value, functions that do not
 * exist, rules that depend on themselves.
 *
 * @param modules - the files
 * @param options - as for {@link preparePolicy}; with `pedantic` imports that are not used are mistakes too
 * @returns the mistakes, each with its place; none for a sound policy
 */
export function checkPolicy(
  modules: readonly ModuleSource[],
  options: PrepareOptions & { readonly pedantic?: boolean } = {},
): readonly RegoError[] {
  const errors: RegoError[] = [];
  const attempt = <T>(work: () => T): T[] => {
    try {
      return [withinStack(work)];
    } catch (error) {
      if (!(error instanceof RegoError)) throw error;
      errors.push(error);
      return [];
    }
  };
  const parsed = modules.flatMap((module) => attempt(() => parseAll([module], options)).flat());
  const sources = new Map(modules.map(({ file, text }) => [file, text]));
  if (options.pedantic === true) errors.push(...findUnused(parsed, sources));
  const { arityOf, resolveRule } = linkModules(parsed, options, false);
  const resolved = parsed.flatMap((module) =>
    module.rules.flatMap((rule) =>
      attempt(() => resolveRule(module, rule)).flatMap((each) => {
        attempt(() => orderRule(each));
        return [{ name: ['data', ...module.package, ...each.path].join('.'), rule: each }];
      }),
    ),
  );
  errors.push(...findMistakes(resolved, arityOf));
  return errors;
}

/** Code of rules and queries, made when it is first needed. */
function codeOf(target: Target): {
  readonly rulesAt: (node: DocumentNode) => RulesCode;
  readonly query: (text: string, lines: () => Body) => (run: Run) => readonly Found[];
} {
  const code: (RulesCode | undefined)[] = [];
  const queries = new Map<string, (run: Run) => readonly Found[]>();
  return {
    rulesAt: (node) => {
      const known = code[node.id] ?? compileRules(node, target);
      code[node.id] = known;
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

/** A platform's stack is smaller than what a policy may nest: its end is a limit like the others. */
function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new RegoError('ERR_REGO_LIMIT', 'the policy nests too deep for this platform', { cause });
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

function* documentNames(node: DocumentNode): Iterable<{ readonly name: string; readonly place: Place }> {
  const [first] = node.rules;
  if (first !== undefined) {
    const { file, line, column } = first.place;
    yield { name: ['data', ...node.path].join('.'), place: { file, line, column } };
  }
  for (const child of node.children.values()) yield* documentNames(child);
}
