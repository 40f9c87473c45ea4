/**
 * Where each key of a TOML file stands, so that an error can name its line. The parser that reads the values keeps no
 * positions; this pass reads names only, and runs after the parser found the file good.
 *
 * @module
 */

/** Lines by path: segments are joined with a NUL, which no bare key holds. */
export type TomlLines = ReadonlyMap<string, number>;

/** A place in a document: names of tables and keys, and indexes of arrays of tables. */
export type TomlPath = readonly (string | number)[];

/**
 * Find the line of every key and table header.
 *
 * @param toml - text that the TOML parser took
 */
export function tomlLines(toml: string): TomlLines {
  const found = new Map<string, number>();
  const counts = new Map<string, number>();
  let [at, line] = [0, 1];
  let table: (string | number)[] = [];
  const note = (path: TomlPath): void => {
    const key = pathKey(path);
    if (!found.has(key)) found.set(key, line);
  };
  while (at < toml.length) {
    const char = toml[at] ?? '';
    if (char === '\n') line += 1;
    if (/\s/.test(char)) at += 1;
    else if (char === '#') at = endOfLine(toml, at);
    else if (char === '[') {
      const isArray = toml[at + 1] === '[';
      const header = keyPath(toml, at + (isArray ? 2 : 1));
      table = resolve(header.path, counts, isArray);
      // A header stands for the tables around it too, until they have one of their own.
      table.forEach((_, index) => note(table.slice(0, index)));
      found.set(pathKey(table), line);
      at = endOfLine(toml, header.end);
    } else {
      const key = keyPath(toml, at);
      key.path.forEach((_, index) => note([...table, ...key.path.slice(0, index + 1)]));
      const end = endOfValue(toml, key.end);
      line += toml.slice(at, end).split('\n').length - 1;
      at = end;
    }
  }
  return found;
}

/**
 * The line of a path, or of the nearest enclosing key that has one.
 *
 * @param lines - the lines of the document
 * @param path - what to find
 */
export function lineOf(lines: TomlLines, path: TomlPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(pathKey(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

/** `[[a]]` begins the next element of `a`; `[a.b]` after it is inside the last element. */
function resolve(
  names: readonly string[],
  counts: Map<string, number>,
  isArray: boolean,
): (string | number)[] {
  const path: (string | number)[] = [];
  names.forEach((name, index) => {
    path.push(name);
    const key = pathKey(path);
    if (isArray && index === names.length - 1) counts.set(key, (counts.get(key) ?? -1) + 1);
    const count = counts.get(key);
    if (count !== undefined) path.push(count);
  });
  return path;
}

function keyPath(toml: string, from: number): { path: string[]; end: number } {
  const path: string[] = [];
  let at = from;
  for (;;) {
    while (toml[at] === ' ' || toml[at] === '\t') at += 1;
    const quote = toml[at];
    if (quote === '"' || quote === "'") {
      const end = endOfString(toml, at);
      path.push(toml.slice(at + 1, end - 1));
      at = end;
    } else {
      const start = at;
      while (/[A-Za-z0-9_-]/.test(toml[at] ?? '')) at += 1;
      path.push(toml.slice(start, at));
    }
    while (toml[at] === ' ' || toml[at] === '\t') at += 1;
    if (toml[at] !== '.') return { path, end: at + 1 };
    at += 1;
  }
}

function endOfValue(toml: string, from: number): number {
  let [at, depth] = [from, 0];
  while (at < toml.length) {
    const char = toml[at] ?? '';
    if (char === '\n' && depth === 0) return at;
    if (char === '"' || char === "'") at = endOfString(toml, at);
    else if (char === '#') at = endOfLine(toml, at);
    else {
      if (char === '[' || char === '{') depth += 1;
      if (char === ']' || char === '}') depth -= 1;
      at += 1;
    }
  }
  return at;
}

function endOfString(toml: string, from: number): number {
  const quote = toml[from] ?? '';
  const long = toml.startsWith(quote.repeat(3), from);
  const close = long ? quote.repeat(3) : quote;
  let at = from + close.length;
  while (at < toml.length && !toml.startsWith(close, at)) at += toml[at] === '\\' && quote === '"' ? 2 : 1;
  at += close.length;
  if (!long) return at;
  // A long string may end with a quote or two of its own.
  while (toml[at] === quote) at += 1;
  return at;
}

function endOfLine(toml: string, from: number): number {
  const end = toml.indexOf('\n', from);
  return end < 0 ? toml.length : end;
}

function pathKey(path: TomlPath): string {
  return path.join('\0');
}
