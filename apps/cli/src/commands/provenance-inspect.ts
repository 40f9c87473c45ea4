import { parseStatement, type ResourceDescriptor } from '@sealwright/in-toto';
import { parseProvenance, type ProvenanceView } from '@sealwright/slsa';
import type { Command } from 'commander';
import { type FoundStatement, statementsIn } from '../attestations.js';
import { command, print, table } from '../command.js';
import { about } from '../failure.js';
import type { Io } from '../io.js';

/** `provenance inspect`: what provenance says, whichever version says it. */
export function provenanceInspect(io: Io): Command {
  return command('inspect <file>', 'Show what SLSA provenance says, of any version. Nothing is verified.', [
    'sealwright provenance inspect app.tgz.intoto.jsonl',
    'cosign download attestation registry.example.com/shop/checkout:1.0 | sealwright provenance inspect --json -',
  ]).action(async (file: string, options: { readonly json?: boolean }) => {
    const bytes = await io.readFile(file);
    const shown = await about(file, () =>
      statementsIn(bytes).map((found) => {
        const statement = parseStatement(found.bytes, { mode: 'tolerant' });
        return { found, statement, view: parseProvenance(statement) };
      }),
    );
    const documents = shown.map(({ found, statement, view }) => ({
      form: found.form,
      signatures: found.envelope?.signatures.length ?? 0,
      predicateType: statement.predicateType,
      subject: statement.subject,
      provenance: view,
    }));
    print(
      io,
      options.json,
      { statements: documents },
      shown
        .map(({ found, statement, view }) =>
          table([
            ['predicate', statement.predicateType],
            ...many('subject', statement.subject),
            ...rowsOf(view),
            ['signatures', signaturesOf(found)],
          ]),
        )
        .join('\n'),
    );
  });
}

function rowsOf(view: ProvenanceView): readonly (readonly [string, string])[] {
  const { configSource, completeness, reproducible } = view;
  const optional = (name: string, value: string | undefined): [string, string][] =>
    value === undefined ? [] : [[name, value]];
  return [
    ['builder', view.builderId],
    ['build type', view.buildType ?? 'none'],
    ...optional('config source', configSource?.uri),
    ...Object.entries(configSource?.digest ?? {}).map(([name, value]): [string, string] => [
      '',
      `${name}:${value}`,
    ]),
    ...optional('entry point', configSource?.entryPoint),
    ...Object.entries(view.external).map(([name, value]): [string, string] => [
      `external ${name}`,
      short(value),
    ]),
    ...Object.entries(view.internal).map(([name, value]): [string, string] => [
      `internal ${name}`,
      short(value),
    ]),
    ...many('dependency', view.dependencies),
    ...many('byproduct', view.byproducts),
    ...optional('invocation', view.invocationId),
    ...optional('started', view.startedOn),
    ...optional('finished', view.finishedOn),
    ...optional('complete', completeness && JSON.stringify(completeness)),
    ...optional('reproducible', reproducible === undefined ? undefined : `${reproducible}`),
    ...view.warnings.map(({ code, pointer }): [string, string] => ['warning', `${code} ${pointer}`]),
  ];
}

/** The first of them, and how many there are. */
function many(name: string, all: readonly ResourceDescriptor[]): readonly (readonly [string, string])[] {
  const rows = all.slice(0, MOST).map(({ name: called, uri, digest }): [string, string] => {
    const digests = Object.entries(digest ?? {}).map(([algorithm, value]) => `${algorithm}:${value}`);
    return [name, [uri ?? called ?? '', ...digests].filter((part) => part !== '').join(' ')];
  });
  return all.length > MOST ? [...rows, [name, `and ${all.length - MOST} more: --json has them`]] : rows;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters: --json has them)` : text;
}

function signaturesOf({ envelope }: FoundStatement): string {
  return envelope === undefined ? 'none' : `${envelope.signatures.length}, not verified`;
}

const MOST = 20;
