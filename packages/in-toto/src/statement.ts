import { type Bytes, copyBytes, encodeUtf8 } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  type JsonErrorCode,
  jsonPointer,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { InTotoError, type StatementErrorCode } from './errors.js';
import type { VerifiedPayload } from './verify.js';

/** `_type` of version 1. */
export const STATEMENT_V1 = 'https://in-toto.io/Statement/v1';

/** `_type` of version 0.1. */
export const STATEMENT_V01 = 'https://in-toto.io/Statement/v0.1';

/** Digests of one artifact, by algorithm; each is hexadecimal text. */
export type DigestSet = Readonly<Record<string, string>>;

/** What a statement is about. Members that are not listed are kept. */
export interface ResourceDescriptor {
  /** For people and policies; matching is by digest alone. */
  readonly name?: string;
  /** Where it is known by. */
  readonly uri?: string;
  /** What it is. */
  readonly digest: DigestSet;
}

/** A statement. Parsed is not verified: only what came from a {@link VerifiedPayload} was signed. */
export interface Statement {
  /** Version of the statement, not of its predicate. */
  readonly version: 'v1' | 'v0.1';
  /** What it is about; at least one. */
  readonly subject: readonly ResourceDescriptor[];
  /** What kind of thing it says. */
  readonly predicateType: string;
  /** What it says. */
  readonly predicate: Readonly<JsonObject>;
  /** The bytes it was read from, or was written as. */
  readonly bytes: Bytes;
}

/** What {@link createStatement} takes. */
export interface StatementInput {
  /** Default `v1`. */
  readonly version?: 'v1' | 'v0.1';
  /** At least one. */
  readonly subject: readonly ResourceDescriptor[];
  /** A URI. */
  readonly predicateType: string;
  /** Any object. */
  readonly predicate: JsonObject;
}

/**
 * Read a statement of either version. Unknown members are ignored, as the framework wants it.
 *
 * @param input - what {@link verifyEnvelope} gave; or bare bytes or text, for display
 * @throws {@link InTotoError}
 */
export function parseStatement(input: VerifiedPayload | Uint8Array | string): Statement {
  const bytes =
    typeof input === 'string' ? encodeUtf8(input) : input instanceof Uint8Array ? input : input.payload;
  const statement = jsonOf(bytes);
  const type = text(statement, '_type');
  if (type !== STATEMENT_V1 && type !== STATEMENT_V01) {
    throw fault(
      'INTOTO_UNSUPPORTED_STATEMENT_TYPE',
      `_type is ${STATEMENT_V1} or ${STATEMENT_V01}`,
      '/_type',
    );
  }
  const version = type === STATEMENT_V1 ? 'v1' : 'v0.1';
  const predicate = statement['predicate'] ?? {};
  if (!isJsonObject(predicate)) throw fault('INTOTO_WRONG_TYPE', 'predicate is an object', '/predicate');
  const predicateType = text(statement, 'predicateType');
  return {
    version,
    subject: subjectsOf(statement, version),
    predicateType,
    predicate,
    bytes: copyBytes(bytes),
  };
}

/**
 * Make a statement and the bytes to sign, checked as a reader would check them.
 *
 * @param input - what it says
 * @throws {@link InTotoError}
 */
