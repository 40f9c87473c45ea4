import type { Expression, Term } from '../ast.js';
import { RegoError } from '../errors.js';
import { partsOf, termsOf } from '../parts.js';
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
        ? !term.name.startsWith('$')
        : term.kind === 'reference' || term.kind === 'call';
    const get = isShown ? compiler.simple(term, bound) : undefined;
    if (get !== undefined) parts.push({ place: term.place, get });
    for (const inner of partsSeen(term)) add(inner);
  };
  for (const term of line.what.kind === 'some-in' ? [line.what.of] : termsOf(line.what)) add(term);
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

function partsSeen(term: Term): readonly Term[] {
  if (term.kind !== 'reference') return partsOf(term);
  const { head, path } = term;
  return [...(head.kind === 'call' ? [head] : []), ...path.filter(({ kind }) => kind !== 'scalar')];
}

const MAX_SEEN = 40;
