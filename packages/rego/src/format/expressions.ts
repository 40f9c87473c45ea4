import type { Body, Expression, Span, With } from '../ast.js';
import { isUnion, nameOf, TermWriter } from './terms.js';

/** Writes the lines of bodies. */
export abstract class ExpressionWriter extends TermWriter {
  /** Lines of a body, each with its comments; blank lines stay. */
  protected override lines(body: Body, end: number, isAfterIf = false): void {
    let last = 0;
    for (const line of body) {
      const first = Math.min(
        line.place.line,
        this.hasCommentBefore(line.place.line) ? this.nextComment : Infinity,
      );
      if (last > 0 && (first > last + 1 || this.hasCommentBefore(line.place.line))) this.blankLine();
      const commented = this.nextComment;
      this.commentsBefore(line.place.line);
      if (commented < line.place.line && this.lastComment + 1 < line.place.line && last >= 0)
        this.blankLine();
      const { what } = line;
      if (isAfterIf && line === body[0] && !line.negated && what.kind === 'term' && isUnion(what.term))
        this.term(what.term, true); // without parentheses it would be a comprehension
      else this.expression(line);
      this.commentAt(line.place.endLine);
      this.endLine();
      last = line.place.endLine;
    }
    if (this.hasCommentBefore(end)) {
      this.commentsBefore(end);
    }
  }

  /** One line of a body. */
  protected override expression({ negated, what, withs, place }: Expression): void {
    if (negated) this.write('not ');
    if (
      negated &&
      what.kind === 'term' &&
      BRACED.has(what.term.kind) &&
      this.source.charAt(what.term.place.from) === '('
    ) {
      this.write('(');
      this.term(what.term);
      this.write(')');
      this.#withs(withs);
      return;
    }
    switch (what.kind) {
      case 'term':
        if (what.term.kind === 'call') this.call(what.term, false, true);
        else this.term(what.term);
        break;
      case 'unify':
      case 'assign':
        this.term(what.left);
        this.write(what.kind === 'unify' ? ' = ' : ' := ');
        this.term(what.right);
        break;
      case 'some':
        this.write(`some ${what.names.map(nameOf).join(', ')}`);
        break;
      case 'some-in':
        this.write('some ');
        if (what.key !== undefined) {
          this.term(what.key, true);
          this.write(', ');
        }
        this.term(what.value, true);
        this.write(' in ');
        this.term(what.of, true);
        break;
      case 'every':
        this.write(`every ${what.key === undefined ? '' : `${nameOf(what.key)}, `}${nameOf(what.value)} in `);
        this.term(what.of);
        this.write(' ');
        this.#braces(what.body, what.of.place.endLine, place.endLine);
        break;
      case 'logic':
        this.#logic(what, place);
        break;
      case 'body':
        this.#body(what.body, place);
    }
    this.#withs(withs);
  }

  /** On the line on which they were; those below it stand further in. */
  #withs(withs: readonly With[]): void {
    const [first] = withs;
    let last = first === undefined ? 0 : this.lineBefore(first.place);
    let isIndented = false;
    for (const { target, value, place } of withs) {
      const isBelow = place.line > last;
      if (isBelow) {
        this.commentAt(last);
        this.endLine();
        this.commentsBefore(place.line);
      } else this.write(' ');
      isIndented ||= isBelow;
      const write = (): void => {
        this.write(`with ${this.path(target)} as `);
        this.term(value);
      };
      if (isIndented) this.indented(write);
      else write();
      last = isBelow ? place.line : last;
    }
  }

  /** What `not` holds for: lines in braces, or one line. */
  #body(body: Body, place: Span): void {
    const [only] = body;
    if (body.length !== 1 || only === undefined || this.characterBefore(only.place.from) === '{') {
      this.#braces(body, place.line, place.endLine, true);
      return;
    }
    const isGroup = only.what.kind === 'logic' || only.withs.length > 0;
    if (isGroup) this.write('(');
    this.expression(only);
    if (isGroup) this.write(')');
  }

  #logic(what: Logic, place: Span): void {
    const [first, ...steps] = this.#flattened(what, place);
    if (first !== undefined) this.#operand(first);
    let last = first?.endLine ?? 0;
    let isIndented = false;
    for (const step of steps) {
      this.write(` ${step.operator}`);
      if (step.line > last) {
        this.commentAt(last);
        this.endLine();
        isIndented = true;
      } else this.write(' ');
      if (isIndented) this.indented(() => this.#operand(step));
      else this.#operand(step);
      last = step.endLine;
    }
  }

  /** The operands of one operator after the other, from the left. */
  #flattened({ left, right, operator }: Logic, place: Span): readonly Operand[] {
    const [inner] = left;
    const first = this.#read(left, operator, false, place.from);
    const isChain =
      !first.isBody && !first.isGroup && inner?.what.kind === 'logic' && !inner.negated && left.length === 1;
    const before =
      isChain && inner.what.kind === 'logic' ? this.#flattened(inner.what, inner.place) : [first];
    return [...before, this.#read(right, operator, true, place.from)];
  }

  #read(body: Body, operator: 'and' | 'or', isRight: boolean, from: number): Operand {
    const [only] = body;
    const last = body.at(-1);
    const start = only?.place.from ?? from;
    const hasBrace = this.characterBefore(start) === '{' && start > from;
    const isBody = body.length !== 1 || hasBrace;
    const open = isBody ? this.source.lastIndexOf('{', start - 1) : start;
    const line = (only?.place.line ?? 0) - (this.source.slice(open, start).split('\n').length - 1);
    const inner = only?.what.kind === 'logic' ? only.what.operator : undefined;
    const isGroup =
      (only?.withs.length ?? 0) > 0 ||
      (inner !== undefined &&
        (isRight ? inner === 'or' || inner === operator : inner === 'or' && operator === 'and'));
    const end = last?.place.endLine ?? line;
    const close = isBody ? this.source.indexOf('}', last?.place.to ?? start) : start;
    const endLine = isBody
      ? end + this.source.slice(last?.place.to ?? close, close).split('\n').length - 1
      : end;
    return { body, operator, isBody, isGroup: !isBody && isGroup, line, endLine };
  }

  #operand({ body, isBody, isGroup, line, endLine }: Operand): void {
    const [only] = body;
    if (isBody || only === undefined) {
      this.#braces(body, line, endLine, true);
      return;
    }
    if (isGroup) this.write('(');
    this.expression(only);
    if (isGroup) this.write(')');
  }

  #braces(body: Body, from: number, to: number, isSpaced = body.length <= 1): void {
    if (from === to && !this.hasCommentBefore(to)) {
      this.write('{ ');
      for (const [index, line] of body.entries()) {
        if (index > 0) this.write('; ');
        this.expression(line);
      }
      this.write(isSpaced ? ' }' : '}');
      return;
    }
    this.write('{');
    this.commentAt(from);
    this.endLine();
    this.indented(() => this.lines(body, to));
    this.write('}');
  }
}

type Logic = Expression['what'] & { kind: 'logic' };

/** One side of `and` or `or`. */
interface Operand {
  readonly body: Body;
  /** The operator before it. */
  readonly operator: 'and' | 'or';
  /** Whether it is lines in braces. */
  readonly isBody: boolean;
  /** Whether it needs parentheses. */
  readonly isGroup: boolean;
  /** The line that it begins on. */
  readonly line: number;
  /** The line that it ends on. */
  readonly endLine: number;
}

/** Terms that `not` would take for a body. */
const BRACED: ReadonlySet<string> = new Set(['set', 'object', 'comprehension']);
