/**
 * Order of text by code points, which is the order of its UTF-8. The order of UTF-16 code units, by which `sort` goes, differs
 * where surrogates meet U+E000 and above.
 *
 * @param a - any text
 * @param b - any text
 * @returns negative where `a` comes first, 0 for equal texts
 */
export function compareCodePoints(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
