/**
 * The syntax of RE2.
 *
 * @module
 */
import { isDigit, isSpace, isWord, otherCases, POSIX, type Test } from './characters.js';

/** A pattern that is none, or that needs what RE2 does not have. */
export class RegexSyntaxError extends Error {
  /** Always `RegexSyntaxError`. */
  override readonly name = 'RegexSyntaxError';
}

/** A piece of a pattern. */
export type Node =
  | { readonly kind: 'test'; readonly test: Test }
  | { readonly kind: 'assert'; readonly holds: (before: number, after: number) => boolean }
  | { readonly kind: 'group'; readonly index: number | undefined; readonly node: Node }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly Node[] }
  | {
      readonly kind: 'repeat';
      readonly node: Node;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    };

/** Reads a pattern. */
export class PatternParser {
  groups = 0;
  readonly #pattern: readonly string[];
  #at = 0;
  #depth = 0;
  #flags = { ignoreCase: false, multiline: false, dotAll: false, ungreedy: false };

  constructor(pattern: string) {
    this.#pattern = Array.from(pattern);
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#at < this.#pattern.length) this.#fail('unexpected )');
    return node;
  }

  #choice(): Node {
    this.#depth += 1;
    if (this.#depth > 100) this.#fail('groups nest too deep');
    const nodes = [this.#sequence()];
    while (this.#peek() === '|') {
      this.#at += 1;
      nodes.push(this.#sequence());
    }
    this.#depth -= 1;
    return nodes.length === 1 ? (nodes[0] ?? { kind: 'sequence', nodes: [] }) : { kind: 'choice', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#pattern.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const atom = this.#atom();
      if (atom !== undefined) nodes.push(this.#repeated(atom));
    }
    return { kind: 'sequence', nodes };
  }

  #repeated(atom: Node): Node {
    let node = atom;
    for (;;) {
      const bounds = this.#bounds();
      if (bounds === undefined) return node;
      if (node !== atom) this.#fail('a repetition of a repetition');
      const lazy = this.#peek() === '?';
      if (lazy) this.#at += 1;
      node = { kind: 'repeat', node, min: bounds[0], max: bounds[1], greedy: lazy === this.#flags.ungreedy };
    }
  }

  #bounds(): readonly [number, number] | undefined {
    const character = this.#peek();
    const simple = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] }[character ?? ''];
    if (simple !== undefined) {
      this.#at += 1;
      return [simple[0] ?? 0, simple[1] ?? 0];
    }
    if (character !== '{') return undefined;
    const [all, min = '', comma, max = ''] =
      /^\{([0-9]{1,4})(,?)([0-9]{0,4})\}/.exec(this.#pattern.slice(this.#at, this.#at + 12).join('')) ?? [];
    if (all === undefined) return undefined;
    this.#at += all.length;
    const bounds = [Number(min), comma === '' ? Number(min) : max === '' ? Infinity : Number(max)] as const;
    if (bounds[0] > 1000 || (bounds[1] !== Infinity && (bounds[1] > 1000 || bounds[1] < bounds[0])))
      this.#fail('a repetition out of range');
    return bounds;
  }

  #atom(): Node | undefined {
    const character = this.#take();
    const { dotAll, multiline } = this.#flags;
    switch (character) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'test', test: this.#class() };
      case '.':
        return { kind: 'test', test: dotAll ? () => true : (code) => code !== 0x0a };
      case '^':
        return {
          kind: 'assert',
          holds: (before) => before < 0 || (multiline && before === 0x0a),
        };
      case '$':
        return {
          kind: 'assert',
          holds: (_before, after) => after < 0 || (multiline && after === 0x0a),
        };
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        return this.#fail('nothing to repeat');
      default:
        return { kind: 'test', test: this.#literal(character.codePointAt(0) ?? 0) };
    }
  }

