import { isArray, literalText, RegoObject, RegoSet, type Value } from '../values.js';
import { type Builtins, BuiltinFault, object, of, text } from '../builtins/builtin.js';

/** Templates of Go's `text/template`. */
export const TEMPLATES: Builtins = {
  'strings.render_template': of(2, (args) => renderTemplate(text(args, 0), object(args, 1))),
};

/** A piece of a template. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: string }
  | {
      readonly kind: 'if';
      readonly path: string;
      readonly yes: readonly Piece[];
      readonly other: readonly Piece[];
    }
  | {
      readonly kind: 'range';
      readonly names: readonly string[];
      readonly path: string;
      readonly body: readonly Piece[];
      readonly other: readonly Piece[];
    };

/**
 * Fill a template of Go's `text/template`: values, `if`, `range`, `else`, `end`, variables, comments and trimming. Functions and
 * pipelines are refused.
 *
 * @param template - its text
 * @param variables - what `.` is
 */
function renderTemplate(template: string, variables: RegoObject): string {
  const parser = new Parser(template);
  const pieces = parser.pieces(0);
  const render = (all: readonly Piece[], scope: Scope): string =>
    all.map((piece) => renderPiece(piece, scope, render)).join('');
  return render(pieces, { dot: variables, names: new Map([['$', variables]]) });
}

interface Scope {
  readonly dot: Value | undefined;
  readonly names: ReadonlyMap<string, Value>;
}

function renderPiece(
  piece: Piece,
  scope: Scope,
  render: (pieces: readonly Piece[], scope: Scope) => string,
): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'value': {
      const value = valueOf(piece.path, scope);
      return value === undefined ? '<undefined>' : typeof value === 'string' ? value : goText(value);
    }
    case 'if':
      return render(isTrue(valueOf(piece.path, scope)) ? piece.yes : piece.other, scope);
    case 'range': {
      const members = membersOf(valueOf(piece.path, scope));
      if (members.length === 0) return render(piece.other, scope);
      return members
        .map(([key, value]) => {
          const names = new Map(scope.names);
          const [first, second] = piece.names;
          if (second !== undefined) names.set(second, value);
          if (first !== undefined) names.set(first, second === undefined ? value : key);
          return render(piece.body, { dot: value, names });
        })
        .join('');
    }
  }
}

function goText(value: Value): string {
  if (value === null) return '<no value>';
  if (isArray(value))
    return `[${value.map((each) => (typeof each === 'string' ? each : goText(each))).join(' ')}]`;
  if (value instanceof RegoObject)
    return `map[${value
      .entries()
      .map(([key, each]) => `${String(key)}:${typeof each === 'string' ? each : goText(each)}`)
      .join(' ')}]`;
  return literalText(value);
}

function membersOf(value: Value | undefined): readonly (readonly [Value, Value])[] {
  if (value instanceof RegoObject) return value.entries();
  const items = value instanceof RegoSet ? value.items() : value !== undefined && isArray(value) ? value : [];
  return items.map((item, index) => [index, item] as const);
}

function valueOf(path: string, { dot, names }: Scope): Value | undefined {
  const [, root = '', rest = ''] = /^(\$[A-Za-z0-9_]*)?(.*)$/s.exec(path) ?? [];
  let value = root === '' ? dot : names.get(root);
  if (root !== '' && value === undefined) throw new BuiltinFault(`undefined variable "${root}"`);
  for (const name of rest.split('.').filter((each) => each !== ''))
    value = value instanceof RegoObject ? value.get(name) : undefined;
  return value;
}

function isTrue(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return false;
  if (isArray(value)) return value.length > 0;
  return value instanceof RegoObject || value instanceof RegoSet ? value.size > 0 : true;
}

class Parser {
  readonly #tokens: readonly { readonly text: string; readonly isAction: boolean }[];
  #at = 0;

  constructor(template: string) {
    this.#tokens = cut(template);
  }

  /** Pieces up to the `end` or `else` of what is open; at level 0 to the end of the text. */
  pieces(level: number): readonly Piece[] {
    if (level > 100) throw new BuiltinFault('the template nests too deep');
    const found: Piece[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined) {
        if (level > 0) throw new BuiltinFault('template: unexpected EOF');
        return found;
      }
      if (!token.isAction) {
        this.#at += 1;
        found.push({ kind: 'text', text: token.text });
        continue;
      }
      const word = /^[a-z]+(?![.\w])/.exec(token.text)?.[0];
      if (word === 'end' || word === 'else') {
        if (level === 0) throw new BuiltinFault(`template: unexpected {{${word}}}`);
        return found;
      }
      this.#at += 1;
      if (token.text.startsWith('/*')) continue;
      if (word === 'if' || word === 'range')
        found.push(this.#block(word, token.text.slice(word.length).trim(), level));
      else found.push({ kind: 'value', path: pathIn(token.text) });
    }
  }

  #block(word: 'if' | 'range', rest: string, level: number): Piece {
    const [, first, second, source = ''] =
      /^(?:(\$\w{1,60})\s{0,20}(?:,\s{0,20}(\$\w{1,60})\s{0,20})?:=\s{0,20})?(.*)$/s.exec(rest) ?? [];
    const path = pathIn(source);
    const body = this.pieces(level + 1);
    let other: readonly Piece[] = [];
    const mark = this.#tokens[this.#at]?.text ?? '';
    this.#at += 1;
    if (mark.startsWith('else')) {
      const next = mark.slice(4).trim();
      if (next.startsWith('if ')) other = [this.#block('if', next.slice(3).trim(), level)];
      else {
        other = this.pieces(level + 1);
        this.#at += 1;
      }
    }
    const names = [first, second].filter((each) => each !== undefined);
    return word === 'if'
      ? { kind: 'if', path, yes: body, other }
      : { kind: 'range', names, path, body, other };
  }
}

function pathIn(text: string): string {
  if (!/^(?:\$\w{0,60})?(?:\.\w{0,60}){0,20}$/.test(text) || text === '')
    throw new BuiltinFault(`template: ${JSON.stringify(text)} is more than a value`);
  return text;
}

/** Text and actions in turn; `{{-` and `-}}` take the white space beside them. */
function cut(template: string): readonly { readonly text: string; readonly isAction: boolean }[] {
  const tokens: { text: string; isAction: boolean }[] = [];
  let trim = false;
  for (let at = 0; at < template.length;) {
    const open = template.indexOf('{{', at);
    const text = template.slice(at, open < 0 ? template.length : open);
    const start = trim ? text.trimStart() : text;
    if (open < 0) {
      tokens.push({ text: start, isAction: false });
      break;
    }
    const close = template.indexOf('}}', open);
    if (close < 0) throw new BuiltinFault('template: unclosed action');
    const action = template.slice(open + 2, close);
    const left = /^-\s/.test(action);
    trim = /\s-$/.test(action);
    tokens.push({ text: left ? start.trimEnd() : start, isAction: false });
    tokens.push({ text: action.slice(left ? 1 : 0, trim ? -1 : undefined).trim(), isAction: true });
    at = close + 2;
  }
  return tokens;
}
