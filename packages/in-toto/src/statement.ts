import { type Bytes, copyBytes, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import type { Subject } from './descriptor.js';
import { InTotoError } from './errors.js';
import type { Finding, ReadMode } from './finding.js';
import { checkNames, findMember, type Member, memberNames } from './members.js';
import { Report } from './report.js';
import { STATEMENT_LIMITS, statementJson, type StatementLimits } from './statement-json.js';
import { subjectsOf } from './statement-subject.js';
import { checkUri } from './uri.js';
import type { VerifiedPayload } from './verify.js';

/** `_type` of version 1. */
export const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';

/** `_type` of version 0.1. */
export const STATEMENT_V01 = 'https://in-toto.io/Statement/v0.1';

/** A statement. Parsed is not verified: only what came from a {@link VerifiedPayload} was signed. */
export interface Statement<T extends string = string, P = Readonly<JsonObject>> {
  /** Version of the statement, not of its predicate. */
  readonly version: 'v1' | 'v0.1';
  /** What it is about; at least one. */
  readonly subject: readonly Subject[];
  /** What kind of thing it says. */
  readonly predicateType: T;
  /** What it says; `{}` when it was missing or null. */
  readonly predicate: P;
  /** The predicate where it is text and that was allowed; `predicate` is `{}` then. */
  readonly predicateText?: string;
  /** What is odd about it and yet no reason to refuse it. */
  readonly warnings: readonly Finding[];
  /** The bytes it was read from, or was written as. */
  readonly bytes: Bytes;
}

/** A statement that was read from a verified payload, which only {@link verifyEnvelope} makes. Policies should ask for it. */
export interface VerifiedStatement<T extends string = string, P = Readonly<JsonObject>> extends Statement<
  T,
  P
> {
  /** Where it was read from: the bytes, and the keys that signed them. */
  readonly verified: VerifiedPayload;
}

/** What {@link createStatement} takes. */
export interface StatementInput {
  /** Default `v1`. */
  readonly version?: 'v1' | 'v0.1';
  /** At least one. */
  readonly subject: readonly Subject[];
  /** A URI. */
  readonly predicateType: string;
  /** Any object that JSON can hold. */
  readonly predicate: object;
}

/** How to read a statement. */
export interface StatementOptions {
  /** Default `strict`. */
  readonly mode?: ReadMode;
  /** Whether `type`, `predicate_type` and other names of protobuf fields count for the members that are missing. Default `false`. */
  readonly acceptMisspelt?: boolean;
  /** Whether text may stand for a predicate, as some tools write SPDX documents. Default `false`. */
  readonly allowStringPredicate?: boolean;
  /** Caps other than {@link STATEMENT_LIMITS}. */
  readonly limits?: Partial<StatementLimits>;
}

/**
 * Read the statement of a verified payload. Unknown members are ignored, as the framework wants it. All faults are found at once and
 * are the `findings` of the error.
 *
 * @param input - what {@link verifyEnvelope} gave
 * @param options - strictness and caps
 * @throws {@link InTotoError}
 */
export function parseStatement(input: VerifiedPayload, options?: StatementOptions): VerifiedStatement;
/**
 * Read a statement that nobody verified, for display.
 *
 * @param input - bytes or text; or what {@link verifyEnvelope} gave
 * @param options - strictness and caps
 * @throws {@link InTotoError}
 */
export function parseStatement(
  input: VerifiedPayload | Uint8Array | string,
  options?: StatementOptions,
): Statement;
export function parseStatement(
  input: VerifiedPayload | Uint8Array | string,
  options: StatementOptions = {},
): Statement {
  if (typeof input === 'string') return statementFrom(encodeUtf8(input), options);
  if (input instanceof Uint8Array) return statementFrom(copyBytes(input), options);
  const statement: VerifiedStatement = { ...statementFrom(input.payload, options), verified: input };
  return statement;
}

/**
 * Make a statement and the bytes to sign, checked more strictly than a reader would: also capitals in digests and misspelt
 * algorithms are refused.
 *
 * @param input - what it says
 * @throws {@link InTotoError}
 *
 * @example
 * ```ts
 * const made = createStatement({ subject, predicateType: 'https://example.com/checked/v1', predicate: { by: 'ada' } });
 * console.log(parseStatement(made.bytes).subject[0]?.name); // app.tgz
 * ```
 */
export function createStatement(input: StatementInput): Statement {
  const statement = parseStatement(encodeStatement(input));
  const findings = statement.warnings.map((finding): Finding =>
    NOT_WRITTEN.has(finding.code) ? { ...finding, severity: 'error' } : finding,
  );
  const fault = findings.find(({ severity }) => severity === 'error');
  if (fault === undefined) return statement;
  throw new InTotoError(fault.code, fault.message, { pointer: fault.pointer, findings });
}

/**
 * Write a statement: compact JSON, members in the order of the specification.
 *
 * @param statement - what to write
 */
export function encodeStatement(statement: StatementInput): Bytes {
  const _type = (statement.version ?? 'v1') === 'v1' ? STATEMENT_V1 : STATEMENT_V01;
  const { subject, predicateType, predicate } = statement;
  return encodeUtf8(JSON.stringify({ _type, subject, predicateType, predicate }));
}

function statementFrom(bytes: Bytes, options: StatementOptions): Statement {
  const limits = { ...STATEMENT_LIMITS, ...options.limits };
  const report = new Report(options.mode);
  const object = statementJson(bytes, limits);
  checkNames(object, '', NAMES, report);
  const misspelt = options.acceptMisspelt === true ? NAMES.misspelt : {};
  const member = (name: string): Member | undefined => findMember(object, '', name, misspelt);
  const version = versionOf(member('_type'), report);
  const acceptMisspelt = options.acceptMisspelt === true;
  const subject = subjectsOf(member('subject'), version, report, { ...limits, acceptMisspelt });
  const predicateType = text(member('predicateType'), '/predicateType', report);
  if (predicateType !== '') checkUri(predicateType, member('predicateType')?.pointer ?? '', report);
  const said = predicateOf(member('predicate'), options.allowStringPredicate === true, report);
  return { version, subject, predicateType, ...said, warnings: report.settle(), bytes };
}

function versionOf(member: Member | undefined, report: Report): 'v1' | 'v0.1' {
  const type = text(member, '/_type', report);
  if (type === STATEMENT_V01) return 'v0.1';
  if (type !== '' && type !== STATEMENT_V1) {
    const message = `_type is ${STATEMENT_V1} or ${STATEMENT_V01}`;
    report.error('INTOTO_UNSUPPORTED_STATEMENT_TYPE', member?.pointer ?? '', message);
  }
  return 'v1';
}

function predicateOf(
  member: Member | undefined,
  allowText: boolean,
  report: Report,
): Pick<Statement, 'predicate' | 'predicateText'> {
  if (member === undefined) return { predicate: {} };
  if (isJsonObject(member.value)) return { predicate: member.value };
  if (allowText && typeof member.value === 'string') return { predicate: {}, predicateText: member.value };
  report.error('INTOTO_WRONG_TYPE', member.pointer, 'predicate is an object');
  return { predicate: {} };
}

/** The text of a member that must say something; empty after a fault. */
function text(member: Member | undefined, pointer: string, report: Report): string {
  if (member === undefined || member.value === '') {
    report.error('INTOTO_MISSING_FIELD', pointer, 'this member is missing or empty');
  } else if (typeof member.value === 'string') return member.value;
  else report.error('INTOTO_WRONG_TYPE', member.pointer, 'this member is text');
  return '';
}

const NAMES = memberNames(['_type', 'subject', 'predicateType', 'predicate'], {
  type: '_type',
  predicate_type: 'predicateType',
});
const NOT_WRITTEN: ReadonlySet<string> = new Set(['INTOTO_DIGEST_NOT_LOWERCASE', 'INTOTO_UNKNOWN_ALGORITHM']);
