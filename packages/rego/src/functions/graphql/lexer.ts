import { BuiltinFault } from '../../builtins/builtin.js';

/** A piece of a GraphQL document. */
export interface GraphToken {
  readonly kind: 'name' | 'int' | 'float' | 'string' | 'block' | 'punctuation' | 'end' | 'invalid';
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Take a document apart. What is no token is one of kind `invalid`, for the parser to refuse. */
export function graphTokens(source: string): readonly GraphToken[] {
  if (source.length > MAX_TEXT) throw new BuiltinFault('the GraphQL document is too long');
  const tokens: GraphToken[] = [];
  let line = 1;
  let start = 0;
  for (let at = 0; ;) {
    const code = source.charCodeAt(at);
    if (code === 0x0a) {
      at += 1;
      line += 1;
      start = at;
      continue;
    }
    if (code === 0x20 || code === 0x09 || code === 0x2c || code === 0x0d || code === 0xfeff) {
      at += 1;
      continue;
    }
    if (code === 0x23) {
      while (at < source.length && source.charCodeAt(at) !== 0x0a) at += 1;
      continue;
    }
    const place = { line, column: at - start + 1 };
    if (at >= source.length) {
      tokens.push({ kind: 'end', text: '', ...place });
      return tokens;
    }
    if (source.startsWith('"""', at)) {
      const end = blockEnd(source, at + 3);
      if (end < 0) {
        tokens.push({ kind: 'invalid', text: '', line: line + 1, column: 1 });
        return tokens;
      }
      const raw = source.slice(at + 3, end);
      tokens.push({ kind: 'block', text: blockText(raw.replaceAll('\\"""', '"""')), ...place });
      line += raw.split('\n').length - 1;
      if (raw.includes('\n')) start = at + 3 + raw.lastIndexOf('\n') + 1;
      at = end + 3;
      continue;
    }
    TOKEN.lastIndex = at;
    const [all, name, float, int, string, punctuation] = TOKEN.exec(source) ?? [];
    if (all === undefined) {
      tokens.push({ kind: 'invalid', text: '', ...place });
      return tokens;
    }
    if (name !== undefined) tokens.push({ kind: 'name', text: name, ...place });
    else if (float !== undefined) tokens.push({ kind: 'float', text: float, ...place });
    else if (int !== undefined) tokens.push({ kind: 'int', text: int, ...place });
    else if (string !== undefined)
      tokens.push({ kind: 'string', text: unquoted(string), line, column: place.column + 1 }); // past the quote, as in the reference
    else tokens.push({ kind: 'punctuation', text: punctuation ?? '', ...place });
    at += all.length;
  }
}

/** The value of a string. It may have control characters, which JSON has only as escapes. */
function unquoted(quoted: string): string {
  const escaped = Array.from(quoted, (each) => (each < ' ' ? JSON.stringify(each).slice(1, -1) : each)).join(
    '',
  );
  const value: unknown = JSON.parse(escaped);
  return String(value);
}

function blockEnd(source: string, from: number): number {
  for (let at = source.indexOf('"""', from); at >= 0; at = source.indexOf('"""', at + 3))
    if (source.charAt(at - 1) !== '\\') return at;
  return -1;
}

/** Without the indent that all lines but the first share, and without empty lines at both ends. */
function blockText(raw: string): string {
  const lines = raw.replaceAll('\r\n', '\n').split('\n');
  const hasText = (line: string): boolean => line.trim() !== '';
  let indent = raw.length;
  for (const line of lines.slice(1))
    if (hasText(line)) indent = Math.min(indent, line.length - line.trimStart().length);
  const cut = lines.map((line, index) => (index === 0 ? line : line.slice(indent)));
  let [first, end] = [0, cut.length];
  while (first < end && !hasText(cut[first] ?? '')) first += 1;
  while (end > first && !hasText(cut[end - 1] ?? '')) end -= 1;
  return cut.slice(first, end).join('\n');
}

const TOKEN =
  /([A-Za-z_][A-Za-z0-9_]*)|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))|(-?(?:0|[1-9][0-9]*))|("(?:[^"\\\r\n]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*")|(\.\.\.|[!$&():=@[\]{|}])/y;
const MAX_TEXT = 1 << 20;
