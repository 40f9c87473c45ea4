import type { Body, Expression, Term } from './ast.js';

/** Every term in a body and in terms beside it, those within others included. */
export function partsOfBody(body: Body, beside: readonly Term[] = []): readonly Term[] {
  const found: Term[] = [];
  const addTerm = (term: Term): void => {
    found.push(term);
    switch (term.kind) {
      case 'reference':
        for (const each of [term.head, ...term.path]) addTerm(each);
        return;
      case 'array':
      case 'set':
        term.items.forEach(addTerm);
        return;
      case 'object':
        term.members.flat().forEach(addTerm);
        return;
      case 'call':
        term.args.forEach(addTerm);
        return;
      case 'comprehension':
        for (const each of term.of === 'object' ? [term.key, term.item] : [term.item]) addTerm(each);
        term.body.forEach(addLine);
        return;
      case 'template':
        for (const part of term.parts) if (typeof part !== 'string') addLine(part);
        return;
      case 'scalar':
      case 'variable':
    }
  };
  const addLine = ({ what, withs }: Expression): void => {
    for (const { value } of withs) addTerm(value);
    switch (what.kind) {
      case 'term':
        addTerm(what.term);
        return;
      case 'unify':
      case 'assign':
        addTerm(what.left);
        addTerm(what.right);
        return;
      case 'some-in':
        for (const each of [what.key, what.value, what.of]) if (each !== undefined) addTerm(each);
        return;
      case 'every':
        addTerm(what.of);
        what.body.forEach(addLine);
        return;
      case 'logic':
        [...what.left, ...what.right].forEach(addLine);
        return;
      case 'body':
        what.body.forEach(addLine);
        return;
      case 'some':
    }
  };
  beside.forEach(addTerm);
  body.forEach(addLine);
  return found;
}
