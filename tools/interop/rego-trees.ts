import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJsonText, preparePolicy, RegoObject, type Value } from '../../packages/rego/src/index.js';
import { PARSE_MODULE } from '../../packages/rego/src/parse-module/index.js';
import { equal, toText } from '../../packages/rego/src/values.js';
import { runOpa } from './opa.js';

/** What a comparison of syntax trees found. */
export interface Trees {
  /** How many modules both read. */
  readonly total: number;
  /** How many both refuse. */
  readonly refused: number;
  /** What one refuses, or reads in another way: the module, their tree, ours. */
  readonly misses: readonly (readonly [string, string, string])[];
}

/** Compare `rego.parse_module` of the program with ours. */
export async function compareTrees(
  program: string,
  folder: string,
  modules: readonly string[],
): Promise<Trees> {
  const input = join(folder, 'modules.json');
  await writeFile(input, JSON.stringify(modules));
  const { stdout } = await runOpa(program, ['eval', '-i', input, '-f', 'raw', QUERY]);
  const theirs = parseJsonText(stdout);
  const policy = preparePolicy([], { functions: PARSE_MODULE });
  const misses: (readonly [string, string, string])[] = [];
  let refused = 0;
  for (const [index, text] of modules.entries()) {
    const wanted = theirs instanceof RegoObject ? theirs.get(String(index)) : undefined;
    const found = policy.value('rego.parse_module("m.rego", input)', { input: text, strict: false });
    if (wanted === undefined && found === undefined) refused += 1;
    else if (wanted === undefined || found === undefined || !equal(wanted, parseJsonText(toText(found))))
      misses.push([text, shown(wanted), shown(found)]);
  }
  return { total: modules.length - refused, refused, misses };
}

function shown(tree: Value | undefined): string {
  return tree === undefined ? 'nothing' : toText(tree);
}

const QUERY = '{sprintf("%d", [i]): tree | some i, text in input; tree := rego.parse_module("m.rego", text)}';
