import type { Span, Term } from '../ast.js';
import type { DocumentNode } from '../documents.js';
import { Cursor, membersBelow, rootOf, step as stepInto, whole } from '../data.js';
import type { Frame } from '../runtime.js';
import { keyOf, memberOf, RegoObject, someMember, type Value } from '../values.js';
import {
  type Bound,
  type Code,
  type Compiler,
  type Get,
  isOpen,
  oneStep,
  slotted,
  type Then,
} from './code.js';
import { unify } from './unification.js';

type Reference = Term & { readonly kind: 'reference' };

/** A place or value that a step leads to. */
type Reach = (frame: Frame) => Value | Cursor | undefined;

/** The value of a reference whose keys are all known. */
export function simpleReference(compiler: Compiler, term: Reference, bound: Bound): Get | undefined {
  const { head, path } = term;
  const keys = inputKeys(term);
  if (keys !== undefined) return ({ run }) => memberAt(run.world.input, keys);
  const steps = compiler.allSimple(path, bound);
  if (steps === undefined) return undefined;
  if (head.kind === 'variable' && head.name === 'data') return dataReference(compiler, path, steps);
  const base = compiler.simple(head, bound);
  if (base === undefined) return undefined;
  return path.reduce((from, term, index) => {
    const step = steps[index];
    if (term.kind === 'scalar' && typeof term.value === 'string') return namedStep(from, term.value);
    return step === undefined ? from : oneStep(from, step);
  }, base);
}

/** The member of a value at a key that is text. */
function namedStep(base: Get, name: string): Get {
  return (frame) => {
    const value = base(frame);
    if (value instanceof RegoObject) return value.get(name);
    return value === undefined ? undefined : memberOf(value, name);
  };
}

/** The keys of a reference into `input` that are all written out. */
export function inputKeys({ head, path }: Reference): readonly Value[] | undefined {
  if (head.kind !== 'variable' || head.name !== 'input') return undefined;
  const keys = path.flatMap((step) => (step.kind === 'scalar' ? [step.value] : []));
  return keys.length === path.length ? keys : undefined;
}

/** What keys lead to. */
export function memberAt(from: Value | undefined, keys: readonly Value[]): Value | undefined {
  let value = from;
  for (const key of keys) {
    if (value === undefined) return undefined;
    value = memberOf(value, key);
  }
  return value;
}

/** Code of a reference that looks for keys. */
export function reference(compiler: Compiler, term: Reference, bound: Bound, then: Then): Code {
  const { head, path, place } = term;
  if (head.kind === 'variable' && head.name === 'data')
    return follow(compiler, ({ run }) => rootOf(run), { path, place }, 0, bound, then);
  return compiler.term(head, bound, (get, known) => follow(compiler, get, { path, place }, 0, known, then));
}

/** A document whose path is known: the rules there or what is given, unless both or something in their place may be. */
function dataReference({ target }: Compiler, path: readonly Term[], steps: readonly Get[]): Get {
  const slow = (frame: Frame): Value | undefined => {
    const { run } = frame;
    let value: Value | Cursor | undefined = rootOf(run);
    for (const step of steps) {
      const key = step(frame);
      if (key === undefined) return undefined;
      value = stepInto(run, value, key);
      if (value === undefined) return undefined;
    }
    return whole(run, value);
  };
  let node: DocumentNode | undefined = target.root;
  for (const [index, term] of path.entries()) {
    if (term.kind !== 'scalar' || typeof term.value !== 'string') return slow;
    node = node.children.get(term.value);
    if (node === undefined) {
      const given = givenReference(steps);
      return (frame) => (frame.run.world.isPlain ? given(frame) : slow(frame));
    }
    if (node.rules.length === 0) continue;
    if (node.children.size > 0 || node.rules.some(({ kind }) => kind === 'function')) return slow;
    const found = node;
    const rest = steps.slice(index + 1);
    return (frame) => {
      if (!frame.run.world.isPlain) return slow(frame);
      let value = frame.run.rules(found);
      for (const step of rest) {
        const key = value === undefined ? undefined : step(frame);
        if (key === undefined || value === undefined) return undefined;
        value = memberOf(value, key);
      }
      return value;
    };
  }
  return slow;
}

/** A document that is given, where no rules are. */
function givenReference(steps: readonly Get[]): Get {
  return (frame) => {
    let value: Value | undefined = frame.run.world.data;
    let isDocument = true;
    for (const step of steps) {
      const key = step(frame);
      if (key === undefined || value === undefined) return undefined;
      isDocument &&= value instanceof RegoObject;
      const member: Value | undefined = memberOf(value, key);
      // the names of documents are text
      value =
        member === undefined && isDocument
          ? memberOf(value, typeof key === 'string' ? key : keyOf(key))
          : member;
    }
    return value;
  };
}

/** The steps of a reference, and where it is written. */
interface Steps {
  readonly path: readonly Term[];
  readonly place: Span;
}

/** Follow a path into a value, or below `data`, where rules and given documents lie over one another. */
function follow(compiler: Compiler, get: Reach, steps: Steps, index: number, bound: Bound, then: Then): Code {
  const step = steps.path[index];
  const member = compiler.fresh();
  if (step === undefined) {
    const next = then(slotted(member), bound);
    return (frame) => {
      const value = get(frame);
      const all = value === undefined ? undefined : whole(frame.run, value);
      if (all === undefined) return false;
      frame.slots[member] = all;
      return next(frame);
    };
  }
  const below = (known: Bound): Code => follow(compiler, reached(member), steps, index + 1, known, then);
  if (!isOpen(step, bound)) {
    return compiler.term(step, bound, (key, known) => {
      const next = below(known);
      return (frame) => {
        const [value, name] = [get(frame), key(frame)];
        const found =
          value === undefined || name === undefined ? undefined : stepInto(frame.run, value, name);
        if (found === undefined) return false;
        frame.slots[member] = found;
        return next(frame);
      };
    });
  }
  const keySlot = compiler.fresh();
  const next = unify(compiler, step, slotted(keySlot), bound, below);
  return (frame) => {
    const from = get(frame);
    if (from === undefined) return false;
    const take = (key: Value, item: Value | Cursor): boolean => {
      frame.run.tick(steps.place);
      frame.slots[keySlot] = key;
      frame.slots[member] = item;
      return next(frame);
    };
    return from instanceof Cursor
      ? membersBelow(frame.run, from).some(([key, item]) => take(key, item))
      : someMember(from, take);
  };
}

function reached(slot: number): Reach {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the step before
  return ({ slots }) => slots[slot] as Value | Cursor | undefined;
}
