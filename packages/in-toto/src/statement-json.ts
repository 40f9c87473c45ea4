import { isJsonObject, JsonError, type JsonErrorCode, type JsonObject, parseJson } from '@sealwright/json';
import { InTotoError, type StatementErrorCode } from './errors.js';

/** Caps on a statement. */
export interface StatementLimits {
  /** The JSON text, in bytes. */
  readonly maxBytes: number;
  /** Nesting. */
  readonly maxDepth: number;
  /** Members of one object. */
  readonly maxMembers: number;
  /** Subjects. */
  readonly maxSubjects: number;
  /** Digests of one thing. */
  readonly maxDigests: number;
}

/** The caps that hold unless others are given: 32 MiB, 128 levels, 65 536 members of one object, 100 000 subjects, 64 digests each. */
export const STATEMENT_LIMITS: StatementLimits = {
  maxBytes: 32 << 20,
  maxDepth: 128,
  maxMembers: 65_536,
  maxSubjects: 100_000,
  maxDigests: 64,
};

/** Read the JSON of a statement. What is wrong with the text alone has no place in the statement, except a repeated member. */
export function statementJson(bytes: Uint8Array, limits: StatementLimits): JsonObject {
  try {
    const { maxBytes, maxDepth, maxMembers } = limits;
    const value = parseJson(bytes, { maxBytes, maxDepth, maxMembers });
    if (isJsonObject(value)) return value;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const pointer = cause.code === 'ERR_JSON_DUPLICATE' ? (cause.pointer ?? '') : '';
    throw refusal(JSON_CODES[cause.code], cause.message, pointer, cause);
  }
  throw refusal('INTOTO_WRONG_TYPE', 'a statement is an object', '');
}

function refusal(code: StatementErrorCode, message: string, pointer: string, cause?: unknown): InTotoError {
  return new InTotoError(code, message, {
    pointer,
    cause,
    findings: [{ code, pointer, message, severity: 'error' }],
  });
}

/** What a fault of the parser is called here. */
export const JSON_CODES: Readonly<Record<JsonErrorCode, StatementErrorCode>> = {
  ERR_JSON_SYNTAX: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_UTF8: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_VALUE: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_DUPLICATE: 'INTOTO_DUPLICATE_KEY',
  ERR_JSON_DEPTH: 'INTOTO_LIMIT_EXCEEDED',
  ERR_JSON_SIZE: 'INTOTO_LIMIT_EXCEEDED',
};
