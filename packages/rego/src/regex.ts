/**
 * Regular expressions of the RE2 family, matched in time linear in the text: no look-around, no back references.
 *
 * @packageDocumentation
 */
import { Automaton } from './regex/automaton.js';
import { programOf } from './regex/program.js';
import { PatternParser } from './regex/syntax.js';
import { firstMatch, type RegexMatch } from './regex/threads.js';

export { RegexSyntaxError } from './regex/syntax.js';
export type { RegexMatch } from './regex/threads.js';

/** A compiled pattern. */
export interface Regex {
  /** How many groups there are, without the whole. */
  readonly groups: number;
  /**
   * The first match from a position on.
   *
   * @param text - any length
   * @param from - where to begin
   */
  match(text: string, from: number): RegexMatch | undefined;
  /**
   * Whether there is a match anywhere, which is quicker to know than where.
   *
   * @param text - any length
   */
  test(text: string): boolean;
}

/**
 * Compile a pattern.
 *
 * @param pattern - in the syntax of RE2
 * @throws {@link RegexSyntaxError}
 *
 * @example
 * ```ts
 * console.log(compileRegex('^(a+)+$').test('a'.repeat(10_000) + '!')); // false, in linear time
 * ```
 */
export function compileRegex(pattern: string): Regex {
  const parser = new PatternParser(pattern);
  const node = parser.parse();
  const program = programOf(node);
  const automaton = new Automaton(program);
  return {
    groups: parser.groups,
    match: (text, from) => firstMatch(program, (parser.groups + 1) * 2, text, from),
    test: (text) => automaton.test(text),
  };
}
