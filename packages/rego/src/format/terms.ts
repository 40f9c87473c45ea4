import type { Body, Comment, Expression, Span, Term } from '../ast.js';

/** Writes lines, with the comments that belong to them. */
export class LineWriter {
  protected readonly source: string;
  readonly #comments: readonly Comment[];
  #next = 0;
  #text = '';
  #level = 0;
  #isLineStart = true;
  #pending: string[] = [];

  constructor(source: string, comments: readonly Comment[]) {
    this.source = source;
    this.#comments = comments;
  }

  /** What was written. */
  protected get written(): string {
    return this.#text;
  }

  /** Write on the line. */
  protected write(text: string): void {
    if (text === '') return;
    if (this.#isLineStart) this.#text += '\t'.repeat(this.#level);
    this.#isLineStart = false;
    this.#text += text;
  }

  /** End the line, with the comments that stand at its end. */
  protected endLine(): void {
    if (this.#isLineStart && this.#pending.length === 0) return;
    for (const [index, comment] of this.#pending.entries()) {
      if (index > 0) this.#text += '\n';
      if (index > 0) this.#text += '\t'.repeat(this.#level);
      else this.#text += this.#isLineStart ? '\t'.repeat(this.#level) : ' ';
      this.#text += comment;
    }
    this.#pending = [];
    this.#text = `${this.#text.replace(/[ \t]+$/, '')}\n`;
    this.#isLineStart = true;
  }

  /** An empty line, unless one is there or nothing is. */
  protected blankLine(): void {
    if (this.#text !== '' && !this.#text.endsWith('\n\n')) this.#text += '\n';
  }

  /** An empty line before what was written from there on. */
  protected separate(at: number): void {
    this.#text = `${this.#text.slice(0, at)}\n${this.#text.slice(at)}`;
  }

  /** Work further in. */
  protected indented(work: () => void): void {
    this.#level += 1;
    work();
    this.#level -= 1;
  }

  /** Write the comments before a line, each on a line of its own. */
  protected commentsBefore(line: number): void {
    let last = 0;
    for (
      let comment = this.#comments[this.#next];
      comment !== undefined && comment.place.line < line;
      comment = this.#comments[this.#next]
    ) {
      if (last > 0 && comment.place.line > last + 1) this.blankLine();
      this.write(commentText(comment));
      this.endLine();
      last = comment.place.line;
      this.#next += 1;
    }
  }

  /** Whether a comment stands before a line. */
  protected hasCommentBefore(line: number): boolean {
    return (this.#comments[this.#next]?.place.line ?? Infinity) < line;
  }

  /** The line of the next comment. */
  protected get nextComment(): number {
    return this.#comments[this.#next]?.place.line ?? Infinity;
  }

  /** Take the comment at the end of a line, to be written where the line ends. */
  protected commentAt(line: number): void {
    const comment = this.#comments[this.#next];
    if (comment?.place.line !== line) return;
    this.#pending.push(commentText(comment));
    this.#next += 1;
  }

  /** A term. */
  protected term(term: Term, isOperand = false): void {
    switch (term.kind) {
      case 'scalar':
        this.write(this.slice(term.place));
        return;
      case 'variable':
        this.write(this.slice(term.place));
        return;
      case 'reference':
        this.#reference(term);
        return;
      case 'template':
        this.write(this.slice(term.place));
        return;
      case 'array':
        this.#iterable(term.items, '[', ']', term.place, (item) => this.term(item));
        return;
      case 'set':
        if (term.items.length === 0) this.write('set()');
        else this.#iterable(term.items, '{', '}', term.place, (item) => this.term(item));
        return;
      case 'object':
        this.#iterable(
          term.members.map((member) => ({ member, place: member[0].place })),
          '{',
          '}',
          term.place,
          ({ member: [key, value] }) => {
            this.term(key);
            this.write(': ');
            this.term(value);
          },
        );
        return;
      case 'comprehension':
        this.#comprehension(term);
        return;
      case 'call':
        this.#call(term, isOperand);
    }
  }

  /** As it is written. */
  protected slice({ from, to }: Span): string {
    return this.source.slice(from, to);
  }

  #reference({ head, path }: Term & { kind: 'reference' }): void {
    this.term(head);
    for (const step of path) this.step(step);
  }

  /** A step into a document: a name in dots where it can be. */
  protected step(step: Term): void {
    if (
      step.kind === 'scalar' &&
      typeof step.value === 'string' &&
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(step.value)
    ) {
      this.write(`.${step.value}`);
      return;
    }
    this.write('[');
    this.term(step);
    this.write(']');
  }

  #call(term: Term & { kind: 'call' }, isOperand: boolean, isLine = false): void {
    const { args } = term;
    const operator = term.operator ?? (args.length === 2 ? OPERATORS.get(term.path.join('.')) : undefined);
    const [left, right, third] = args;
    if (operator === undefined || left === undefined || right === undefined) {
      this.write(term.path.join('.'));
      this.#iterable(args, '(', ')', this.#argumentsSpan(term), (each) => this.term(each));
      return;
    }
    const isGrouped = isOperand || (third !== undefined && this.source.charAt(term.place.from) === '(');
    if (isGrouped) this.write('(');
    this.term(
      left,
      (!isLine || operator === 'in') &&
        !(operator === 'in' && left.kind === 'call' && left.operator === 'in'),
    );
    if (third === undefined) {
      this.write(` ${operator} `);
      this.term(right, !isLine || operator === 'in');
    } else {
      this.write(', ');
      this.term(right, true);
      this.write(` ${operator} `);
      this.term(third, true);
    }
    if (isGrouped) this.write(')');
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
    this.write(open);
    if (items.length === 0) {
      this.write(close);
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
    const isOneLine =
      lines.length === 1 && lines[0]?.[0]?.place.line === place.line && !this.#endsLater(items, place);
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
      this.term(term.key);
      this.write(': ');
    }
    this.term(
      term.item,
      term.item.kind === 'call' && term.item.operator !== undefined && term.of !== 'object',
    );
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

  /** Lines of a body, each with its comments; blank lines stay. */
  protected lines(body: Body, end: number): void {
    let last = 0;
    for (const line of body) {
      const first = Math.min(
        line.place.line,
        this.hasCommentBefore(line.place.line) ? this.nextComment : Infinity,
      );
      if (last > 0 && (first > last + 1 || this.hasCommentBefore(line.place.line))) this.blankLine();
      const commented = this.nextComment;
      this.commentsBefore(line.place.line);
      if (commented < line.place.line && this.#lastCommentLine + 1 < line.place.line && last >= 0)
        this.blankLine();
      this.expression(line);
      this.commentAt(line.place.endLine);
      this.endLine();
      last = line.place.endLine;
    }
    if (this.hasCommentBefore(end)) {
      if (this.nextComment > last + 1) this.blankLine();
      this.commentsBefore(end);
    }
  }

  get #lastCommentLine(): number {
    return this.#comments[this.#next - 1]?.place.line ?? 0;
  }

  /** One line of a body. */
  protected expression({ negated, what, withs, place }: Expression): void {
    if (negated) this.write('not ');
    switch (what.kind) {
      case 'term':
        if (what.term.kind === 'call') this.#call(what.term, false, true);
        else this.term(what.term);
        break;
      case 'unify':
      case 'assign':
        this.term(what.left);
        this.write(what.kind === 'unify' ? ' = ' : ' := ');
        this.term(what.right);
        break;
      case 'some':
        this.write(`some ${what.names.join(', ')}`);
        break;
      case 'some-in':
        this.write('some ');
        if (what.key !== undefined) {
          this.term(what.key);
          this.write(', ');
        }
        this.term(what.value);
        this.write(' in ');
        this.term(what.of);
        break;
      case 'every':
        this.write(`every ${what.key === undefined ? '' : `${named(what.key)}, `}${named(what.value)} in `);
        this.term(what.of);
        this.write(' ');
        this.#braces(what.body, what.of.place.endLine, place.endLine);
        break;
      case 'logic':
        this.#operand(what.left, what.operator, place);
        this.write(` ${what.operator} `);
        this.#operand(what.right, what.operator, place);
        break;
      case 'body':
        this.#braces(what.body, place.line, place.endLine);
    }
    for (const each of withs) {
      this.write(` with ${each.target.join('.')} as `);
      this.term(each.value);
    }
  }

  #operand(body: Body, operator: string, place: Span): void {
    const [only] = body;
    if (body.length !== 1 || only === undefined) {
      this.#braces(body, place.line, place.endLine);
      return;
    }
    const isGroup =
      only.what.kind === 'logic' &&
      only.what.operator !== operator &&
      this.source.charAt(only.place.from) === '(';
    if (isGroup) this.write('(');
    this.expression(only);
    if (isGroup) this.write(')');
  }

  #braces(body: Body, from: number, to: number): void {
    if (from === to && !this.hasCommentBefore(to)) {
      this.write('{ ');
      for (const [index, line] of body.entries()) {
        if (index > 0) this.write('; ');
        this.expression(line);
      }
      this.write(body.length > 1 ? '}' : ' }');
      return;
    }
    this.write('{');
    this.commentAt(from);
    this.endLine();
    this.indented(() => this.lines(body, to));
    this.write('}');
  }
}

/** A wildcard as it is written. */
function named(name: string): string {
  return /^_\d+$/.test(name) ? '_' : name;
}

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

function commentText({ text }: Comment): string {
  const trimmed = text.trimEnd();
  return `#${trimmed}`;
}
