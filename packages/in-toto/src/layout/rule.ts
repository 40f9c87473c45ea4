import { InTotoError } from '../errors.js';
import { compileGlob } from './glob.js';
import { cleanPath } from './path.js';

/** A rule about one path or pattern. */
export interface PatternRule {
  /** What it does to the artifacts that match. */
  readonly type: 'CREATE' | 'DELETE' | 'MODIFY' | 'ALLOW' | 'DISALLOW' | 'REQUIRE';
  /** A shell pattern; the exact path for `REQUIRE`. */
  readonly pattern: string;
}

/** A rule that ties artifacts to those of another step. */
export interface MatchRule {
  /** Always `MATCH`. */
  readonly type: 'MATCH';
  /** A shell pattern over the path below the source prefix. */
  readonly pattern: string;
  /** The folder of the artifacts here; empty for none. Artifacts outside of it do not match. */
  readonly sourcePrefix: string;
  /** Which artifacts of the other step. */
  readonly with: 'MATERIALS' | 'PRODUCTS';
  /** The folder of the artifacts there; empty for none. */
  readonly destinationPrefix: string;
  /** The other step. */
  readonly from: string;
}

/** One artifact rule of a layout. */
export type ArtifactRule = PatternRule | MatchRule;

/**
 * Read an artifact rule. Keywords fold case.
 *
 * @param words - such as `['ALLOW', '*.py']`
 * @param pointer - where it stands, for the error
 * @throws {@link InTotoError} `LAYOUT_BAD_RULE`
 */
export function parseRule(words: readonly string[], pointer?: string): ArtifactRule {
  try {
    const rule = ruleOf(words);
    if (rule.type !== 'REQUIRE') compileGlob(cleanPath(rule.pattern));
    return rule;
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    throw new InTotoError('LAYOUT_BAD_RULE', error.message, { pointer, cause: error });
  }
}

/**
 * Write an artifact rule as the words of a layout.
 *
 * @param rule - what to write
 */
export function encodeRule(rule: ArtifactRule): string[] {
  if (rule.type !== 'MATCH') return [rule.type, rule.pattern];
  const source = rule.sourcePrefix === '' ? [] : ['IN', rule.sourcePrefix];
  const destination = rule.destinationPrefix === '' ? [] : ['IN', rule.destinationPrefix];
  return ['MATCH', rule.pattern, ...source, 'WITH', rule.with, ...destination, 'FROM', rule.from];
}

function ruleOf(words: readonly string[]): ArtifactRule {
  const [keyword = '', pattern = '', ...rest] = words;
  const type = keyword.toUpperCase();
  if (type === 'MATCH') return matchRule(pattern, rest);
  if (!isPatternType(type) || words.length !== 2)
    throw new InTotoError('LAYOUT_BAD_RULE', 'an artifact rule is a keyword and a pattern, or a MATCH rule');
  return { type, pattern };
}

function matchRule(pattern: string, rest: readonly string[]): MatchRule {
  const words = [...rest];
  const sourcePrefix = prefix(words);
  expectWord(words, 'WITH');
  const side = words.shift()?.toUpperCase();
  if (side !== 'MATERIALS' && side !== 'PRODUCTS') throw badMatch();
  const destinationPrefix = prefix(words);
  expectWord(words, 'FROM');
  const from = words.shift();
  if (from === undefined || words.length > 0) throw badMatch();
  return { type: 'MATCH', pattern, sourcePrefix, with: side, destinationPrefix, from };
}

function prefix(words: string[]): string {
  if (words[0]?.toUpperCase() !== 'IN') return '';
  const [, value] = words.splice(0, 2);
  if (value === undefined) throw badMatch();
  return value;
}

function expectWord(words: string[], keyword: string): void {
  if (words.shift()?.toUpperCase() !== keyword) throw badMatch();
}

function badMatch(): InTotoError {
  return new InTotoError(
    'LAYOUT_BAD_RULE',
    'a match rule is MATCH pattern [IN prefix] WITH (MATERIALS|PRODUCTS) [IN prefix] FROM step',
  );
}

function isPatternType(type: string): type is PatternRule['type'] {
  return PATTERN_TYPES.has(type);
}

const PATTERN_TYPES: ReadonlySet<string> = new Set([
  'CREATE',
  'DELETE',
  'MODIFY',
  'ALLOW',
  'DISALLOW',
  'REQUIRE',
]);
