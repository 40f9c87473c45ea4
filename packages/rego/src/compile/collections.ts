import type { Span, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import { headsOf } from '../parts.js';
import type { Frame } from '../runtime.js';
import { compare, equal, NamedMembers, RegoObject, RegoSet, type Value } from '../values.js';
import { type Bound, type Compiler, type Get, valuesOf } from './code.js';

/** An array or set that is written out. */
export function collection(of: 'array' | 'set', gets: readonly Get[]): Get {
  return (frame) => {
    const values = valuesOf(gets, frame);
    return values === undefined || of === 'array' ? values : new RegoSet(values);
  };
}

/** An object that is written out: of a key that is there twice the last counts, but not for regorus. */
export function objectOf(gets: readonly Get[], { members, place }: ObjectTerm, isRegorus: boolean): Get {
  const named = namedObject(gets, members);
  if (named !== undefined) return named;
  return (frame) => {
    const values = valuesOf(gets, frame);
    if (values === undefined) return undefined;
    return isRegorus ? withoutConflict(values, place) : new RegoObject(pairs(values));
  };
}

type ObjectTerm = Term & { readonly kind: 'object' };

/** An object whose keys are text that is written out, and differ. */
function namedObject(gets: readonly Get[], members: ObjectTerm['members']): Get | undefined {
  const written = members.flatMap(([{ kind, ...key }]) =>
    kind === 'scalar' && 'value' in key && typeof key.value === 'string' ? [key.value] : [],
  );
  const names = [...new Set(written)].sort(compare);
  if (names.length < members.length) return undefined;
  const places = written.map((name) => names.indexOf(name));
  const valueGets = gets.filter((_get, index) => index % 2 === 1);
  return (frame) => {
    const values: Value[] = places.map(() => null);
    for (let index = 0; index < valueGets.length; index += 1) {
      const value = valueGets[index]?.(frame);
      if (value === undefined) return undefined;
      values[places[index] ?? 0] = value;
    }
    return new RegoObject(new NamedMembers(names, values));
  };
}

/** All that a comprehension finds. */
export function comprehension(compiler: Compiler, term: Term & { kind: 'comprehension' }, bound: Bound): Get {
  const slot = compiler.fresh();
  const { place, of } = term;
  const code = compiler.body(term.body, bound, (known) => {
    return compiler.terms(headsOf(term), known, ([first, second]) => (frame) => {
      const key = first?.(frame);
      const item = second?.(frame);
      if (key === undefined) return false;
      frame.run.tick(place);
      const found = listIn(frame, slot);
      if (of !== 'object') found.push(key);
      else if (item !== undefined) found.push(key, item);
      return false;
    });
  });
  return (frame) => {
    const before = frame.slots[slot];
    const found: Value[] = [];
    frame.slots[slot] = found;
    code(frame);
    frame.slots[slot] = before;
    if (of === 'array') return found;
    return of === 'set' ? new RegoSet(found) : withoutConflict(found, place);
  };
}

/** Keys and values in turn, as an object: one key has one value. */
function withoutConflict(flat: readonly Value[], place: Span): RegoObject {
  const members = pairs(flat);
  const made = new RegoObject(members);
  if (made.size < members.length && members.some(([key, value]) => !equal(made.get(key) ?? null, value)))
    throw new RegoError('ERR_REGO_CONFLICT', 'object keys must be unique', { place });
  return made;
}

function pairs(flat: readonly Value[]): readonly (readonly [Value, Value])[] {
  const members: [Value, Value][] = [];
  for (let index = 0; index < flat.length; index += 2)
    members.push([flat[index] ?? null, flat[index + 1] ?? null]);
  return members;
}

function listIn({ slots }: Frame, slot: number): Value[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the comprehension
  return slots[slot] as Value[];
}