export function createStatement(input: StatementInput): Statement {
  return parseStatement(encodeStatement(input));
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

function subjectsOf(statement: JsonObject, version: 'v1' | 'v0.1'): readonly ResourceDescriptor[] {
  const list = statement['subject'];
  if (list === undefined) throw fault('INTOTO_MISSING_FIELD', 'member subject is missing', '/subject');
  if (!Array.isArray(list)) throw fault('INTOTO_WRONG_TYPE', 'subject is a list', '/subject');
  if (list.length === 0) throw fault('INTOTO_EMPTY_SUBJECT', 'a statement is about something', '/subject');
  if (list.length > MAX_SUBJECTS)
    throw fault('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_SUBJECTS} subjects`, '/subject');
  const names = new Set<string>();
  return list.map((value, index) => {
    const subject = subjectOf(value, jsonPointer('subject', index), version);
    if (version === 'v0.1' && subject.name !== undefined && names.size === names.add(subject.name).size) {
      throw fault(
        'INTOTO_DUPLICATE_NAME',
        'two subjects have one name',
        jsonPointer('subject', index, 'name'),
      );
    }
    return subject;
  });
}

function subjectOf(value: JsonValue, pointer: string, version: 'v1' | 'v0.1'): ResourceDescriptor {
  if (!isJsonObject(value)) throw fault('INTOTO_WRONG_TYPE', 'a subject is an object', pointer);
  for (const name of ['name', 'uri']) {
    const found = value[name];
    if (found !== undefined && typeof found !== 'string') {
      throw fault('INTOTO_WRONG_TYPE', `${name} is text`, `${pointer}/${name}`);
    }
  }
  if (version === 'v0.1' && (value['name'] ?? '') === '') {
    throw fault('INTOTO_MISSING_FIELD', 'a subject of version 0.1 has a name', `${pointer}/name`);
  }
  const digest = value['digest'];
  if (digest === undefined)
    throw fault('INTOTO_DIGEST_REQUIRED', 'a subject has a digest', `${pointer}/digest`);
  if (!isJsonObject(digest)) throw fault('INTOTO_WRONG_TYPE', 'digest is an object', `${pointer}/digest`);
  return { ...value, digest: digestSetOf(digest, `${pointer}/digest`) };
}

function digestSetOf(digest: JsonObject, pointer: string): DigestSet {
  const entries = Object.entries(digest);
  if (entries.length === 0) throw fault('INTOTO_DIGEST_REQUIRED', 'a subject has a digest', pointer);
  if (entries.length > MAX_DIGESTS)
    throw fault('INTOTO_LIMIT_EXCEEDED', `at most ${MAX_DIGESTS} digests`, pointer);
  return Object.fromEntries(
    entries.map(([algorithm, value]) => [
      algorithm,
      digestOf(algorithm, value, pointer + jsonPointer(algorithm)),
    ]),
  );
}

function digestOf(algorithm: string, value: JsonValue, pointer: string): string {
  if (typeof value !== 'string') throw fault('INTOTO_WRONG_TYPE', 'a digest is text', pointer);
  if (value === '') throw fault('INTOTO_MISSING_FIELD', 'a digest is not empty', pointer);
  const digits = HEX_DIGITS.get(algorithm);
  if (digits === undefined) return value; // an algorithm that is not known here may have any text
  if (value.length % 2 !== 0 || !HEX.test(value)) {
    throw fault('INTOTO_BAD_DIGEST_ENCODING', `a ${algorithm} digest is hexadecimal`, pointer);
  }
  if (!digits.includes(value.length)) {
    throw fault(
      'INTOTO_BAD_DIGEST_LENGTH',
      `a ${algorithm} digest has ${digits.join(' or ')} digits`,
      pointer,
    );
  }
  return value;
}

function jsonOf(bytes: Uint8Array): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(bytes, { maxBytes: 32 << 20, maxDepth: 128 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new InTotoError(JSON_CODES[cause.code], cause.message, { pointer: cause.pointer, cause });
  }
  if (!isJsonObject(value)) throw fault('INTOTO_WRONG_TYPE', 'a statement is an object', '');
  return value;
}

function text(statement: JsonObject, name: string): string {
  const value = statement[name];
  if (value === undefined || value === '')
    throw fault('INTOTO_MISSING_FIELD', `member ${name} is missing`, `/${name}`);
  if (typeof value !== 'string') throw fault('INTOTO_WRONG_TYPE', `${name} is text`, `/${name}`);
  return value;
}

function fault(code: StatementErrorCode, message: string, pointer: string): InTotoError {
  return new InTotoError(code, message, { pointer });
}

const MAX_SUBJECTS = 100_000;
const MAX_DIGESTS = 64;
const HEX = /^[0-9a-fA-F]*$/;
const HEX_DIGITS: ReadonlyMap<string, readonly number[]> = new Map([
  ['md5', [32]],
  ['sha1', [40]],
  ['sha224', [56]],
  ['sha256', [64]],
  ['sha384', [96]],
  ['sha512', [128]],
  ['sha512_224', [56]],
  ['sha512_256', [64]],
  ['sha3_224', [56]],
  ['sha3_256', [64]],
  ['sha3_384', [96]],
  ['sha3_512', [128]],
]);
const JSON_CODES: Readonly<Record<JsonErrorCode, StatementErrorCode>> = {
  ERR_JSON_SYNTAX: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_UTF8: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_VALUE: 'INTOTO_MALFORMED_JSON',
  ERR_JSON_DUPLICATE: 'INTOTO_DUPLICATE_KEY',
  ERR_JSON_DEPTH: 'INTOTO_LIMIT_EXCEEDED',
  ERR_JSON_SIZE: 'INTOTO_LIMIT_EXCEEDED',
};