  #group(): Node | undefined {
    const saved = { ...this.#flags };
    let index: number | undefined;
    if (this.#peek() === '?') {
      this.#at += 1;
      if (this.#peek() === 'P' || this.#peek() === '<') {
        if (this.#peek() === 'P') this.#at += 1;
        const end = this.#pattern.indexOf('>', this.#at);
        if (this.#take() !== '<' || end < 0) this.#fail('look-around and this kind of group do not exist');
        if (!/^[A-Za-z_][A-Za-z0-9_]{0,100}$/.test(this.#pattern.slice(this.#at, end).join('')))
          this.#fail('look-behind does not exist');
        this.#at = end + 1;
        this.groups += 1;
        index = this.groups;
      } else if (this.#setFlags()) return undefined;
    } else {
      this.groups += 1;
      index = this.groups;
    }
    const node = this.#choice();
    if (this.#take() !== ')') this.#fail('a group that does not end');
    this.#flags = saved;
    return { kind: 'group', index, node };
  }

  /** Whether the flags stand alone, `(?i)`, and not before a group, `(?i:`. */
  #setFlags(): boolean {
    let on = true;
    for (;;) {
      const character = this.#take();
      if (character === '-') on = false;
      else if (character === 'i') this.#flags = { ...this.#flags, ignoreCase: on };
      else if (character === 'm') this.#flags = { ...this.#flags, multiline: on };
      else if (character === 's') this.#flags = { ...this.#flags, dotAll: on };
      else if (character === 'U') this.#flags = { ...this.#flags, ungreedy: on };
      else if (character === ')') return true;
      else if (character === ':') return false;
      else this.#fail('look-around does not exist');
    }
  }

  #escape(): Node {
    const character = this.#take();
    if (character === 'b' || character === 'B') {
      const boundary = (before: number, after: number): boolean => isWord(before) !== isWord(after);
      return {
        kind: 'assert',
        holds: character === 'b' ? boundary : (before, after) => !boundary(before, after),
      };
    }
    if (character === 'A') return { kind: 'assert', holds: (before) => before < 0 };
    if (character === 'z') return { kind: 'assert', holds: (_before, after) => after < 0 };
    const named = this.#namedClass(character);
    if (named !== undefined) return { kind: 'test', test: named };
    return { kind: 'test', test: this.#literal(this.#escapedCode(character)) };
  }

  #namedClass(character: string): Test | undefined {
    const lower = character.toLowerCase();
    const negated = character !== lower;
    if (lower === 'p') return this.#unicodeClass(negated);
    const test = { d: isDigit, w: isWord, s: isSpace }[lower];
    if (test === undefined) return undefined;
    return negated ? (code) => !test(code) : test;
  }

  #unicodeClass(negated: boolean): Test {
    let name = this.#take();
    if (name === '{') {
      const end = this.#pattern.indexOf('}', this.#at);
      if (end < 0) this.#fail('a class that does not end');
      name = this.#pattern.slice(this.#at, end).join('');
      this.#at = end + 1;
    }
    const not = name.startsWith('^') !== negated;
    const plain = name.replace(/^\^/, '');
    if (!/^[A-Za-z_]{1,40}$/.test(plain)) this.#fail('there is no such class');
    const source = /^(?:[A-Z][a-z&]?)$/.test(plain) ? plain : `Script=${plain}`;
    let single: RegExp;
    try {
      single = new RegExp(`^\\p{${source}}$`, 'u');
    } catch {
      return this.#fail('there is no such class');
    }
    return (code) => single.test(String.fromCodePoint(code)) !== not;
  }

  #escapedCode(character: string): number {
    const simple = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b, a: 0x07 }[character];
    if (simple !== undefined) return simple;
    if (character === 'x') {
      const rest = this.#pattern.slice(this.#at, this.#at + 12).join('');
      const [all, long, short] = /^(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/.exec(rest) ?? [];
      if (all === undefined) return this.#fail('an escape that is none');
      this.#at += all.length;
      return Number.parseInt(long ?? short ?? '0', 16);
    }
    if (/^[0-9A-Za-z]$/.test(character))
      this.#fail(/[1-9]/.test(character) ? 'back references do not exist' : 'an escape that is none');
    return character.codePointAt(0) ?? 0;
  }

  #class(): Test {
    const start = this.#at - 1;
    const negated = this.#peek() === '^';
    if (negated) this.#at += 1;
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined)
        this.#fail(`missing closing ]: \`${this.#pattern.slice(start).join('')}\``);
      const from = this.#classItem();
      if (typeof from === 'function') tests.push(from);
      else if (this.#peek() === '-' && this.#pattern[this.#at + 1] !== ']') {
        this.#at += 1;
        const to = this.#classItem();
        if (typeof to === 'function' || to < from) return this.#fail('a range that is none');
        tests.push(this.#range(from, to));
      } else tests.push(this.#literal(from));
    }
    this.#at += 1;
    return (code) => tests.some((test) => test(code)) !== negated;
  }

  #classItem(): Test | number {
    const character = this.#take();
    if (character === '[' && this.#peek() === ':') {
      const end = this.#pattern.indexOf(']', this.#at);
      const name = this.#pattern.slice(this.#at + 1, end - 1).join('');
      const not = name.startsWith('^');
      const test = POSIX[name.replace(/^\^/, '')];
      if (test === undefined) return this.#fail('there is no such class');
      this.#at = end + 1;
      return not ? (code) => !test(code) : test;
    }
    if (character !== '\\') return character.codePointAt(0) ?? 0;
    const escaped = this.#take();
    return this.#namedClass(escaped) ?? this.#escapedCode(escaped);
  }

  #range(from: number, to: number): Test {
    const inside: Test = (code) => code >= from && code <= to;
    if (!this.#flags.ignoreCase) return inside;
    return (code) => inside(code) || otherCases(code).some(inside);
  }

  #literal(wanted: number): Test {
    if (!this.#flags.ignoreCase) return (code) => code === wanted;
    const all = new Set([wanted, ...otherCases(wanted)]);
    return (code) => all.has(code);
  }

  #peek(): string | undefined {
    return this.#pattern[this.#at];
  }

  #take(): string {
    const character = this.#peek();
    if (character === undefined) return this.#fail('the pattern ends too early');
    this.#at += 1;
    return character;
  }

  #fail(message: string): never {
    throw new RegexSyntaxError(message);
  }
}
