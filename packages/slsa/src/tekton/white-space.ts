/**
 * Text without the white space around it, as Go trims it: what Unicode calls white space, which unlike `trim` has the next-line
 * character in it and no byte order mark.
 */
export function trimSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(unit: number): boolean {
  return unit === 0x85 || (unit !== 0xfeff && String.fromCharCode(unit).trim() === '');
}
