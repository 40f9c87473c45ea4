import type { Body, Rule, Span, Term } from '../ast.js';
import type { DocumentNode } from '../documents.js';
import { RegoError } from '../errors.js';
import type { Frame, Run, RulesCode } from '../runtime.js';
import { equal, keyOf, memberOfPath, RegoObject, RegoSet, type Value } from '../values.js';
import { LineCompiler } from './lines.js';
import type { Observer } from './observer.js';
import type { Bound, Code, Target } from './terms.js';

/** A clause, ready to run. */
interface ClauseCode {
  readonly rule: Rule;
  /** Runs to each of its values; `args` are those of a function. */
  readonly run: (run: Run, args: readonly Value[], take: Frame['take']) => void;
}

/** Make code of all rules of a place. */
export function compileRules(node: DocumentNode, target: Target): RulesCode {
  const clauses = node.rules.filter(({ isDefault }) => !isDefault).map((rule) => compileClause(rule, target));
  const defaults = node.rules.filter(({ isDefault }) => isDefault).map((rule) => compileClause(rule, target));
  const isPartial = node.rules.some(({ kind }) => kind === 'set' || kind === 'object');
  const { observer } = target;
  const plain: RulesCode = {
    value: (run) =>
      isPartial
        ? partialValue(clauses, defaults, run, node)
        : either(agreed(clauses, run, [], node, target), () => fallback(defaults, run, [])),
    apply: (run, args) =>
      either(agreed(clauses, run, args, node, target), () => fallback(defaults, run, args)),
  };
  if (observer === undefined) return plain;
  const told = (run: Run, args: readonly Value[] | undefined): Value | undefined => {
    observer.enterRules(node, args);
    let value: Value | undefined;
    let isDefault = false;
    try {
      value = isPartial ? plain.value(run) : agreed(clauses, run, args ?? [], node, target);
      if (!isPartial && value === undefined) {
        value = fallback(defaults, run, args ?? []);
        isDefault = value !== undefined;
      }
    } finally {
      observer.leaveRules(node, value, isDefault);
    }
    return value;
  };
  return { value: (run) => told(run, undefined), apply: (run, args) => told(run, args) };
}

/** The first value, which may be null, else the other. */
function either(value: Value | undefined, other: () => Value | undefined): Value | undefined {
  return value === undefined ? other() : value;
}

function fallback(defaults: readonly ClauseCode[], run: Run, args: readonly Value[]): Value | undefined {
  let found: Value | undefined;
  defaults[0]?.run(run, args, (value) => {
    found = value;
    return true;
  });
  return found;
}

/** The one value of clauses of which several may hold. */
function agreed(
  clauses: readonly ClauseCode[],
  run: Run,
  args: readonly Value[],
  node: DocumentNode,
  { isRegorus }: Target,
): Value | undefined {
  let found: Value | undefined;
  let fault: RegoError | undefined;
  let current: Rule | undefined;
  const take = (value: Value): boolean => {
    if (found !== undefined && current !== undefined && found !== value && !equal(found, value))
      throw conflict(current, node);
    found = value;
    return false;
  };
  const overlooks = isRegorus && args.length > 0;
  for (const clause of clauses) {
    current = clause.rule;
    if (!overlooks) {
      clause.run(run, args, take);
      continue;
    }
    try {
      clause.run(run, args, take);
    } catch (error) {
      // regorus overlooks a clause of a function that fails where another one gives a value
      if (!(error instanceof RegoError) || error.code === 'ERR_REGO_LIMIT') throw error;
      fault ??= error;
    }
  }
  if (found === undefined && fault !== undefined) throw fault;
  return found;
}

function conflict(rule: Rule, node: DocumentNode): RegoError {
  const name = `data.${node.path.join('.')}`;
  const message =
    rule.kind === 'function'
      ? `function ${name} produced conflicting values for the same inputs`
      : `rule ${name} produced conflicting values`;
  return new RegoError('ERR_REGO_CONFLICT', message, { place: rule.place });
}

/** A member of an object or set that clauses build. */
interface Member {
  readonly keys: readonly Value[];
  readonly value: Value;
  readonly rule: Rule;
}

