import type { Comment } from '../ast.js';

/** The METADATA comments of a file, handed out to the statements that follow them. */
export interface Annotations {
  /** The text of those before a line that were not handed out yet. */
  before(line: number): string[];
}

/** Find the METADATA comments: lines of comments that follow one another. */
export function annotationsIn(comments: readonly Comment[]): Annotations {
  const blocks: { readonly endLine: number; readonly text: string }[] = [];
  for (let at = 0; at < comments.length; at += 1) {
    if (comments[at]?.text.trim() !== 'METADATA') continue;
    const lines: string[] = [];
    let line = comments[at]?.place.line ?? 0;
    for (
      ;
      comments[at + 1]?.place.line === line + 1 && comments[at + 1]?.text.trim() !== 'METADATA';
      at += 1
    ) {
      line += 1;
      lines.push((comments[at + 1]?.text ?? '').replace(/^ /, ''));
    }
    blocks.push({ endLine: line, text: lines.join('\n') });
  }
  let next = 0;
  return {
    before: (line) => {
      const found: string[] = [];
      for (; (blocks[next]?.endLine ?? Infinity) < line; next += 1) found.push(blocks[next]?.text ?? '');
      return found;
    },
  };
}
