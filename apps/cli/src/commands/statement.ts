import { InTotoError, type Finding, parseStatement, type Statement } from '@sealwright/in-toto';
import * as predicates from '@sealwright/in-toto/predicates';
import type { Command } from 'commander';
import { type FoundStatement, statementsIn } from '../attestations.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';

interface LintFlags {
  readonly tolerant?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

interface Linted {
  readonly file: string;
  readonly line?: number;
  readonly form: FoundStatement['form'];
  readonly predicateType?: string;
  /** Whether the predicate's own members were looked at. */
  readonly isPredicateKnown: boolean;
  readonly findings: readonly Found[];
}

/** A finding; also of what is no statement at all. */
type Found = Omit<Finding, 'code'> & { readonly code: string };

/** `statement lint`: everything that is wrong or odd about statements. */
export function statementLint(io: Io): Command {
  return command(
    'lint <file...>',
    'Find what is wrong with in-toto statements: bare, in envelopes or bundles, one or one a line.',
    [
      'sealwright statement lint provenance.json',
      'sealwright statement lint --json attestations.jsonl',
      'cosign download attestation registry.example.com/shop/checkout:1.0 | sealwright statement lint -',
    ],
  )
    .option('--strict', 'a warning is an error too')
    .option(
      '--tolerant',
      'read as a consumer would: what real producers get wrong outside of subjects is a warning',
    )
    .addHelpText('after', 'Signatures are not checked. 1 says that there is an error among the findings.')
    .action(async (files: string[], options: LintFlags) => {
      const linted: Linted[] = [];
      for (const file of files) {
        const bytes = await io.readFile(file);
        const statements = await about(file, () => statementsIn(bytes));
        for (const each of statements) linted.push(lint(file, each, options));
      }
      const severities = linted.flatMap(({ findings }) => findings.map(({ severity }) => severity));
      const errors = severities.filter((severity) => severity === 'error').length;
      const warnings = severities.length - errors;
      print(io, options.json, { statements: linted, errors, warnings }, linted.map(text).join(''));
      if (errors > 0 || (options.strict === true && warnings > 0)) {
        const count = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
        throw new CommandError(
          `${count} in ${linted.length === 1 ? 'the statement' : `${linted.length} statements`}`,
          'ERR_CLI_FINDINGS',
          EXIT_FAILURE,
        );
      }
    });
}

function lint(file: string, found: FoundStatement, options: LintFlags): Linted {
  const mode = options.tolerant === true ? 'tolerant' : 'strict';
  const place = { file, ...(found.line === undefined ? {} : { line: found.line }), form: found.form };
  const { result: statement, findings } = findingsOf(() => parseStatement(found.bytes, { mode }));
  if (statement === undefined) return { ...place, isPredicateKnown: false, findings };
  const { predicateType } = statement;
  const definition = DEFINITIONS.find(({ types }) => types.includes(predicateType));
  if (definition === undefined) return { ...place, predicateType, isPredicateKnown: false, findings };
  const narrowed = findingsOf(() => predicates.narrow(statement, [definition], { mode }));
  const all = narrowed.result === undefined ? [...findings, ...narrowed.findings] : narrowed.findings;
  return { ...place, predicateType, isPredicateKnown: true, findings: all };
}

function findingsOf<T extends Statement<string, unknown>>(
  read: () => T,
): { readonly result?: T; readonly findings: readonly Found[] } {
  try {
    const result = read();
    return { result, findings: result.warnings };
  } catch (error) {
    if (!(error instanceof InTotoError)) throw error;
    const { code, pointer = '', message, findings } = error;
    return { findings: findings.length > 0 ? findings : [{ code, severity: 'error', pointer, message }] };
  }
}

function text({ file, line, form, predicateType, isPredicateKnown, findings }: Linted): string {
  const place = line === undefined ? file : `${file}:${line}`;
  const kind =
    predicateType === undefined
      ? ''
      : `, ${predicateType}${isPredicateKnown ? '' : ' (not a type that is known: only the statement was checked)'}`;
  const head = `${place}: ${form}${kind}: ${findings.length === 0 ? 'nothing found' : ''}`.trimEnd();
  const rows = findings.map(
    ({ severity, code, pointer, message }) =>
      `  ${severity.padEnd(7)}  ${code}  ${printable(pointer === '' ? '(whole)' : pointer)}  ${printable(message)}\n`,
  );
  return `${printable(head)}\n${rows.join('')}`;
}

const DEFINITIONS: readonly predicates.Predicate[] = [
  predicates.provenanceV1,
  predicates.provenanceV02,
  predicates.provenanceV01,
  predicates.vsaV1,
  predicates.vsaV02,
  predicates.vsaV01,
  predicates.link,
  predicates.scai,
  predicates.spdx2,
  predicates.spdx3,
  predicates.cyclonedx,
  predicates.vulnsV01,
  predicates.vulnsV02,
  predicates.testResult,
  predicates.releaseV01,
  predicates.releaseV02,
  predicates.runtimeTrace,
  predicates.reference,
  predicates.svrV01,
  predicates.svrV02,
];
