import { InTotoError } from '../errors.js';

/** Counts work, so that hostile patterns over hostile paths end early. */
export class WorkBudget {
  #left: number;

  /** Allow so many steps. */
  constructor(steps: number) {
    this.#left = steps;
  }

  /** Take steps, or throw. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw new InTotoError('INTOTO_LIMIT_EXCEEDED', 'matching rules against artifacts takes too many steps');
  }
}

/** A pattern of an artifact rule, ready to be used. */
export interface Glob {
  /** The one path that matches, where the pattern has no wildcards. */
  readonly literal: string | undefined;
  /** Whether a whole path matches. Never more steps than pattern length times path length. */
  matches(path: string, budget: WorkBudget): boolean;
}

type Token = 'star' | ((point: number) => boolean);

/**
 * Compile a shell pattern: `*` and `?` also cross `/`; classes such as `[a-z]` negate with `!` only; a backslash takes the next
 * character as it is.
 *
 * @throws {@link InTotoError} `LAYOUT_BAD_RULE` for a pattern that shells and libraries read differently.
 */
export function compileGlob(pattern: string): Glob {
  if (pattern.length > MAX_PATTERN) throw refusal(`are at most ${MAX_PATTERN} characters`);
  const points = Array.from(pattern, (character) => character.codePointAt(0) ?? 0);
  const tokens: Token[] = [];
  let literal: string | undefined = '';
  for (let at = 0; at < points.length;) {
    const point = points[at] ?? 0;
    if (point === OPEN) {
      const { test, next } = classAt(points, at + 1);
      tokens.push(test);
      literal = undefined;
      at = next;
    } else if (point === STAR || point === QUESTION) {
      if (point === QUESTION) tokens.push(() => true);
      else if (tokens.at(-1) !== 'star') tokens.push('star');
      literal = undefined;
      at += 1;
    } else {
      const { point: plain, next } = plainAt(points, at);
      tokens.push((other) => other === plain);
      if (literal !== undefined) literal += String.fromCodePoint(plain);
      at = next;
    }
  }
  return { literal, matches: (path, budget) => run(tokens, path, budget) };
}

/** Only the last star is ever taken back: what an earlier one could take, a later one can too. */
function run(tokens: readonly Token[], path: string, budget: WorkBudget): boolean {
  if (tokens.length === 1 && tokens[0] === 'star') return true;
  const points = Array.from(path, (character) => character.codePointAt(0) ?? 0);
  budget.spend(points.length + 1);
  let [at, token, star, resume] = [0, 0, -1, 0];
  while (at < points.length) {
    budget.spend(1);
    const current = tokens[token];
    if (current === 'star') {
      star = token;
      resume = at;
      token += 1;
    } else if (current?.(points[at] ?? 0) === true) {
      at += 1;
      token += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      token = star + 1;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === 'star');
}

function classAt(
  points: readonly number[],
  from: number,
): { test: (point: number) => boolean; next: number } {
  const negated = points[from] === BANG;
  const ranges: { low: number; high: number }[] = [];
  let at = negated ? from + 1 : from;
  while (points[at] !== CLOSE || ranges.length === 0) {
    const low = classMember(points, at);
    let high = low;
    if (points[low.next] === DASH) high = classMember(points, low.next + 1);
    if (low.point > high.point) throw refusal('a range of characters runs upwards');
    ranges.push({ low: low.point, high: high.point });
    at = high.next;
  }
  const test = (point: number): boolean =>
    ranges.some(({ low, high }) => low <= point && point <= high) !== negated;
  return { test, next: at + 1 };
}

function classMember(points: readonly number[], at: number): { point: number; next: number } {
  const point = points[at];
  if (point === undefined || point === DASH || point === CLOSE)
    throw refusal('a class of characters is not closed, empty, or holds a bare "-" or "]"');
  return plainAt(points, at);
}

function plainAt(points: readonly number[], at: number): { point: number; next: number } {
  const escaped = points[at] === BACKSLASH;
  const point = points[escaped ? at + 1 : at];
  if (point === undefined) throw refusal('a backslash stands before a character');
  return { point, next: escaped ? at + 2 : at + 1 };
}

function refusal(message: string): InTotoError {
  return new InTotoError('LAYOUT_BAD_RULE', `in a pattern ${message}`);
}

/** As long as a path may be on most systems. */
const MAX_PATTERN = 4096;
const [STAR, QUESTION, OPEN, CLOSE, BANG, DASH, BACKSLASH] = [0x2a, 0x3f, 0x5b, 0x5d, 0x21, 0x2d, 0x5c];
