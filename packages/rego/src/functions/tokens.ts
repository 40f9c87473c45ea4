import { encodeBase64url, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import {
  type Builtin,
  type BuiltinContext,
  type Builtins,
  BuiltinFault,
  object,
  of,
  text,
} from '../builtins/builtin.js';
import { decodeLeniently } from '../builtins/base64.js';
import { escapedAsGo } from '../builtins/go-escapes.js';
import { RegoError } from '../errors.js';
import { parseJsonText } from '../json-text.js';
import { compare, isArray, isNumber, RegoObject, toText, type Value } from '../values.js';
import {
  hashOf,
  hmacHolds,
  isTokenAlgorithm,
  jwkObjects,
  keysOf,
  signWith,
  type TokenKey,
  verifies,
} from './token-keys.js';

/** JSON Web Tokens: RFC 7515, 7518, 7519, 8037. */
export const TOKENS: Builtins = {
  'io.jwt.decode': of(1, (args) => decoded(text(args, 0), 0)),
  'io.jwt.decode_verify': of(2, (args, context) => decodeVerify(text(args, 0), object(args, 1), context)),
  'io.jwt.encode_sign': of(3, (args, context) =>
    encodeSign(
      escapedAsGo(toText(object(args, 0))),
      escapedAsGo(toText(object(args, 1))),
      toText(object(args, 2)),
      context,
    ),
  ),
  'io.jwt.encode_sign_raw': of(3, (args, context) => {
    const keys = text(args, 2);
    return encodeSign(text(args, 0), text(args, 1), keys, context);
  }),
  'io.jwt.verify_eddsa': verifier('EdDSA'),
  ...Object.fromEntries(
    ['rs', 'ps', 'es'].flatMap((family) =>
      ['256', '384', '512'].map((size): [string, Builtin] => [
        `io.jwt.verify_${family}${size}`,
        verifier(`${family.toUpperCase()}${size}`),
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['256', '384', '512'].map((size): [string, Builtin] => [
      `io.jwt.verify_hs${size}`,
      of(2, (args) => {
        const [given, secret] = [text(args, 0), text(args, 1)];
        const token = split(given);
        return hmacHolds(hashOf(size), encodeUtf8(secret), token.signed, bytesOf(token.signature));
      }),
    ]),
  ),
};

/** The three parts of a token. */
interface Token {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
  /** What the signature is made over. */
  readonly signed: Uint8Array;
}

function split(given: string): Token {
  if (!given.includes('.')) throw new BuiltinFault('encoded JWT had no period separators');
  const parts = given.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) throw new BuiltinFault(`encoded JWT must have 3 sections, found ${parts.length}`);
  return { header, payload, signature, signed: encodeUtf8(`${header}.${payload}`) };
}

function bytesOf(part: string): Uint8Array {
  return decodeLeniently(part, true);
}

/** What a part of a token holds; a fault says which it was. */
function read(part: string, what: string): Uint8Array {
  try {
    return bytesOf(part);
  } catch (error) {
    if (error instanceof BuiltinFault)
      throw new BuiltinFault(`JWT ${what} had invalid encoding: ${error.message}`);
    throw error;
  }
}

function textOf(part: string, what: string): string {
  return new TextDecoder().decode(read(part, what));
}

function jsonObject(given: string): RegoObject {
  try {
    const value = parseJsonText(given);
    if (value instanceof RegoObject) return value;
  } catch (error) {
    if (error instanceof RegoError) throw new BuiltinFault(`invalid JSON: ${error.message}`);
    throw error;
  }
  throw new BuiltinFault('decoded JSON type was not an Object');
}

function headerOf(token: Token): RegoObject {
  const header = jsonObject(textOf(token.header, 'header'));
  if (header.get('enc') !== undefined) throw new BuiltinFault('JWT is a JWE object, which is not supported');
  return header;
}

function decoded(given: string, depth: number): Value {
  if (depth > MAX_NESTED) throw new BuiltinFault(`tokens nest at most ${MAX_NESTED} deep`);
  const token = split(given);
  const header = headerOf(token);
  const payload = textOf(token.payload, 'payload');
  if (header.get('cty') === 'JWT') return decoded(payload.replace(/^["']{1,9}|["']{1,9}$/g, ''), depth + 1);
  const members = jsonObject(payload);
  return [header, members, encodeHex(Uint8Array.from(read(token.signature, 'signature')))];
}

function verifier(algorithm: string): Builtin {
  return of(2, (args) => {
    const token = split(text(args, 0));
    const keys = keysOf(text(args, 1));
    const signature = bytesOf(token.signature);
    const header = headerOf(token);
    return anyVerifies(keys, algorithm, header, token, signature, textMember(header, 'alg'));
  });
}

/** The key that the header names, else each that fits. */
function anyVerifies(
  keys: readonly TokenKey[],
  algorithm: string,
  header: RegoObject,
  token: Token,
  signature: Uint8Array,
  named: string,
): boolean {
  const kid = textMember(header, 'kid');
  const own = kid === '' ? undefined : keys.find((key) => key.kid === kid);
  if (own !== undefined) return verifies(own, algorithm, token.signed, signature);
  return keys.some(
    (key) => (key.alg === '' || key.alg === named) && verifies(key, algorithm, token.signed, signature),
  );
}

function textMember(header: RegoObject, name: string): string {
  const value = header.get(name);
  if (value !== undefined && typeof value !== 'string') throw new BuiltinFault(`${name}: must be a string`);
  return value ?? '';
}

/** What a caller asks of a token. */
interface Constraints {
  readonly keys: readonly TokenKey[];
  readonly alg: string;
  readonly iss: string;
  readonly aud: string;
  /** Nanoseconds since 1970. */
  readonly time: Value;
}

function constraintsOf(given: RegoObject, { now }: BuiltinContext): Constraints {
  const known = new Set(['cert', 'secret', 'alg', 'iss', 'aud', 'time']);
  for (const [name, value] of given.entries()) {
    if (typeof name !== 'string' || !known.has(name))
      throw new BuiltinFault(`unknown token validation constraint: ${String(name)}`);
    if (name !== 'time' && typeof value !== 'string')
      throw new BuiltinFault(`${name} constraint: must be a string`);
  }
  const member = (name: string): string => String(given.get(name) ?? '');
  const time = given.get('time') ?? Number(now());
  if (!isNumber(time)) throw new BuiltinFault('token time constraint: must be a number');
  if (compare(time, 0) < 0) throw new BuiltinFault('token time constraint: must not be negative');
  const cert = given.get('cert');
  const secret = member('secret');
  const keys: readonly TokenKey[] | undefined = typeof cert === 'string' ? keysOf(cert) : undefined;
  if (keys !== undefined && secret !== '') throw new BuiltinFault('duplicate key constraints');
  if (keys === undefined && secret === '') throw new BuiltinFault('no key constraint');
  const own: TokenKey = { alg: '', kid: '', key: { kind: 'secret', bytes: encodeUtf8(secret) } };
  return { keys: keys ?? [own], alg: member('alg'), iss: member('iss'), aud: member('aud'), time };
}

function decodeVerify(given: string, options: RegoObject, context: BuiltinContext): Value {
  const constraints = constraintsOf(options, context);
  const unverified: Value = [false, new RegoObject([]), new RegoObject([])];
  let token = split(given);
  for (let depth = 0; ; depth += 1) {
    if (depth > MAX_NESTED) throw new BuiltinFault(`tokens nest at most ${MAX_NESTED} deep`);
    const header = headerOf(token);
    const algorithm = textMember(header, 'alg');
    if (!isAcceptable(header, algorithm) || (constraints.alg !== '' && constraints.alg !== algorithm))
      return unverified;
    const signature = bytesOf(token.signature);
    if (
      !isTokenAlgorithm(algorithm) ||
      !anyVerifies(constraints.keys, algorithm, header, token, signature, algorithm)
    )
      return unverified;
    const payload = textOf(token.payload, 'payload');
    if (textMember(header, 'cty').toUpperCase() === 'JWT') {
      token = split(payload);
      continue;
    }
    const claims = jsonObject(payload);
    return isCurrent(claims, constraints) ? [true, header, claims] : unverified;
  }
}

/** A header has an algorithm, and marks nothing as critical that is not known. */
function isAcceptable(header: RegoObject, algorithm: string): boolean {
  const critical = header.get('crit');
  if (critical === undefined) return algorithm !== '';
  if (!isArray(critical)) throw new BuiltinFault('crit: must be a list');
  if (critical.length === 0) throw new BuiltinFault('crit: must be a nonempty list');
  const known = new Set(['alg', 'kid', 'typ', 'cty', 'crit']);
  const names = header.entries().map(([name]) => String(name));
  return algorithm !== '' && !names.some((name) => !known.has(name) && critical.includes(name));
}

function isCurrent(claims: RegoObject, { iss, aud, time }: Constraints): boolean {
  if (iss !== '' && claims.get('iss') !== iss) return false;
  const audience = claims.get('aud');
  if (
    audience === undefined ? aud !== '' : audience !== aud && !(isArray(audience) && audience.includes(aud))
  )
    return false;
  const seconds = Number(time) / 1e9;
  const [expiry, start] = ['exp', 'nbf'].map((name) => {
    const value = claims.get(name);
    if (value !== undefined && !isNumber(value)) throw new BuiltinFault(`${name} value must be a number`);
    return value;
  });
  return (
    (expiry === undefined || seconds < Number(expiry)) && (start === undefined || seconds >= Number(start))
  );
}

function encodeSign(header: string, payload: string, keys: string, { random }: BuiltinContext): string {
  const [key] = jwkObjects(keys);
  if (key === undefined) throw new BuiltinFault('no keys found in JWK set');
  const members = headerMembers(header);
  const algorithm = members.get('alg');
  if (typeof algorithm !== 'string')
    throw new BuiltinFault('missing or invalid \'alg\' header: jwsbb: header "alg" not found');
  if (!isTokenAlgorithm(algorithm)) throw new BuiltinFault(`unknown JWS algorithm: ${algorithm}`);
  const type = members.get('typ');
  if ((type === undefined || type === 'JWT') && !isJson(payload))
    throw new BuiltinFault('type is JWT but payload is not JSON');
  const signed = `${encodeBase64url(encodeUtf8(header))}.${encodeBase64url(encodeUtf8(payload))}`;
  const salt = (size: number): Uint8Array =>
    Uint8Array.from({ length: size }, () => Math.floor((random?.() ?? 0) * 256));
  return `${signed}.${encodeBase64url(Uint8Array.from(signWith(key, algorithm, encodeUtf8(signed), salt)))}`;
}

function headerMembers(header: string): RegoObject {
  try {
    const value = parseJsonText(header);
    if (value instanceof RegoObject) return value;
  } catch (error) {
    if (!(error instanceof RegoError)) throw error;
  }
  const why =
    header === ''
      ? 'cannot parse JSON: cannot parse empty string'
      : header.trimStart().startsWith('{')
        ? 'cannot parse JSON'
        : 'jwsbb: header "alg" not found';
  throw new BuiltinFault(`missing or invalid 'alg' header: ${why}`);
}

function isJson(given: string): boolean {
  try {
    parseJsonText(given);
    return true;
  } catch (error) {
    if (error instanceof RegoError) return false;
    throw error;
  }
}

const MAX_NESTED = 8;
