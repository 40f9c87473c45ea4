import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { ResourceDescriptor, Subject } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '@sealwright/json';
import { createProvenance } from '@sealwright/slsa';
import { formatRun, parseRun, type TektonFormat, type TektonRun } from '@sealwright/slsa/tekton';
import { type Command, Option } from 'commander';
import { collect, digestPair, pairs } from '../collect.js';
import { command } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { type StatementFlags, statementFlags, writeStatement } from '../write-statement.js';

interface MakeFlags extends StatementFlags {
  readonly subject?: readonly Subject[];
  readonly buildType?: string;
  readonly builderId?: string;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly parameters?: string;
  readonly internalParameters?: string;
  readonly dependency?: readonly ResourceDescriptor[];
  readonly invocationId?: string;
  readonly startedOn?: string;
  readonly finishedOn?: string;
  readonly tektonRun?: string;
  readonly taskRun?: readonly string[];
  readonly format: TektonFormat;
}

/** `provenance make`: a statement with provenance 1; or that of a Tekton run, as Chains makes it. */
export function provenanceMake(io: Io): Command {
  const flags = command('make [file...]', 'Make SLSA provenance of files, of digests, or of a Tekton run.', [
    'sealwright provenance make --builder-id https://ci.example.com/ --build-type https://ci.example.com/make/v1 --parameter target=release --dependency git+https://git.example.com/shop@refs/tags/v1#gitCommit:3b18e512dba79e4c8300dd08aeb37f8e728b8dad --invocation-id https://ci.example.com/runs/7 --started-on 2026-01-01T10:00:00Z app.tgz',
    'sealwright provenance make … --key cosign.key --output app.tgz.intoto.json app.tgz',
    'kubectl get taskrun build -o json | sealwright provenance make --tekton-run - --builder-id https://tekton.example.com/',
  ])
    .option('--subject <name=algorithm:hex>', 'a subject without a file, more than once', collect(subjectOf))
    .option('--builder-id <uri>', 'the platform that ran the build')
    .option('--build-type <uri>', 'how to read the parameters')
    .option('--parameter <name=value>', 'an external parameter, more than once', pairs('--parameter'))
    .option('--parameters <file>', 'external parameters, as a JSON object')
    .option('--internal-parameters <file>', 'internal parameters, as a JSON object')
    .option(
      '--dependency <uri#algorithm:hex>',
      'something fetched, such as the source, more than once',
      collect(dependencyOf),
    )
    .option('--invocation-id <id>', 'which run it was: globally unique')
    .option('--started-on <time>', 'RFC 3339 in UTC')
    .option('--finished-on <time>', 'RFC 3339 in UTC; now, without it')
    .option(
      '--tekton-run <file>',
      'a finished TaskRun or PipelineRun as JSON, in place of all but --builder-id',
    )
    .option(
      '--task-run <file>',
      'a TaskRun of the PipelineRun, more than once: what they built is a subject too',
      collect((file) => file),
    )
    .addOption(
      new Option('--format <name>', 'of --tekton-run')
        .choices(['slsa/v1', 'slsa/v2alpha3', 'slsa/v2alpha4', 'in-toto'])
        .default('slsa/v2alpha4'),
    );
  return statementFlags(flags).action(async (files: string[], options: MakeFlags) => {
    const statement =
      options.tektonRun === undefined
        ? await ofFiles(io, files, options)
        : await ofRun(io, options.tektonRun, files, options);
    await writeStatement(io, statement, options);
  });
}

async function ofFiles(io: Io, files: readonly string[], options: MakeFlags): Promise<Uint8Array> {
  const needed = {
    builderId: '--builder-id',
    buildType: '--build-type',
    invocationId: '--invocation-id',
    startedOn: '--started-on',
  } as const;
  const missing = Object.entries(needed).find(([name]) => options[name as keyof typeof needed] === undefined);
  if (missing !== undefined) throw new CommandError(`${missing[1]} is needed`);
  const subject = [...(options.subject ?? [])];
  for (const file of files) {
    const sha256 = encodeHex(digest('sha256', await io.readFile(file)));
    subject.push({ name: file.slice(file.lastIndexOf('/') + 1), digest: { sha256 } });
  }
  if (subject.length === 0) throw new CommandError('give the files that were built, or --subject');
  const external = { ...(await objectIn(io, options.parameters)), ...options.parameter };
  return createProvenance({
    subject,
    builder: { id: options.builderId ?? '' },
    buildType: options.buildType ?? '',
    external,
    ...(options.internalParameters === undefined
      ? {}
      : { internal: await objectIn(io, options.internalParameters) }),
    ...(options.dependency === undefined ? {} : { dependencies: options.dependency }),
    invocationId: options.invocationId ?? '',
    startedOn: options.startedOn ?? '',
    finishedOn: options.finishedOn ?? new Date(io.now()),
  }).bytes;
}

async function ofRun(
  io: Io,
  file: string,
  files: readonly string[],
  options: MakeFlags,
): Promise<Uint8Array> {
  if (files.length > 0)
    throw new CommandError('the run says what was built: give --tekton-run or files, not both');
  if (options.builderId === undefined) throw new CommandError('--builder-id is needed');
  const read = async (path: string): Promise<TektonRun> => {
    const bytes = await io.readFile(path);
    return about(path, () => parseRun(bytes));
  };
  const run = await read(file);
  const taskRuns = await Promise.all((options.taskRun ?? []).map(read));
  const { format, builderId } = options;
  return about(
    file,
    () => formatRun(run, { format, builderId, taskRuns, deepInspection: taskRuns.length > 0 }).payload,
  );
}

async function objectIn(io: Io, file: string | undefined): Promise<JsonObject> {
  if (file === undefined) return {};
  const bytes = await io.readFile(file);
  const value: JsonValue = await about(file, () => parseJson(bytes));
  if (isJsonObject(value)) return value;
  throw new CommandError(`${file}: parameters are a JSON object`, 'ERR_CLI_PARAMETERS', EXIT_FAILURE);
}

function subjectOf(text: string): Subject {
  const at = text.lastIndexOf('=');
  const pair = digestPair(text.slice(at + 1));
  if (at < 1 || pair === undefined)
    throw new CommandError(`--subject is name=algorithm:hex, not ${JSON.stringify(text)}`);
  return { name: text.slice(0, at), digest: Object.fromEntries([pair]) };
}

function dependencyOf(text: string): ResourceDescriptor {
  const at = text.lastIndexOf('#');
  const pair = digestPair(text.slice(at + 1));
  if (at < 1 || pair === undefined)
    throw new CommandError(`--dependency is uri#algorithm:hex, not ${JSON.stringify(text)}`);
  return { uri: text.slice(0, at), digest: Object.fromEntries([pair]) };
}
