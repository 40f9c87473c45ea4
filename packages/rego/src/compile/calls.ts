import type { Span, Term } from '../ast.js';
import { isMember } from '../builtins/collections.js';
import { COMPARISONS } from '../builtins/numbers.js';
import { REGORUS_COMPARISONS } from '../builtins/regorus.js';
import { findNode } from '../documents.js';
import { RegoError } from '../errors.js';
import type { Frame } from '../runtime.js';
import { literalText, RegoSet, type Value } from '../values.js';
import {
  type Bound,
  type Code,
  type Compiler,
  type Get,
  slotted,
  type Target,
  type Then,
  valuesOf,
} from './code.js';

type Call = Term & { readonly kind: 'call' };

/** The arguments of a call; `undefined` when one has no value. */
type Arguments = (frame: Frame) => readonly Value[] | undefined;

/** The value of a call whose arguments have one value at most. */
export function simpleCall(compiler: Compiler, term: Call, bound: Bound): Get | undefined {
  const gets = compiler.allSimple(term.args, bound);
  if (gets === undefined) return undefined;
  return called(compiler.target, term, gets, term.args);
}

/** Code of a call whose arguments look for values, or that has several values itself. */
export function call(compiler: Compiler, term: Call, args: readonly Term[], bound: Bound, then: Then): Code {
  const name = term.path.join('.');
  const { place } = term;
  const several = compiler.target.builtins.get(name)?.each;
  return compiler.terms(args, bound, (gets, known) => {
    const slot = compiler.fresh();
    const next = then(slotted(slot), known);
    const once = called(compiler.target, term, gets, args);
    const first: Code = (frame) => {
      const value = once(frame);
      if (value === undefined) return false;
      frame.slots[slot] = value;
      return next(frame);
    };
    if (several === undefined) return first;
    return (frame) => {
      if (frame.run.world.functions.has(name)) return first(frame);
      const values = valuesOf(gets, frame);
      if (values === undefined) return false;
      const take = (value: Value): boolean => {
        frame.run.tick(place);
        frame.slots[slot] = value;
        return next(frame);
      };
      return several(values, take, frame.run.context);
    };
  });
}

/** The value of a call, or of what `with` puts in place of its function. */
function called(target: Target, { path, place }: Call, gets: readonly Get[], terms: readonly Term[]): Get {
  const name = path.join('.');
  const args = argumentsOf(gets, terms);
  const plain = calleeOf(target, path, gets, args, place);
  return (frame) => {
    const { functions } = frame.run.world;
    if (functions.size === 0) return plain(frame);
    const replacement = functions.get(name);
    if (replacement === undefined) return plain(frame);
    const values = args(frame);
    if (values === undefined) return undefined;
    if ('value' in replacement) return replacement.value;
    const { run } = frame;
    const outer = run.world;
    run.world = { ...outer, functions: new Map() };
    try {
      return callByPath(target, frame, replacement.path, values, place);
    } finally {
      run.world = outer;
    }
  };
}

function argumentsOf(gets: readonly Get[], terms: readonly Term[]): Arguments {
  const constants = terms.flatMap((term) => (term.kind === 'scalar' ? [term.value] : []));
  if (constants.length === gets.length) {
    const fixed = Object.freeze(constants);
    return () => fixed;
  }
  const [first, second] = gets;
  if (first === undefined || gets.length > 2) return (frame) => valuesOf(gets, frame);
  if (second === undefined) {
    return (frame) => {
      const value = first(frame);
      return value === undefined ? undefined : [value];
    };
  }
  return (frame) => {
    const a = first(frame);
    if (a === undefined) return undefined;
    const b = second(frame);
    return b === undefined ? undefined : [a, b];
  };
}

function calleeOf(
  target: Target,
  path: readonly string[],
  gets: readonly Get[],
  args: Arguments,
  place: Span,
): Get {
  const name = path.join('.');
  if (path[0] === 'data') {
    const node = findNode(target.root, path.slice(1));
    const rule = node?.rules.find(({ kind }) => kind === 'function');
    if (node === undefined || rule === undefined) return unknown(name, place);
    if (rule.args.length !== gets.length) return wrongArity(name, rule.args.length, gets.length, place);
    return (frame) => {
      const values = args(frame);
      return values === undefined ? undefined : frame.run.apply(node, values, place);
    };
  }
  if (name === 'print') return printing(gets, place, target.isRegorus);
  const builtin = target.builtins.get(name);
  if (builtin === undefined) return unknown(name, place);
  if (builtin.arity >= 0 && builtin.arity !== gets.length)
    return wrongArity(name, builtin.arity, gets.length, place);
  const [first, second] = gets;
  const comparisons = target.isRegorus ? REGORUS_COMPARISONS : COMPARISONS;
  const test = name === 'internal.member_2' ? isMember : comparisons[name];
  if (test !== undefined && first !== undefined && second !== undefined) {
    return (frame) => {
      const a = first(frame);
      if (a === undefined) return undefined;
      const b = second(frame);
      return b === undefined ? undefined : test(a, b);
    };
  }
  return (frame) => {
    const values = args(frame);
    return values === undefined ? undefined : frame.run.call(builtin, name, values, place);
  };
}

function callByPath(
  target: Target,
  frame: Frame,
  path: readonly string[],
  args: readonly Value[],
  place: Span,
): Value | undefined {
  if (path[0] === 'data') {
    const node = findNode(target.root, path.slice(1));
    return node === undefined ? undefined : frame.run.apply(node, args, place);
  }
  const name = path.join('.');
  const builtin = target.builtins.get(name);
  return builtin === undefined ? undefined : frame.run.call(builtin, name, args, place);
}

function printing(gets: readonly Get[], place: Span, isRegorus: boolean): Get {
  return (frame) => {
    const { print } = frame.run.options;
    if (print === undefined) return true;
    const words = gets.map((get) => {
      const value = get(frame);
      if (value === undefined) return '<undefined>';
      if (isRegorus && value instanceof RegoSet && value.size === 0) return '{}';
      return typeof value === 'string' ? value : literalText(value);
    });
    print(words.join(' '), place);
    return true;
  };
}

function unknown(name: string, place: Span): Get {
  return () => {
    throw new RegoError('ERR_REGO_REFERENCE', `there is no function ${name}`, { place });
  };
}

function wrongArity(name: string, arity: number, given: number, place: Span): Get {
  return () => {
    throw new RegoError('ERR_REGO_REFERENCE', `${name} takes ${arity} arguments, not ${given}`, { place });
  };
}
