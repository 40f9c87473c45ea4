import type { Body, Expression, Span, Term } from '../ast.js';
import { keyOf } from '../values.js';
import { LineWriter } from './lines.js';

/** Writes terms. */
export abstract class TermWriter extends LineWriter {
  /** One line of a body. */
  protected abstract expression(expression: Expression): void;
  /** Whether a name is a keyword of this module besides those of all. */
  protected abstract isKeyword(name: string): boolean;
  /** Lines of a body, each with its comments; blank lines stay. */
  protected abstract lines(body: Body, end: number): void;

  /** A term. */
  protected term(term: Term, isOperand = false): void {
    switch (term.kind) {
      case 'scalar':
        this.write(withoutParentheses(this.slice(term.place)));
        return;
      case 'variable':
        this.write(nameOf(term.name));
        return;
      case 'reference':
        this.#reference(term);
        return;
      case 'template':
        this.#template(term);
        return;
      case 'array':
        this.#iterable(term.items, '[', ']', term.place, (item) => this.term(item, isUnion(item)));
        return;
      case 'set':
        if (term.items.length === 0) this.write('set()');
        else
          this.#iterable(this.#distinct(term.items), '{', '}', term.place, (item) =>
            this.term(item, isUnion(item)),
          );
        return;
      case 'object':
        this.#iterable(
          term.members.map((member) => ({ member, place: member[0].place })),
          '{',
          '}',
          term.place,
          ({ member: [key, value] }) => {
            this.term(key, isUnion(key));
            this.write(': ');
            this.term(value, isUnion(value));
          },
        );
        return;
      case 'comprehension':
        this.#comprehension(term);
        return;
      case 'call':
        this.call(term, isOperand);
    }
  }

  /** Text as it is written, with its expressions in the form of all others; values that are known become text. */
  #template({ parts, place }: Term & { kind: 'template' }): void {
    let from = place.from;
    for (const part of parts) {
      if (typeof part === 'string') continue;
      const open = this.source.lastIndexOf('{', part.place.from - 1);
      const close = this.source.indexOf('}', part.place.to);
      const isPlain = [
        this.source.slice(open + 1, part.place.from),
        this.source.slice(part.place.to, close),
      ].every((each) => each.trim() === '');
      const { what } = part;
      if (!isPlain || open < from || close < 0) continue;
      this.write(this.source.slice(from, open));
      const known =
        what.kind === 'term' && what.term.kind === 'scalar' && part.withs.length === 0
          ? what.term
          : undefined;
      if (known !== undefined) this.write(this.slice(known.place).replaceAll(/^["`]|["`]$/g, ''));
      else {
        this.write('{');
        this.indented(() => this.expression(part));
        this.write('}');
      }
      from = close + 1;
    }
    this.write(this.source.slice(from, place.to));
  }

  /** A set holds each value once. */
  #distinct(items: readonly Term[]): readonly Term[] {
    const seen = new Set<string>();
    return items.filter((item) => {
      if (item.kind === 'variable' && item.name.startsWith('$')) return true;
      const text = item.kind === 'scalar' ? keyOf(item.value) : this.slice(item.place);
      return seen.size < seen.add(text).size;
    });
  }

  #reference({ head, path }: Term & { kind: 'reference' }): void {
    this.term(head, head.kind === 'call' && head.operator !== undefined);
    for (const step of path) this.step(step);
  }

  /** A step into a document: a name in dots where it can be. */
  protected step(step: Term): void {
    if (
      step.kind === 'scalar' &&
      typeof step.value === 'string' &&
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.value) &&
      !(
        (KEYWORDS.has(step.value) || this.isKeyword(step.value)) &&
        this.source.charAt(step.place.from) === '"'
      )
    ) {
      this.write(`.${step.value}`);
      return;
    }
    this.write('[');
    this.key(step);
    this.write(']');
  }

  /** What is in brackets: text in quotes. */
  protected key(key: Term): void {
    if (key.kind === 'scalar' && typeof key.value === 'string') this.write(JSON.stringify(key.value));
    else this.term(key);
  }

  /** A call: with brackets, or an operator between its arguments. */
  protected call(term: Term & { kind: 'call' }, isOperand: boolean, isLine = false): void {
    const { args } = term;
    const operator = term.operator ?? this.#operatorOf(term);
    const [left, right, third] = args;
    if (operator === undefined || left === undefined || right === undefined) {
      this.write(this.path(term.path, this.quotedKeywords(term.place)));
      this.#iterable(args, '(', ')', this.#argumentsSpan(term), (each) =>
        this.term(each, isUnion(each) && this.source.charAt(each.place.from) === '('),
      );
      return;
    }
    const isGrouped = isOperand || (third !== undefined && !isLine);
    const isBare = isLine && term.operator !== undefined && operator !== 'in';
    if (isGrouped) this.write('(');
    const isChain = operator === 'in' && left.kind === 'call' && left.operator === 'in';
    this.term(left, isBare ? levelOf(left) < levelOf(term) : !isChain);
    if (third === undefined) {
      this.write(` ${operator} `);
      this.term(right, !isBare || levelOf(right) <= levelOf(term));
    } else {
      this.write(', ');
      this.term(right, true);
      this.write(` ${operator} `);
      this.term(third, true);
    }
    if (isGrouped) this.write(')');
  }

  #operatorOf({ path, args }: Term & { kind: 'call' }): string | undefined {
    const name = path.join('.');
    if (name === `internal.member_${args.length}`) return 'in';
    return args.length === 2 ? OPERATORS.get(name) : undefined;
  }

  /** What is in brackets at a place, and is a keyword. */
  protected quotedKeywords(place: Span): string {
    const quoted = this.slice(place).match(/\["[a-z]+"\]/g) ?? [];
    return quoted.filter((each) => KEYWORDS.has(each.slice(2, -2))).join('');
  }

  #argumentsSpan({ place, args }: Term & { kind: 'call' }): Span {
    const first = args[0]?.place;
    return first === undefined ? place : { ...place, line: place.line };
  }

  /** Items in brackets: on one line where they were, else those of each line together. */
  #iterable<T extends { readonly place: Span }>(
    items: readonly T[],
    open: string,
    close: string,
    place: Span,
    item: (item: T) => void,
  ): void {
    if (items.length === 0) {
      this.write(`${open}${close}`);
      return;
    }
    const groups: T[][] = [];
    let last = place.line;
    for (const each of items) {
      const group = groups.at(-1);
      if (group === undefined || each.place.line !== last) groups.push([each]);
      else group.push(each);
      last = each.place.line;
    }
    const lines = groups;
    if (lines.length === 1 && open !== '(' && this.hasCommentWithin(place)) {
      this.asWritten(place);
      return;
    }
    this.write(open);
    const isOneLine =
      lines.length === 1 &&
      (open === '(' || (lines[0]?.[0]?.place.line === place.line && !this.#endsLater(items, place)));
    const inline = isOneLine && !this.hasCommentBefore(place.endLine);
    if (inline) {
      for (const [index, each] of items.entries()) {
        if (index > 0) this.write(', ');
        item(each);
      }
      this.write(close);
      return;
    }
    this.commentAt(place.line);
    this.endLine();
    this.indented(() => {
      for (const group of lines) {
        const [first] = group;
        if (first !== undefined) this.commentsBefore(first.place.line);
        for (const [index, each] of group.entries()) {
          if (index > 0) this.write(' ');
          item(each);
          this.write(',');
        }
        const end = group.at(-1);
        if (end !== undefined) this.commentAt(this.#lastLine(end));
        this.endLine();
      }
      this.commentsBefore(place.endLine);
    });
    this.write(close);
  }

  #lastLine(item: { readonly place: Span; readonly member?: readonly [Term, Term] }): number {
    return item.member?.[1].place.endLine ?? item.place.endLine;
  }

  /** Whether the closing bracket stands below the last item. */
  #endsLater(
    items: readonly { readonly place: Span; readonly member?: readonly [Term, Term] }[],
    place: Span,
  ): boolean {
    const last = items.at(-1);
    return last !== undefined && this.#lastLine(last) < place.endLine && items[0]?.place.line !== place.line;
  }

  #comprehension(term: Term & { kind: 'comprehension' }): void {
    const [open, close] = term.of === 'array' ? ['[', ']'] : ['{', '}'];
    this.write(open);
    if (term.of === 'object') {
      this.term(term.key, isUnion(term.key));
      this.write(': ');
    }
    const { item } = term;
    const isGroup =
      item.kind === 'call' &&
      item.operator !== undefined &&
      '(-'.includes(this.source.charAt(item.place.from));
    this.term(item, isGroup || isUnion(item));
    this.write(' |');
    const from = term.item.place.endLine;
    if (this.#isInline(term.body, from, term.place.endLine)) {
      this.write(' ');
      for (const [index, line] of term.body.entries()) {
        if (index > 0) this.write('; ');
        this.expression(line);
      }
      this.write(close);
      return;
    }
    this.commentAt(from);
    this.endLine();
    this.indented(() => this.lines(term.body, term.place.endLine));
    this.write(close);
  }

  #isInline(body: Body, from: number, to: number): boolean {
    return !this.hasCommentBefore(to) && body.every(({ place }) => place.line === from);
  }
}

/** How tightly an operator binds. */
function levelOf(term: Term): number {
  const level = term.kind === 'call' ? LEVELS.findIndex((signs) => signs.includes(term.operator ?? '')) : -1;
  return level < 0 ? LEVELS.length : level;
}

/** In braces and brackets, what stands after a bar would be taken for the body of a comprehension. */
export function isUnion(term: Term): boolean {
  return term.kind === 'call' && (term.operator === '|' || term.path.join('.') === 'or');
}

/** A name as it is written. */
export function nameOf(name: string): string {
  return name.startsWith('$') ? '_' : name;
}

/** A scalar as it is written; a sign alone is one that stands before no number: it takes what follows from 0. */
function withoutParentheses(text: string): string {
  let inner = text;
  while (inner.startsWith('(') && inner.endsWith(')')) inner = inner.slice(1, -1).trim();
  return inner === '-' ? '0' : inner.startsWith('-') ? inner.replaceAll(/\s/g, '') : inner;
}

/** Operators, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['in'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['|'],
  ['&'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Functions that operators stand for. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['equal', '=='],
  ['neq', '!='],
  ['lt', '<'],
  ['lte', '<='],
  ['gt', '>'],
  ['gte', '>='],
  ['plus', '+'],
  ['minus', '-'],
  ['mul', '*'],
  ['div', '/'],
  ['rem', '%'],
  ['and', '&'],
  ['or', '|'],
]);
/** Names of which one that was written in quotes keeps them. */
const KEYWORDS: ReadonlySet<string> = new Set([
  'as',
  'contains',
  'default',
  'else',
  'every',
  'false',
  'if',
  'import',
  'in',
  'not',
  'null',
  'package',
  'some',
  'true',
  'with',
]);
