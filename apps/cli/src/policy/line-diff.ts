/**
 * What changed between two texts, in the unified form: one piece from the first line that differs to the last.
 *
 * @param file - its name
 * @param before - the one text
 * @param after - the other
 */
export function lineDiff(file: string, before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (end < most && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const from = Math.max(0, start - CONTEXT);
  const context = (lines: readonly string[], a: number, b: number): readonly string[] =>
    lines.slice(a, b).map((line) => ` ${line}`);
  const tail = Math.min(end, CONTEXT);
  const body = [
    ...context(old, from, start),
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...fresh.slice(start, fresh.length - end).map((line) => `+${line}`),
    ...context(old, old.length - end, old.length - end + tail),
  ];
  const range = (length: number): string => `${from + 1},${length - end + tail - from}`;
  return `--- ${file}\n+++ ${file}\n@@ -${range(old.length)} +${range(fresh.length)} @@\n${body.join('\n')}\n`;
}

const CONTEXT = 3;
