import type { Comment, Span } from '../ast.js';

/** Writes text line by line, with the comments that belong to it. */
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

  /** The line of the last comment that was written. */
  protected get lastComment(): number {
    return this.#comments[this.#next - 1]?.place.line ?? 0;
  }

  /** Whether a comment stands on a line between the first and the last of a place. */
  protected hasCommentWithin({ line, endLine }: Span): boolean {
    for (let next = this.#next; (this.#comments[next]?.place.line ?? Infinity) < endLine; next += 1)
      if ((this.#comments[next]?.place.line ?? 0) > line) return true;
    return false;
  }

  /** Write a place as it is written, its comments included. */
  protected asWritten(place: Span): void {
    this.write(this.slice(place));
    while ((this.#comments[this.#next]?.place.from ?? Infinity) < place.to) this.#next += 1;
  }

  /** The line of the closing brace after a place; its own last line where there is none. */
  protected closingLine({ to, endLine }: Span): number {
    let [at, line] = [to, endLine];
    for (; at < this.source.length; at += 1) {
      const character = this.source.charAt(at);
      if (character === '\n') line += 1;
      else if (character === '#') at = this.source.indexOf('\n', at) - 1;
      else if (!/[\s;]/.test(character)) return character === '}' ? line : endLine;
      if (at < to) break;
    }
    return endLine;
  }

  /** Names with dots between, and brackets where they must be, or where keywords have them in the text. */
  protected path(names: readonly string[], written = ''): string {
    return names
      .map((name, index) => {
        if (index === 0) return name;
        return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !written.includes(`[${JSON.stringify(name)}]`)
          ? `.${name}`
          : `[${JSON.stringify(name)}]`;
      })
      .join('');
  }

  /** The character before a place, blanks and comments left out. */
  protected characterBefore(at: number): string {
    let from = at - 1;
    for (;;) {
      while (from >= 0 && /\s/.test(this.source.charAt(from))) from -= 1;
      const comment = this.#comments.find(({ place }) => place.from <= from && from < place.to);
      if (comment === undefined) return this.source.charAt(from);
      from = comment.place.from - 1;
    }
  }

  /** The line that what stands before a place ends on. */
  protected lineBefore({ from, line }: Span): number {
    let end = from;
    while (end > 0 && /\s/.test(this.source.charAt(end - 1))) end -= 1;
    return line - (this.source.slice(end, from).split('\n').length - 1);
  }

  /** As it is written. */
  protected slice({ from, to }: Span): string {
    return this.source.slice(from, to);
  }
}

function commentText({ text }: Comment): string {
  const trimmed = text.trimEnd();
  return `#${trimmed}`;
}
