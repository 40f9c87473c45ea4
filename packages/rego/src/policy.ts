import type { Module, Rule } from './ast.js';
import { chainOf, metadataOf } from './metadata.js';
import { BUILTINS, REGORUS_BUILTINS } from './builtins/index.js';
import { type Builtin, BuiltinFault } from './builtins/builtin.js';
import { compileQuery, type Found } from './compile/query.js';
import { compileRules } from './compile/rules.js';
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

/** A function of the host. It is called with values, and gives one, or `undefined` for none. */
export interface HostFunction {
  /** How many arguments it takes. */
  readonly arity: number;
  /** Its work. What it throws ends the evaluation. */
  readonly call: (args: readonly Value[]) => Value | undefined;
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
  const host = Object.entries(options.functions ?? {}).map(([name, { arity, call }]): [string, Builtin] => [
    name,
    { arity, call: (args) => guarded(() => call(args)) },
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
    metadata: (rule: Rule | undefined, module: Module, whole: boolean): Value =>
      whole ? chainOf(rule, module, parsed) : metadataOf(rule),
  };
  const resolved = parsed
    .map((module) =>
      resolveModule(module, names.get(module.package.join('.')) ?? new Set(), arityOf, resolving),
    )
    .map((module) => ({ ...module, rules: module.rules.map(orderRule) }));
  const root = documentsOf(resolved);
  const data = fromJson(options.data ?? {});
  const target = { root, builtins, isRegorus, observer: undefined };
  const code = new Map<DocumentNode, RulesCode>();
  const rulesAt = (node: DocumentNode): RulesCode => {
    const known = code.get(node) ?? compileRules(node, target);
    code.set(node, known);
    return known;
  };
  const queries = new Map<string, (run: Run) => readonly Found[]>();
  const queryCode = (text: string): ((run: Run) => readonly Found[]) => {
    const known = queries.get(text);
    if (known !== undefined) return known;
    const lines = resolveQuery(parseQuery(text), arityOf, resolving);
    const made = compileQuery(orderBody(lines, new Set()).body, lines, target);
    if (queries.size >= MAX_QUERIES) queries.clear();
    queries.set(text, made);
    return made;
  };
  const query = (text: string, given: EvaluateOptions = {}): readonly Solution[] =>
    withinStack(() => {
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
        rulesAt,
      });
      return queryCode(text)(run).map(({ values, bindings }) => ({ values, bindings: named(bindings) }));
    });
  return { query, value: (text, given) => query(text, given)[0]?.values[0] };
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
