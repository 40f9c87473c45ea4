import type { Rule } from '../ast.js';
import type { DocumentNode } from '../documents.js';
import { RegoError } from '../errors.js';
import type { Run, RulesCode } from '../runtime.js';
import { equal, type Value } from '../values.js';
import { type ClauseCode, compileClause } from './clauses.js';
import type { Target } from './code.js';
import { partialValue } from './partial.js';

/** Make code of all rules of a place. */
export function compileRules(node: DocumentNode, target: Target): RulesCode {
  const clauses = node.rules.filter(({ isDefault }) => !isDefault).map((rule) => compileClause(rule, target));
  const defaults = node.rules.filter(({ isDefault }) => isDefault).map((rule) => compileClause(rule, target));
  const isPartial = node.rules.some(({ kind }) => kind === 'set' || kind === 'object');
  const { observer } = target;
  const partial = (run: Run): Value | undefined =>
    partialValue(clauses, defaults, run, (rule) => conflict(rule, node));
  const main = (run: Run, args: readonly Value[]): Value | undefined =>
    agreed(clauses, run, args, node, target);
  const fallback = fallbackOf(defaults, observer !== undefined);
  if (observer === undefined) {
    const apply = (run: Run, args: readonly Value[]): Value | undefined => {
      const value = main(run, args);
      return value === undefined ? fallback(run, args) : value;
    };
    return { value: isPartial ? partial : (run) => apply(run, []), apply };
  }
  const told = (run: Run, args: readonly Value[] | undefined): Value | undefined => {
    observer.enterRules(node, args);
    let value: Value | undefined;
    let isDefault = false;
    try {
      value = isPartial ? partial(run) : main(run, args ?? []);
      if (!isPartial && value === undefined) {
        value = fallback(run, args ?? []);
        isDefault = value !== undefined;
      }
    } finally {
      observer.leaveRules(node, value, isDefault);
    }
    return value;
  };
  return { value: (run) => told(run, undefined), apply: (run, args) => told(run, args) };
}

/** What `default` gives. */
function fallbackOf(
  [first]: readonly ClauseCode[],
  isObserved: boolean,
): (run: Run, args: readonly Value[]) => Value | undefined {
  if (first === undefined) return () => undefined;
  const { value, args: parameters, body } = first.rule;
  if (value.kind === 'scalar' && parameters.length === 0 && body.length === 0 && !isObserved)
    return () => value.value;
  return (run, args) => {
    let found: Value | undefined;
    first.run(run, args, (each) => {
      found = each;
      return true;
    });
    return found;
  };
}

/** The one value of clauses of which several may hold. */
function agreed(
  clauses: readonly ClauseCode[],
  run: Run,
  args: readonly Value[],
  node: DocumentNode,
  { isRegorus }: Target,
): Value | undefined {
  if (clauses.length === 0) return undefined;
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
