import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { formatPolicy } from '@sealwright/rego/format';
import type { Command } from 'commander';
import { command } from '../command.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { jsonText } from '../policy/json-text.js';
import { lineDiff } from '../policy/line-diff.js';
import { refuse } from '../policy/opa-flags.js';

interface FmtFlags {
  readonly write?: boolean;
  readonly list?: boolean;
  readonly diff?: boolean;
  readonly fail?: boolean;
  readonly dropV0Imports?: boolean;
  readonly v0Compatible?: boolean;
  readonly json?: boolean;
}

/** `policy fmt`: the one way to write a policy. */
export function policyFmt(io: Io): Command {
  const made = command(
    'fmt [path...]',
    'Format policies, as `opa fmt` does; without a path, standard input.',
    [
      'sealwright policy fmt policy.rego',
      'sealwright policy fmt -w policies/',
      'sealwright policy fmt --list --fail policies/',
    ],
  )
    .option('-w, --write', 'write the files instead of printing them')
    .option('-l, --list', 'name the files that would change')
    .option('-d, --diff', 'show what would change')
    .option('--fail', 'exit with 1 when a file changes')
    .option('--drop-v0-imports', 'leave out imports of rego.v1 and of keywords that v1 has')
    .option('--check-result', 'taken, and without effect: what is formatted is always a policy')
    .option('--v0-compatible', 'modules that do not say are of Rego v0')
    .action(async (paths: readonly string[], flags: FmtFlags) => format(io, paths, flags));
  return refuse(made, ['--v0-v1', '--capabilities <file>']);
}

async function format(io: Io, paths: readonly string[], flags: FmtFlags): Promise<void> {
  const found = await Promise.all((paths.length === 0 ? ['-'] : paths).map((path) => io.listFiles(path)));
  const files = found.flatMap((list) =>
    list.length === 1 ? list : list.filter((file) => file.endsWith('.rego')),
  );
  const changed: string[] = [];
  for (const file of files) {
    const before = decodeUtf8(await io.readFile(file));
    const after = formatPolicy(before, {
      file,
      version: flags.v0Compatible === true ? 'v0' : 'v1',
      dropKeywordImports: flags.dropV0Imports === true,
    });
    if (after !== before) changed.push(file);
    if (flags.list === true || flags.json === true) continue;
    if (flags.diff === true) io.out(after === before ? '' : lineDiff(file, before, after));
    else if (flags.write === true && file !== '-') {
      if (after !== before) await io.writeFiles([{ path: file, bytes: encodeUtf8(after), mode: 0o644 }]);
    } else io.out(after);
  }
  if (flags.json === true) io.out(`${jsonText({ files, changed }, 2)}\n`);
  else if (flags.list === true) io.out(changed.map((file) => `${file}\n`).join(''));
  if (flags.fail === true && changed.length > 0)
    throw new CommandError(`not formatted: ${changed.join(', ')}`, 'ERR_CLI_FORMAT', EXIT_FAILURE);
}
