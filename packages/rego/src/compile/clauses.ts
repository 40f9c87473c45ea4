import type { Body, Rule, Span, Term } from '../ast.js';
import type { Frame, Run } from '../runtime.js';
import type { Value } from '../values.js';
import { type Bound, type Code, slotted, type Target, valuesOf } from './code.js';
import { LineCompiler } from './lines.js';
import type { Observer } from './observer.js';
import { inputKeys, memberAt } from './references.js';
import { unify } from './unification.js';

/** A clause, ready to run. */
export interface ClauseCode {
  readonly rule: Rule;
  /** Runs to each of its values; `args` are those of a function. */
  readonly run: (run: Run, args: readonly Value[], take: Frame['take']) => void;
}

/** One body of a clause, or of one `else`. */
interface Branch {
  readonly place: Span;
  /** Whether its first line holds, where that needs nothing but `input`: most clauses of most policies end there. */
  readonly opens: ((run: Run) => boolean) | undefined;
  readonly code: Code;
}

/** Make code of a clause. */
export function compileClause(rule: Rule, target: Target): ClauseCode {
  const compiler = new ClauseCompiler(rule, target);
  const { branches, held } = compiler.branches();
  const { observer } = target;
  const run =
    observer === undefined ? plainRun(branches, held, compiler) : observedRun(rule, branches, held, observer);
  return { rule, run };
}

function plainRun(
  branches: readonly Branch[],
  held: number,
  { slotCount }: ClauseCompiler,
): ClauseCode['run'] {
  const blank: readonly unknown[] = Array.from({ length: slotCount }, () => undefined);
  return (run, args, take) => {
    let frame: Frame | undefined;
    for (const { opens, code } of branches) {
      if (opens !== undefined && !opens(run)) continue;
      frame ??= { run, slots: slotsOf(args, blank), take };
      code(frame);
      if (frame.slots[held] === true) return;
    }
  };
}

/** Arguments are in the first slots. */
function slotsOf(args: readonly Value[], blank: readonly unknown[]): unknown[] {
  const slots = blank.slice();
  for (let index = 0; index < args.length; index += 1) slots[index] = args[index];
  return slots;
}

/** The same, of which an observer is told. */
function observedRun(
  rule: Rule,
  branches: readonly Branch[],
  held: number,
  observer: Observer,
): ClauseCode['run'] {
  return (run, args, take) => {
    let gave = false;
    const frame: Frame = {
      run,
      slots: [...args],
      take: (value, keys) => {
        gave = true;
        return take(value, keys);
      },
    };
    for (const { code, place } of branches) {
      gave = false;
      observer.enterClause(rule, place);
      try {
        code(frame);
      } finally {
        observer.leaveClause(gave);
      }
      if (frame.slots[held] === true) return;
    }
  };
}

class ClauseCompiler extends LineCompiler {
  readonly #rule: Rule;

  constructor(rule: Rule, target: Target) {
    super(target);
    this.#rule = rule;
  }

  /** Code of the body and of each `else`, and the slot that says that a body held, though the head may have no value. */
  branches(): { readonly branches: readonly Branch[]; readonly held: number } {
    const { args, body, value, keys, otherwise, place: rulePlace } = this.#rule;
    const given = args.map(() => this.fresh());
    const held = this.fresh();
    const branch = (place: Span, lines: Body, result: Term, names: readonly Term[]): Branch => {
      const opens = this.#opening(lines);
      const left = opens === undefined ? lines : lines.slice(1);
      const code = this.#enter(args, given, new Set(), (bound) =>
        this.body(left, bound, (known) => this.#finish(held, result, names, known)),
      );
      return { place, opens, code };
    };
    const others = otherwise.map((each) => branch(each.place, each.body, each.value, []));
    return { held, branches: [branch(rulePlace, body, value, keys), ...others] };
  }

  #opening([line]: Body): Branch['opens'] {
    if (line === undefined || this.target.observer !== undefined || this.#rule.args.length > 0)
      return undefined;
    const { what, place, negated, withs } = line;
    if (negated || withs.length > 0 || what.kind !== 'term' || what.term.kind !== 'reference')
      return undefined;
    const keys = inputKeys(what.term);
    if (keys === undefined) return undefined;
    return (run) => {
      run.tick(place);
      const value = memberAt(run.world.input, keys);
      return value !== undefined && value !== false;
    };
  }

  #enter(args: readonly Term[], given: readonly number[], bound: Bound, then: (bound: Bound) => Code): Code {
    const from = (index: number, known: Bound): Code => {
      const [pattern, slot] = [args[index], given[index]];
      if (pattern === undefined || slot === undefined) return then(known);
      return unify(this, pattern, slotted(slot), known, (after) => from(index + 1, after));
    };
    return from(0, bound);
  }

  /** Hand over the values of the head. One that does not depend on the body is the same for every solution: the first is enough. */
  #finish(held: number, value: Term, keys: readonly Term[], bound: Bound): Code {
    const isConstant = [...keys, value].every(({ kind }) => kind === 'scalar');
    return this.#heading(
      held,
      this.terms([value, ...keys], bound, ([get, ...keyGets]) => (frame) => {
        const result = get?.(frame);
        if (result === undefined) return false;
        const names = keyGets.length === 0 ? NONE : valuesOf(keyGets, frame);
        if (names === undefined) return false;
        frame.slots[held] = true;
        return frame.take(result, names) || isConstant;
      }),
    );
  }

  /** For regorus a body that holds is enough to leave `else` out; in the reference the head must have a value too. */
  #heading(held: number, code: Code): Code {
    if (!this.target.isRegorus) return code;
    return (frame) => {
      frame.slots[held] = true;
      return code(frame);
    };
  }
}

const NONE: readonly Value[] = [];
