import {
  BytesError,
  decodeBase64,
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64url,
  encodeHex,
  encodeUtf8,
} from '@sealwright/bytes';
import { JsonError, parseJson } from '@sealwright/json';
import { fromJson, isArray, isNumber, RegoObject, RegoSet, toText, typeName } from '../values.js';
import { type Builtins, BuiltinFault, of, text } from './builtin.js';

/** Types, encodings, debugging. */
export const TYPES: Builtins = {
  is_array: of(1, ([value = null]) => isArray(value)),
  is_boolean: of(1, ([value = null]) => typeof value === 'boolean'),
  is_null: of(1, ([value = null]) => value === null),
  is_number: of(1, ([value = null]) => isNumber(value)),
  is_object: of(1, ([value = null]) => value instanceof RegoObject),
  is_set: of(1, ([value = null]) => value instanceof RegoSet),
  is_string: of(1, ([value = null]) => typeof value === 'string'),
  type_name: of(1, ([value = null]) => typeName(value)),
  trace: of(1, (args, { trace }) => {
    trace(text(args, 0));
    return true;
  }),
  'base64.encode': of(1, (args) => encodeBase64(encodeUtf8(text(args, 0)))),
  'base64.decode': of(1, (args) => decoded(() => decodeBase64(text(args, 0)))),
  'base64.is_valid': of(1, (args) => succeeds(() => decodeBase64(text(args, 0)))),
  'base64url.encode': of(1, (args) => {
    const encoded = encodeBase64url(encodeUtf8(text(args, 0)));
    return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
  }),
  'base64url.encode_no_pad': of(1, (args) => encodeBase64url(encodeUtf8(text(args, 0)))),
  'base64url.decode': of(1, (args) => decoded(() => decodeBase64url(text(args, 0), { padding: 'optional' }))),
  'hex.encode': of(1, (args) => encodeHex(encodeUtf8(text(args, 0)))),
  'hex.decode': of(1, (args) => decoded(() => decodeHex(text(args, 0)))),
  'json.marshal': of(1, ([value = null]) => toText(value)),
  'json.unmarshal': of(1, (args) => {
    try {
      return fromJson(parseJson(text(args, 0), { duplicates: 'last' }));
    } catch (cause) {
      if (cause instanceof JsonError) throw new BuiltinFault(`the text is no JSON: ${cause.message}`);
      throw cause;
    }
  }),
  'json.is_valid': of(
    1,
    ([value = null]) => typeof value === 'string' && succeeds(() => parseJson(value, { duplicates: 'last' })),
  ),
};

function decoded(read: () => Uint8Array): string {
  try {
    return decodeUtf8(read());
  } catch (cause) {
    if (cause instanceof BytesError) throw new BuiltinFault(cause.message);
    throw cause;
  }
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (cause) {
    if (cause instanceof BytesError || cause instanceof JsonError) return false;
    throw cause;
  }
}
