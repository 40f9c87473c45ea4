import type { Expression, Statement, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import type { Frame } from '../runtime.js';
import type { Value } from '../values.js';
import type { Bound, Compiler, Get } from './code.js';
import type { Seen } from './observer.js';

/** What an observer may look at when a line fails: its variables, references and calls. */
export function looksOf(
  compiler: Compiler,
  line: Expression,
  bound: Bound,
): (frame: Frame) => readonly Seen[] {
  const parts: { readonly place: Term['place']; readonly get: Get }[] = [];
  const add = (term: Term): void => {
    if (parts.length >= MAX_SEEN || term.place.file === '') return;
    const isShown =
      term.kind === 'variable'
        ? !term.name.startsWith('_')
        : term.kind === 'reference' || term.kind === 'call';
    const get = isShown ? compiler.simple(term, bound) : undefined;
    if (get !== undefined) parts.push({ place: term.place, get });
    for (const inner of partsOf(term)) add(inner);
  };
  for (const term of termsOf(line.what)) add(term);
  return (frame) => parts.map(({ place, get }) => ({ place, value: quietly(get, frame) }));
}

function quietly(get: Get, frame: Frame): Value | undefined {
  try {
    return get(frame);
  } catch (error) {
    if (error instanceof RegoError && error.code !== 'ERR_REGO_LIMIT') return undefined;
    throw error;
  }
}

function termsOf(what: Statement): readonly Term[] {
  switch (what.kind) {
    case 'term':
      return [what.term];
    case 'unify':
    case 'assign':
      return [what.left, what.right];
    case 'some-in':
    case 'every':
      return [what.of];
    case 'some':
    case 'logic':
    case 'body':
      return [];
  }
}

function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'call':
      return term.args;
    case 'array':
    case 'set':
      return term.items;
    case 'object':
      return term.members.flat();
    case 'reference':
      return [
        ...(term.head.kind === 'call' ? [term.head] : []),
        ...term.path.filter(({ kind }) => kind !== 'scalar'),
      ];
    case 'scalar':
    case 'variable':
    case 'comprehension':
    case 'template':
      return [];
  }
}

const MAX_SEEN = 40;