function partialValue(
  clauses: readonly ClauseCode[],
  defaults: readonly ClauseCode[],
  run: Run,
  node: DocumentNode,
): Value | undefined {
  const members: Member[] = [];
  const complete: Value[] = [];
  for (const { rule, run: runClause } of clauses) {
    runClause(run, [], (value, keys) => {
      if (rule.kind === 'value') complete.push(value);
      else members.push({ keys, value, rule });
      return false;
    });
  }
  const [whole] = complete;
  if (whole !== undefined) {
    const [first] = clauses;
    const differs = complete.some((each) => !equal(each, whole)) || members.length > 0;
    if (differs && first !== undefined) throw conflict(first.rule, node);
    return whole;
  }
  if (clauses.length > 0 && clauses.every(({ rule }) => rule.kind === 'set' && rule.keys.length === 1))
    return new RegoSet(members.map(({ keys }) => keys[0] ?? null));
  const built = nested(members, 0);
  for (const { rule, run: runClause } of defaults) {
    runClause(run, [], (value, keys) => {
      if (memberOfPath(built, keys) === undefined) members.push({ keys, value, rule });
      return true;
    });
  }
  return defaults.length === 0 ? built : nested(members, 0);
}

/** Members with several keys are objects within objects. */
function nested(members: readonly Member[], level: number): Value {
  const groups = new Map<string, { readonly key: Value; readonly members: Member[] }>();
  for (const member of members) {
    const key = member.keys[level] ?? null;
    const name = keyOf(key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { key, members: [member] });
    else group.members.push(member);
  }
  return new RegoObject(
    [...groups.values()].map(({ key, members: group }): [Value, Value] => [key, groupValue(group, level)]),
  );
}

function groupValue(group: readonly Member[], level: number): Value {
  const first = group.find(({ keys, rule }) => keys.length === level + 1 && rule.kind !== 'set');
  const sets = group.filter(({ keys, rule }) => keys.length === level + 2 && rule.kind === 'set');
  if (first === undefined) {
    if (sets.length === group.length) return new RegoSet(sets.map(({ keys }) => keys[level + 1] ?? null));
    if (sets.length > 0) throw twice(sets[0]);
    return nested(group, level + 1);
  }
  const other = group.find(({ keys, value }) => keys.length > level + 1 || !equal(value, first.value));
  if (other !== undefined) throw twice(other);
  return first.value;
}

function twice(member: Member | undefined): RegoError {
  return new RegoError('ERR_REGO_CONFLICT', 'object keys must be unique', { place: member?.rule.place });
}

function compileClause(rule: Rule, target: Target): ClauseCode {
  const compiler = new ClauseCompiler(rule, target);
  const { main, others, held } = compiler.code();
  const { observer } = target;
  if (observer !== undefined) return { rule, run: observedRun(rule, main, others, held, observer) };
  return {
    rule,
    run: (run, args, take) => {
      const frame: Frame = { run, slots: args.length === 0 ? [] : [...args], take };
      main(frame);
      for (const { code } of others) {
        if (frame.slots[held] === true) return;
        code(frame);
      }
    },
  };
}

/** The same, of which an observer is told. */
function observedRun(
  rule: Rule,
  main: Code,
  others: readonly { readonly code: Code; readonly place: Span }[],
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
    for (const { code, place } of [{ code: main, place: rule.place }, ...others]) {
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
  code(): {
    readonly main: Code;
    readonly others: readonly { readonly code: Code; readonly place: Span }[];
    readonly held: number;
  } {
    const { args, body, value, keys, otherwise } = this.#rule;
    const given = args.map(() => this.fresh());
    const held = this.fresh();
    const clause = (lines: Body, result: Term, names: readonly Term[]): Code => {
      return this.#enter(args, given, new Set(), (bound) =>
        this.body(lines, bound, (known) => this.#finish(held, result, names, known)),
      );
    };
    return {
      held,
      main: clause(body, value, keys),
      others: otherwise.map((each) => ({ code: clause(each.body, each.value, []), place: each.place })),
    };
  }

  #enter(args: readonly Term[], given: readonly number[], bound: Bound, then: (bound: Bound) => Code): Code {
    const from = (index: number, known: Bound): Code => {
      const [pattern, slot] = [args[index], given[index]];
      if (pattern === undefined || slot === undefined) return then(known);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the arguments of the call
      return this.unify(
        pattern,
        ({ slots }) => slots[slot] as Value,
        known,
        (after) => from(index + 1, after),
      );
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
        const names: Value[] = [];
        for (const each of keyGets) {
          const key = each(frame);
          if (key === undefined) return false;
          names.push(key);
        }
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
