import type { BuiltinContext } from './builtins/builtin.js';
import type { Coverage } from './coverage.js';
import type { DocumentNode } from './documents.js';
import type { Regex } from './regex.js';
import { Run, type RulesCode } from './runtime.js';
import { fromJson } from './json.js';
import type { Value } from './values.js';

/** How to evaluate. */
export interface EvaluateOptions {
  /** The document `input`, as JSON. Without it `input` is undefined. It is read once, before anything else. */
  readonly input?: unknown;
  /** In place of the prepared documents below `data`. */
  readonly data?: unknown;
  /** Whether a fault of a built-in function ends the evaluation. Default `true`; OPA's own default is `false`. */
  readonly strict?: boolean;
  /** Steps after which the evaluation ends with an error. Default 10 million. */
  readonly maxSteps?: number;
  /** Told which lines are run. */
  readonly coverage?: Coverage;
  /**
   * Ends the evaluation with an error, whose cause is the reason of the signal. An evaluation does not wait for anything, so that its
   * thread hears of an abort only before it, or by a function of the host, after which it ends at once. To end it from another thread,
   * or after some time, give a {@link EvaluateOptions.clock}.
   */
  readonly signal?: AbortSignal;
  /**
   * Asked at the start and every 1024 steps; an evaluation for which it gives more than {@link EvaluateOptions.deadline} ends with an
   * error. `Date.now` makes the deadline a time; a look into shared memory lets another thread end the evaluation.
   */
  readonly clock?: () => number;
  /** When to end, by {@link EvaluateOptions.clock}, which it needs. */
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

/** What evaluations of one policy share. */
export interface Prepared {
  readonly root: DocumentNode;
  readonly data: Value;
  /** Whether a document lies where rules are. */
  readonly isOverlaid: (data: Value) => boolean;
  /** Patterns that were compiled before. */
  readonly patterns: Map<string, Regex>;
}

/** Make ready for one evaluation. */
export function startRun(
  { root, data: prepared, isOverlaid, patterns }: Prepared,
  given: EvaluateOptions,
  rulesAt: (node: DocumentNode) => RulesCode,
): Run {
  const { clock, deadline } = given;
  if (deadline !== undefined && clock === undefined) throw new TypeError('a deadline needs a clock');
  const data = given.data === undefined ? prepared : fromJson(given.data);
  return new Run({
    root,
    data,
    input: given.input === undefined ? undefined : fromJson(given.input),
    isPlain: !isOverlaid(data),
    rulesAt,
    contextOf: (run) => contextOf(run, given, patterns),
    steps: given.maxSteps ?? 10_000_000,
    strict: given.strict ?? true,
    print: given.print,
    signal: given.signal,
    isLate: clock === undefined || deadline === undefined ? undefined : () => clock() > deadline,
  });
}

function contextOf(run: Run, given: EvaluateOptions, patterns: Map<string, Regex>): BuiltinContext {
  return {
    now: () => BigInt(Math.floor(given.now ?? 0)) * 1_000_000n,
    trace: given.trace ?? (() => undefined),
    random: given.random,
    runtime: given.runtime === undefined ? NOTHING : fromJson(given.runtime),
    spend: (steps) => run.spend(steps),
    patterns,
    memory: new Map(),
  };
}

const NOTHING = fromJson({});
