/**
 * What `WWW-Authenticate` says (RFC 9110, section 11.6.1).
 *
 * @module
 */

/** One way to authenticate. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By their names in lower case; of two of one name the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * Take challenges apart. A registry may give several, in one header or in more, which `fetch` joins by commas; values are quoted or bare.
 * What comes after something else is passed over.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name = '', quoted, bare] of header.slice(0, MAX_HEADER).matchAll(PIECE)) {
    const value = quoted?.replaceAll(ESCAPED, '$1') ?? bare;
    const parameters = challenges.at(-1)?.parameters;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else if (parameters?.has(name.toLowerCase()) === false) parameters.set(name.toLowerCase(), value);
  }
  return challenges;
}

const MAX_HEADER = 4096;
/** A token, which is a scheme, unless a value follows; with a slash, a part of what some schemes have in place of parameters. */
const PIECE = /[\s,]*([\w!#$%&'*+.^`|~/-]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/gy;
const ESCAPED = /\\(.)/g;
