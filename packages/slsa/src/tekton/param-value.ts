import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { trimSpace } from './white-space.js';

/** The value of a parameter or result: text, a list of texts, or texts by name. */
export type ParamValue = string | string[] | { [name: string]: string };

/**
 * Read a value as Tekton decodes it: what is neither text, nor a list of texts, nor texts by name, becomes its JSON text.
 *
 * @param value - the JSON value; `undefined` and `null` are empty text
 */
export function paramValue(value: JsonValue | undefined): ParamValue {
  return typed(value) ?? JSON.stringify(value);
}

/**
 * The same from the JSON text, which is kept to the letter where it becomes the value.
 *
 * @param text - one JSON value; of a member that is there twice the last counts
 * @throws {@link SlsaError} `ERR_SLSA_SCALAR` for anything that is no JSON.
 */
export function paramValueOfText(text: string): ParamValue {
  try {
    return typed(parseJson(text, { duplicates: 'last' })) ?? trimSpace(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SlsaError('ERR_SLSA_SCALAR', cause.message, { cause });
  }
}

function typed(value: JsonValue | undefined): ParamValue | undefined {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => item ?? '');
    return items.every((item): item is string => typeof item === 'string') ? items : undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const members = Object.entries(value).map(([name, member]): [string, JsonValue] => [name, member ?? '']);
  const texts = members.filter((member): member is [string, string] => typeof member[1] === 'string');
  return texts.length === members.length ? Object.fromEntries(texts) : undefined;
}
