/**
 * What a term or a line is made of.
 *
 * @module
 */
import type { Body, Expression, Statement, Term } from './ast.js';

/** The terms that a term is made of, those of bodies in it aside. */
export function partsOf(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'reference':
      return [term.head, ...term.path];
    case 'array':
    case 'set':
      return term.items;
    case 'object':
      return term.members.flat();
    case 'call':
      return term.args;
    case 'scalar':
    case 'variable':
    case 'comprehension':
    case 'template':
      return [];
  }
}

/** The same term, made of others. */
export function mapParts(term: Term, change: (part: Term) => Term): Term {
  switch (term.kind) {
    case 'reference':
      return { ...term, head: change(term.head), path: term.path.map(change) };
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(change) };
    case 'object':
      return { ...term, members: term.members.map(([key, value]) => [change(key), change(value)] as const) };
    case 'call':
      return { ...term, args: term.args.map(change) };
    case 'scalar':
    case 'variable':
    case 'comprehension':
    case 'template':
      return term;
  }
}

/** The terms of a line, those of bodies in it aside. */
export function termsOf(what: Statement): readonly Term[] {
  switch (what.kind) {
    case 'term':
      return [what.term];
    case 'unify':
    case 'assign':
      return [what.left, what.right];
    case 'some-in':
      return [...(what.key === undefined ? [] : [what.key]), what.value, what.of];
    case 'every':
      return [what.of];
    case 'some':
    case 'logic':
    case 'body':
      return [];
  }
}

/** The bodies in a line. */
export function bodiesOf(what: Statement): readonly Body[] {
  if (what.kind === 'every' || what.kind === 'body') return [what.body];
  return what.kind === 'logic' ? [what.left, what.right] : [];
}

/** What a comprehension collects. */
export function headsOf(term: Term & { kind: 'comprehension' }): readonly Term[] {
  return term.of === 'object' ? [term.key, term.item] : [term.item];
}

/** Every term in a body and in terms beside it, those within others included. */
export function partsOfBody(body: Body, beside: readonly Term[] = []): readonly Term[] {
  const found: Term[] = [];
  const addTerm = (term: Term): void => {
    found.push(term);
    partsOf(term).forEach(addTerm);
    if (term.kind === 'comprehension') {
      headsOf(term).forEach(addTerm);
      term.body.forEach(addLine);
    }
    if (term.kind === 'template') for (const part of term.parts) if (typeof part !== 'string') addLine(part);
  };
  const addLine = ({ what, withs }: Expression): void => {
    for (const { value } of withs) addTerm(value);
    termsOf(what).forEach(addTerm);
    bodiesOf(what).flat().forEach(addLine);
  };
  beside.forEach(addTerm);
  body.forEach(addLine);
  return found;
}
