import type { Term } from '../ast.js';
import { equal, isArray, memberOf, RegoObject } from '../values.js';
import { type Bound, type Code, type Compiler, type Get, isOpen, oneStep, slotted } from './code.js';

/** Code that makes a pattern equal to a value, giving its variables theirs. */
export function unify(
  compiler: Compiler,
  pattern: Term,
  get: Get,
  bound: Bound,
  then: (bound: Bound) => Code,
): Code {
  if (pattern.kind === 'variable' && isOpen(pattern, bound)) {
    const slot = compiler.slot(pattern.name);
    const next = then(new Set([...bound, pattern.name]));
    return (frame) => {
      const value = get(frame);
      if (value === undefined) return false;
      frame.slots[slot] = value;
      return next(frame);
    };
  }
  const known = compiler.simple(pattern, bound);
  if (known !== undefined) {
    const next = then(bound);
    return (frame) => {
      const a = get(frame);
      const b = known(frame);
      return a !== undefined && b !== undefined && equal(a, b) && next(frame);
    };
  }
  if (pattern.kind === 'array') return unifyArray(compiler, pattern.items, get, bound, then);
  if (pattern.kind === 'object') return unifyObject(compiler, pattern.members, get, bound, then);
  return compiler.term(pattern, bound, (other, after) => {
    const next = then(after);
    return (frame) => {
      const a = get(frame);
      const b = other(frame);
      return a !== undefined && b !== undefined && equal(a, b) && next(frame);
    };
  });
}

/** Code that makes two terms equal; of two arrays each pair, so that both sides may have variables. */
export function unifyTerms(
  compiler: Compiler,
  left: Term,
  right: Term,
  bound: Bound,
  then: (bound: Bound) => Code,
): Code {
  const isKnown = (term: Term): boolean => !isOpen(term, bound);
  if (left.kind === 'array' && right.kind === 'array' && !isKnown(left) && !isKnown(right)) {
    if (left.items.length !== right.items.length) return () => false;
    const pairs = left.items.map((item, index) => [item, right.items[index] ?? item] as const);
    return unifyPairs(compiler, pairs, bound, then);
  }
  if (left.kind === 'object' && right.kind === 'object' && !isKnown(left) && !isKnown(right)) {
    const pairs = left.members.flatMap(([key, value]) => {
      const other = right.members.find(([name]) => isSameScalar(key, name));
      return other === undefined ? [] : [[value, other[1]] as const];
    });
    if (pairs.length === left.members.length && pairs.length === right.members.length)
      return unifyPairs(compiler, pairs, bound, then);
  }
  const [pattern, known] = isKnown(right) ? [left, right] : [right, left];
  return compiler.term(known, bound, (get, after) => unify(compiler, pattern, get, after, then));
}

/** Pairs in an order in which one side of each is known. */
function unifyPairs(
  compiler: Compiler,
  pairs: readonly (readonly [Term, Term])[],
  bound: Bound,
  then: (bound: Bound) => Code,
): Code {
  if (pairs.length === 0) return then(bound);
  const ready = pairs.findIndex(([a, b]) => !isOpen(a, bound) || !isOpen(b, bound));
  const index = Math.max(0, ready);
  const [left, right] = pairs[index] ?? [];
  if (left === undefined || right === undefined) return then(bound);
  const rest = pairs.filter((_pair, at) => at !== index);
  return unifyTerms(compiler, left, right, bound, (known) => unifyPairs(compiler, rest, known, then));
}

function unifyArray(
  compiler: Compiler,
  items: readonly Term[],
  get: Get,
  bound: Bound,
  then: (bound: Bound) => Code,
): Code {
  const slot = compiler.fresh();
  const whole = slotted(slot);
  const from = (index: number, known: Bound): Code => {
    const item = items[index];
    if (item === undefined) return then(known);
    const member: Get = (frame) => memberOf(whole(frame) ?? null, index);
    return unify(compiler, item, member, known, (after) => from(index + 1, after));
  };
  const next = from(0, bound);
  return (frame) => {
    const value = get(frame);
    if (value === undefined || !isArray(value) || value.length !== items.length) return false;
    frame.slots[slot] = value;
    return next(frame);
  };
}

function unifyObject(
  compiler: Compiler,
  members: readonly (readonly [Term, Term])[],
  get: Get,
  bound: Bound,
  then: (bound: Bound) => Code,
): Code {
  const slot = compiler.fresh();
  const from = (index: number, known: Bound): Code => {
    const [key, value] = members[index] ?? [];
    if (key === undefined || value === undefined) return then(known);
    return compiler.term(key, known, (keyGet, after) =>
      unify(compiler, value, oneStep(slotted(slot), keyGet), after, (later) => from(index + 1, later)),
    );
  };
  const next = from(0, bound);
  return (frame) => {
    const value = get(frame);
    if (!(value instanceof RegoObject) || value.size !== members.length) return false;
    frame.slots[slot] = value;
    return next(frame);
  };
}

function isSameScalar(a: Term, b: Term): boolean {
  return a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value;
}
