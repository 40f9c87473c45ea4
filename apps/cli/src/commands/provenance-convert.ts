import { encodeStatement, parseStatement, type Statement } from '@sealwright/in-toto';
import { narrow, provenanceV01, provenanceV02 } from '@sealwright/in-toto/predicates';
import { decodeUtf8 } from '@sealwright/bytes';
import { convertV01ToV02, convertV02ToV1, PROVENANCE_V02, PROVENANCE_V1 } from '@sealwright/slsa';
import { type Command, Option } from 'commander';
import { statementsIn } from '../attestations.js';
import { command } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';

interface ConvertFlags {
  readonly to: 'v0.2' | 'v1';
  readonly buildType?: string;
  readonly sourceParameter?: string;
  readonly entryPointParameter?: string;
  readonly json?: boolean;
}

/** `provenance convert`: old provenance as newer, with the list of what is lost. */
export function provenanceConvert(io: Io): Command {
  return command(
    'convert <file>',
    'Rewrite old SLSA provenance in a newer version. The result is unsigned.',
    [
      'sealwright provenance convert --build-type https://ci.example.com/make/v1 old.intoto.json > new.json',
      'sealwright provenance convert --to v0.2 --json older.json',
    ],
  )
    .addOption(new Option('--to <version>', 'of provenance').choices(['v0.2', 'v1']).default('v1'))
    .option('--build-type <uri>', 'of the result in version 1, where a build type means something else')
    .option('--source-parameter <name>', 'what to call the parameter that holds the config source')
    .option('--entry-point-parameter <name>', 'what to call the parameter that holds the entry point')
    .action(async (file: string, options: ConvertFlags) => {
      if (options.to === 'v1' && options.buildType === undefined)
        throw new CommandError(
          '--build-type is needed: in version 1 a build type means something else, so it has another name',
        );
      const bytes = await io.readFile(file);
      const [found, ...more] = await about(file, () => statementsIn(bytes));
      if (found === undefined || more.length > 0)
        throw new CommandError(`${file}: give one statement at a time`, 'ERR_CLI_NO_STATEMENT', EXIT_FAILURE);
      const { statement, predicateType, predicate, lost } = await about(file, () =>
        converted(parseStatement(found.bytes, { mode: 'tolerant' }), options),
      );
      const text = decodeUtf8(encodeStatement({ ...statement, predicateType, predicate }));
      if (options.json === true)
        io.out(`${JSON.stringify({ statement: JSON.parse(text) as unknown, lost }, null, 2)}\n`);
      else io.out(`${text}\n`);
      if (options.json !== true) for (const pointer of lost) io.err(`lost: ${printable(pointer)}\n`);
    });
}

interface Rewritten {
  readonly statement: Statement;
  readonly predicateType: string;
  readonly predicate: object;
  readonly lost: readonly string[];
}

function converted(statement: Statement, options: ConvertFlags): Rewritten {
  const read = narrow(statement, [provenanceV01, provenanceV02], { mode: 'tolerant' });
  const isV02 = read.predicateType === PROVENANCE_V02;
  if (isV02 && options.to === 'v0.2')
    throw new CommandError('it is version 0.2 already', 'ERR_CLI_CONVERT', EXIT_FAILURE);
  const first = isV02 ? { value: read.predicate, lost: [] } : convertV01ToV02(read.predicate);
  if (options.to === 'v0.2')
    return { statement, predicateType: PROVENANCE_V02, predicate: first.value, lost: first.lost };
  const { buildType = '', sourceParameter, entryPointParameter } = options;
  const names = {
    ...(sourceParameter === undefined ? {} : { source: sourceParameter }),
    ...(entryPointParameter === undefined ? {} : { entryPoint: entryPointParameter }),
  };
  const second = convertV02ToV1(first.value, { buildType, names });
  return {
    statement: { ...statement, version: 'v1' },
    predicateType: PROVENANCE_V1,
    predicate: second.value,
    lost: [...first.lost, ...second.lost],
  };
}
