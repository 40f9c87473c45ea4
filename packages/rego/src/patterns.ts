/**
 * Patterns: what stands left of `:=`, before `in`, and on either side of `=`.
 *
 * @module
 */
import type { Expression, Term } from './ast.js';
import { RegoError } from './errors.js';
import { partsOf, termsOf } from './parts.js';

/** A mistake of form. */
export function invalid(message: string, { place }: { readonly place: Term['place'] }): RegoError {
  return new RegoError('ERR_REGO_PARSE', message, { place });
}

/** Shapes that can never be equal, and assignments to something else than variables, are mistakes. */
export function checkPatterns({ what, place }: Expression): void {
  if (what.kind === 'assign' && !isPattern(what.left))
    throw invalid('what is assigned to is a variable, or an array or object of them', { place });
  if (
    what.kind === 'some-in' &&
    what.of.kind === 'array' &&
    what.of.items.length > 0 &&
    what.value.kind === 'array'
  )
    checkLengths(what.value.items.length, what.of.items, place);
  if (what.kind === 'unify') checkShapes(what.left, what.right, place);
}

/** Where no item of a list has as many items as the pattern, nothing will ever fit. */
function checkLengths(length: number, items: readonly Term[], place: Term['place']): void {
  if (items.every((item) => item.kind === 'array' && item.items.length !== length))
    throw invalid('no item has as many items as this', { place });
}

function isPattern(term: Term): boolean {
  if (term.kind === 'array') return term.items.every((each) => isPattern(each) || each.kind === 'scalar');
  if (term.kind === 'object')
    return term.members.every(([, value]) => isPattern(value) || value.kind === 'scalar');
  return term.kind === 'variable';
}

function checkShapes(left: Term, right: Term, place: Term['place']): void {
  if (left.kind === 'array' && right.kind === 'array') {
    if (left.items.length !== right.items.length)
      throw invalid('these arrays have different lengths', { place });
    for (const [index, item] of left.items.entries()) checkShapes(item, right.items[index] ?? item, place);
  }
  if (
    (left.kind === 'array' && right.kind === 'object') ||
    (left.kind === 'object' && right.kind === 'array')
  ) {
    throw invalid('an array is never an object', { place });
  }
  if (left.kind === 'object' && right.kind === 'object') {
    const keysOf = (term: typeof left): string =>
      term.members
        .map(([key]) => (key.kind === 'scalar' ? String(key.value) : '?'))
        .sort()
        .join();
    if (!keysOf(left).includes('?') && !keysOf(right).includes('?') && keysOf(left) !== keysOf(right))
      throw invalid('these objects have different keys', { place });
  }
}

/** The variables that a line declares for its body. */
export function declaredBy({ what }: Expression): readonly string[] {
  if (what.kind === 'some') return what.names;
  if (what.kind === 'assign') return namesIn(what.left);
  if (what.kind === 'some-in')
    return [...(what.key === undefined ? [] : namesIn(what.key)), ...namesIn(what.value)];
  return [];
}

/** Every name in a line, those of its bodies aside. */
export function namesUsed({ what, withs }: Expression): readonly string[] {
  const uses = what.kind === 'assign' ? [what.right] : what.kind === 'some-in' ? [what.of] : termsOf(what);
  return [...withs.map(({ value }) => value), ...uses].flatMap(allNames);
}

function allNames(term: Term): readonly string[] {
  return term.kind === 'variable' ? [term.name] : partsOf(term).flatMap(allNames);
}

/** The variables of a pattern. */
export function namesIn(term: Term): readonly string[] {
  if (term.kind === 'variable') return [term.name];
  if (term.kind === 'array') return term.items.flatMap(namesIn);
  if (term.kind === 'object') return term.members.flatMap(([, value]) => namesIn(value));
  return [];
}

/** The name that an author wrote, also for one that the parser made. */
export function shown(name: string): string {
  return name.split('$')[0] || '_';
}
