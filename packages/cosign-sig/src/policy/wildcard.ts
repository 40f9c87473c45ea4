/**
 * Patterns of names, matched in time that grows with the product of the lengths at worst.
 *
 * @module
 */
import { CosignError } from '../errors.js';

/**
 * Kyverno's wildcards: `*` is any run of characters, `?` any one of them, over the whole text.
 *
 * @param pattern - at most 4096 characters
 * @param text - at most 4096 characters
 * @throws {@link CosignError} `ERR_COSIGN_LIMIT`.
 */
export function matchWildcard(pattern: string, text: string): boolean {
  const tokens = Array.from(bounded(pattern), (character): PatternToken => {
    if (character === '*') return ANY;
    return character === '?' ? ONE : character;
  });
  return matchTokens(tokens, bounded(text));
}

/** Any run of characters. */
export const ANY: unique symbol = Symbol('any');
/** Any run of characters but slashes. */
export const ANY_IN_COMPONENT: unique symbol = Symbol('any in component');
/** Any one character. */
export const ONE: unique symbol = Symbol('one');
/** A character, or a place that several fit into. */
export type PatternToken = string | typeof ANY | typeof ANY_IN_COMPONENT | typeof ONE;

/** Whether the whole text fits: which prefixes of the pattern fit so far is kept, so that nothing is tried twice. */
export function matchTokens(tokens: readonly PatternToken[], text: string): boolean {
  let reached = closure(new Set([0]), tokens);
  for (const character of text) {
    const next = new Set<number>();
    for (const index of reached) {
      const token = tokens[index];
      if (token === ANY || (token === ANY_IN_COMPONENT && character !== '/')) next.add(index);
      else if (token === ONE || token === character) next.add(index + 1);
    }
    reached = closure(next, tokens);
    if (reached.size === 0) return false;
  }
  return reached.has(tokens.length);
}

/** What a text may not be longer than to be matched. */
export function bounded(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  throw new CosignError('ERR_COSIGN_LIMIT', `a name or pattern has at most ${MAX_TEXT} characters`);
}

/** A run may be empty. */
function closure(reached: Set<number>, tokens: readonly PatternToken[]): Set<number> {
  for (const index of reached) {
    const token = tokens[index];
    if (token === ANY || token === ANY_IN_COMPONENT) reached.add(index + 1); // visited by this loop too
  }
  return reached;
}

const MAX_TEXT = 4096;
