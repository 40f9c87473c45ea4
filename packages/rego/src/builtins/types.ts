import { decodeHex, encodeBase64, encodeBase64url, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { RegoError } from '../errors.js';
import { parseJsonText } from '../json-text.js';
import { isArray, isNumber, RegoObject, RegoSet, toText, typeName } from '../values.js';
import { decodeLeniently } from './base64.js';
import { type Builtins, BuiltinFault, of, text } from './builtin.js';
import { escapedAsGo } from './go-escapes.js';

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
  'base64.decode': of(1, (args) => decoded(decodeLeniently(text(args, 0), false))),
  'base64.is_valid': of(
    1,
    ([value = null]) => typeof value === 'string' && succeeds(() => decodeLeniently(value, false)),
  ),
  'base64url.encode': of(1, (args) => {
    const encoded = encodeBase64url(encodeUtf8(text(args, 0)));
    return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
  }),
  'base64url.encode_no_pad': of(1, (args) => encodeBase64url(encodeUtf8(text(args, 0)))),
  'base64url.decode': of(1, (args) => decoded(decodeLeniently(text(args, 0), true))),
  'hex.encode': of(1, (args) => encodeHex(encodeUtf8(text(args, 0)))),
  'hex.decode': of(1, (args) => decodedHex(text(args, 0))),
  'json.marshal': of(1, ([value = null]) => escapedAsGo(toText(value))),
  'json.unmarshal': of(1, (args) => {
    const given = text(args, 0);
    try {
      return parseJsonText(given);
    } catch (cause) {
      if (cause instanceof RegoError) throw new BuiltinFault(cause.message);
      throw cause;
    }
  }),
  'json.is_valid': of(
    1,
    ([value = null]) => typeof value === 'string' && succeeds(() => parseJsonText(value)),
  ),
};

function decoded(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function decodedHex(given: string): string {
  const wrong = /[^0-9A-Fa-f]/u.exec(given)?.[0];
  const code = wrong?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  if (wrong !== undefined) throw new BuiltinFault(`invalid byte: U+${code} '${wrong}'`);
  if (given.length % 2 === 1) throw new BuiltinFault('odd length hex string');
  return new TextDecoder().decode(decodeHex(given.toLowerCase()));
}

function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (cause) {
    if (cause instanceof BuiltinFault || cause instanceof RegoError) return false;
    throw cause;
  }
}
