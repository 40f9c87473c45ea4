import type { Rule } from '../ast.js';
import { RegoError } from '../errors.js';
import type { Run } from '../runtime.js';
import { equal, keyOf, RegoObject, RegoSet, type Value } from '../values.js';
import type { ClauseCode } from './clauses.js';

/** A member of an object or set that clauses build. */
interface Member {
  readonly keys: readonly Value[];
  readonly value: Value;
  readonly rule: Rule;
}

/**
 * The object or set that clauses build.
 *
 * @param clauses - those that are not `default`
 * @param defaults - the others
 * @param run - the evaluation
 * @param conflict - the error of a rule that gives a whole value besides
 */
export function partialValue(
  clauses: readonly ClauseCode[],
  defaults: readonly ClauseCode[],
  run: Run,
  conflict: (rule: Rule) => RegoError,
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
    if (differs && first !== undefined) throw conflict(first.rule);
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

/** What a path of keys leads to in objects; in a set as its last step. */
function memberOfPath(value: Value, keys: readonly Value[]): Value | undefined {
  let found: Value | undefined = value;
  for (const key of keys) {
    if (found instanceof RegoSet) return found.has(key) ? key : undefined;
    found = found instanceof RegoObject ? found.get(key) : undefined;
  }
  return found;
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
