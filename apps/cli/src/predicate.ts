import { decodeUtf8 } from '@sealwright/bytes';
import { PREDICATE_TYPES, predicateTypeOf } from '@sealwright/cosign-sig';
import { parseStatement } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/** Flags that say what is attested. */
export interface PredicateFlags {
  readonly predicate?: string;
  readonly statement?: string;
  readonly type: string;
}

/** What is attested. */
export interface Attested {
  readonly predicateType: string;
  readonly predicate: JsonObject | string;
  /** A statement that is signed as it is. */
  readonly statement?: Uint8Array;
}

/**
 * What is attested: a predicate, or a whole statement.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function attestedOf(io: Io, flags: PredicateFlags): Promise<Attested> {
  const { predicate: file, statement: whole, type } = flags;
  if ((file === undefined) === (whole === undefined))
    throw new CommandError('give --predicate or --statement: what is said');
  if (whole !== undefined) {
    const statement = await io.readFile(whole);
    const { predicateType } = await about(whole, () => parseStatement(statement));
    return { predicateType, predicate: {}, statement };
  }
  const predicateType = predicateTypeOf(type);
  return { predicateType, predicate: await predicateOf(io, file ?? '', type) };
}

/** What cosign makes of a file: by default its text with the time, else the JSON object in it. */
async function predicateOf(io: Io, file: string, type: string): Promise<JsonObject | string> {
  const bytes = await io.readFile(file);
  const text = await about(file, () => decodeUtf8(bytes));
  const isCustom = type === 'custom' || type === PREDICATE_TYPES.get('custom');
  if (isCustom) return { Data: text, Timestamp: new Date(io.now()).toISOString().replace(/\.\d+Z$/, 'Z') };
  if (type === 'spdx') return text;
  const predicate = await about(file, () => parseJson(text));
  if (isJsonObject(predicate)) return predicate;
  throw new CommandError(
    `${file}: a predicate of this type is a JSON object`,
    'ERR_CLI_PREDICATE',
    EXIT_FAILURE,
  );
}
