/**
 * A module of CUE that asks whether a document unifies with policies.
 *
 * @module
 */
import { CommandError } from '../failure.js';

/** A policy in CUE. */
export interface CuePolicy {
  /** Its name, for messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * The files of the module, by path. Its `verdict` is `true` or an error: it calls the function that cosign calls. All policies are one
 * package, as they are for cosign, in the folder `policy`; `document.json` is beside it, to be told what is wrong with it.
 *
 * @param policies - at least one
 * @param document - JSON
 * @param language - the version of the language, such as `v0.16.0`
 * @throws {@link CommandError} `ERR_CLI_CUE` for policies of different packages, and for attributes that would leave a file out.
 */
export function cueModule(
  policies: readonly CuePolicy[],
  document: string,
  language: string,
): Readonly<Record<string, string>> {
  const read = policies.map((policy) => ({ policy, ...headOf(policy) }));
  const names = new Set(read.flatMap(({ name }) => (name === undefined || name === '_' ? [] : [name])));
  if (names.size > 1) throw refuse(`policies are of different packages: ${[...names].join(', ')}`);
  const inOne = read.map(({ policy: { text }, from, to }, index): [string, string] => {
    const before = from === text.length ? '\n' : ''; // a comment may be the last line
    const clause = from === to ? `${before}package policy, ` : 'package policy';
    return [policyPath(index), text.slice(0, from) + clause + text.slice(to)];
  });
  return {
    'cue.mod/module.cue': `module: "judge.invalid"\nlanguage: version: "${language}"\n`,
    'judge.cue': [
      'package judge',
      'import "encoding/json"',
      'import "judge.invalid/policy"',
      `verdict: json.Validate(${JSON.stringify(document)}, policy)`,
      '',
    ].join('\n'),
    'document.json': document,
    ...Object.fromEntries(inOne),
  };
}

/** Where the module has a policy. */
export function policyPath(index: number): string {
  return `policy/${index + 1}.cue`;
}

interface Head {
  /** The package; `undefined` where the file names none. */
  readonly name: string | undefined;
  /** Where the clause that names it begins, or would. */
  readonly from: number;
  readonly to: number;
}

/** What stands before the first declaration: comments, attributes, and the name of the package. */
function headOf({ file, text }: CuePolicy): Head {
  let from = match(SPACE, text, 0)?.end ?? 0;
  for (let skipped = match(EXPERIMENT, text, from); skipped !== undefined;) {
    from = match(SPACE, text, skipped.end)?.end ?? skipped.end;
    skipped = match(EXPERIMENT, text, from);
  }
  if (text.startsWith('@', from))
    throw refuse(`${file}: a policy may not have other attributes than @experiment before its package`);
  const clause = match(CLAUSE, text, from);
  return { name: clause?.found, from, to: clause?.end ?? from };
}

function match(pattern: RegExp, text: string, at: number): { found: string; end: number } | undefined {
  pattern.lastIndex = at;
  const [all, found = ''] = pattern.exec(text) ?? [];
  return all === undefined ? undefined : { found, end: at + all.length };
}

function refuse(message: string): CommandError {
  return new CommandError(message, 'ERR_CLI_CUE', 1);
}

const SPACE = /(?:[ \t\r\n,\uFEFF]|\/\/[^\n]*)*/y;
const EXPERIMENT = /@experiment\([\w, =]*\)/y;
const CLAUSE = /package[ \t]+([\p{L}_$#][\p{L}\p{N}_$#]*)(?![ \t]*[:?!])/uy;
