import { isArray, RegoObject, RegoSet, type Value } from '../values.js';
import { type Builtins, BuiltinFault, object, of, text } from '../builtins/builtin.js';

/** Queries and parts of URLs, as Go's `net/url` has them. */
export const URLS: Builtins = {
  'urlquery.encode': of(1, (args) => queryEscape(text(args, 0))),
  'urlquery.decode': of(1, (args) => queryUnescape(text(args, 0))),
  'urlquery.encode_object': of(1, (args) =>
    object(args, 0)
      .entries()
      .flatMap(([name, value]) =>
        valuesOf(value).map((each) => `${queryEscape(text([name], 0))}=${queryEscape(each)}`),
      )
      .join('&'),
  ),
  'urlquery.decode_object': of(1, (args) => {
    const found = new Map<string, string[]>();
    for (const pair of text(args, 0).split('&')) {
      if (pair.includes(';')) throw new BuiltinFault('invalid semicolon separator in query');
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const name = queryUnescape(at < 0 ? pair : pair.slice(0, at));
      found.set(name, [...(found.get(name) ?? []), at < 0 ? '' : queryUnescape(pair.slice(at + 1))]);
    }
    return new RegoObject(found);
  }),
  'uri.parse': of(1, (args) => {
    const url = parseUrl(text(args, 0));
    if (typeof url === 'string') throw new BuiltinFault(`parse ${JSON.stringify(text(args, 0))}: ${url}`);
    return new RegoObject(Object.entries(url).filter(([, value]) => value !== ''));
  }),
  'uri.is_valid': of(
    1,
    ([given = null]) => typeof given === 'string' && given !== '' && typeof parseUrl(given) !== 'string',
  ),
};

function valuesOf(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  const all = isArray(value) ? value : value instanceof RegoSet ? value.items() : undefined;
  if (all === undefined) throw new BuiltinFault('the values are texts, or arrays or sets of texts');
  return all.map((each) => text([each], 0));
}

function queryEscape(given: string): string {
  return escaped(given, /[A-Za-z0-9\-_.~]/).replaceAll('%20', '+');
}

function queryUnescape(given: string): string {
  const result = unescaped(given.replaceAll('+', ' '));
  if (result.startsWith('\0')) throw new BuiltinFault(result.slice(1));
  return result;
}

function escaped(given: string, keep: RegExp): string {
  return Array.from(given, (character) =>
    keep.test(character)
      ? character
      : Array.from(
          new TextEncoder().encode(character),
          (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
        ).join(''),
  ).join('');
}

/** Without escapes; a zero and the fault where one is none. */
function unescaped(given: string): string {
  if (!given.includes('%')) return given;
  const bytes: number[] = [];
  for (let at = 0; at < given.length;) {
    if (given.charAt(at) !== '%') {
      const character = String.fromCodePoint(given.codePointAt(at) ?? 0);
      bytes.push(...new TextEncoder().encode(character));
      at += character.length;
      continue;
    }
    const hex = given.slice(at + 1, at + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(hex))
      return `\0invalid URL escape ${JSON.stringify(given.slice(at, at + 3))}`;
    bytes.push(Number.parseInt(hex, 16));
    at += 3;
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** The parts of a URL, empty where it has none. */
export interface UrlParts {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly raw_path: string;
  readonly raw_query: string;
  readonly fragment: string;
}

/** The parts, or what is wrong. */
/** The parts of a URL, or what is wrong with it. */
export function parseUrl(given: string): UrlParts | string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(given)) return 'net/url: invalid control character in URL';
  const hash = given.indexOf('#');
  const before = hash < 0 ? given : given.slice(0, hash);
  const fragment = hash < 0 ? '' : unescaped(given.slice(hash + 1));
  if (fragment.startsWith('\0')) return fragment.slice(1);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(before)?.[1];
  if (scheme === undefined && before.startsWith(':')) return 'missing protocol scheme';
  const afterScheme = scheme === undefined ? before : before.slice(scheme.length + 1);
  const mark = afterScheme.indexOf('?');
  const query = mark < 0 ? '' : afterScheme.slice(mark + 1);
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const parts = { scheme: (scheme ?? '').toLowerCase(), raw_query: query, fragment };
  if (!rest.startsWith('/')) {
    if (scheme !== undefined) return { ...parts, hostname: '', port: '', path: '', raw_path: '' }; // opaque
    if ((rest.split('/')[0] ?? '').includes(':')) return 'first path segment in URL cannot contain colon';
  }
  let path = rest;
  let authority = '';
  if (rest.startsWith('//') && (scheme !== undefined || !rest.startsWith('///'))) {
    const slash = rest.indexOf('/', 2);
    authority = rest.slice(2, slash < 0 ? undefined : slash);
    path = slash < 0 ? '' : rest.slice(slash);
  }
  const host = parseAuthority(authority);
  if (typeof host === 'string') return host;
  const plain = unescaped(path);
  if (plain.startsWith('\0')) return plain.slice(1);
  const isDefault = escaped(plain, /[A-Za-z0-9\-_.~$&+,/:;=@]/) === path;
  return {
    ...parts,
    ...host,
    path: plain,
    raw_path: isDefault || path === plain ? plain : defaultOr(path, plain),
  };
}

/** The path as it came, unless escaping what it stands for gives the same. */
function defaultOr(path: string, plain: string): string {
  const canonical = (text: string): string =>
    text.replaceAll(/%(?:21|27|28|29|2A|2a)/g, (each) => unescaped(each));
  return canonical(path) === plain ? plain : path;
}

function parseAuthority(authority: string): { hostname: string; port: string } | string {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at)))
    return 'net/url: invalid userinfo';
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) {
    const end = host.lastIndexOf(']');
    if (end < 0) return "missing ']' in host";
    const port = host.slice(end + 1);
    if (!/^(?::[0-9]*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
    return { hostname: host.slice(1, end).replaceAll('%25', '%'), port: port.slice(1) };
  }
  const colon = host.lastIndexOf(':');
  const port = colon < 0 ? '' : host.slice(colon);
  if (!/^(?::[0-9]*)?$/.test(port)) return `invalid port ${JSON.stringify(port)} after host`;
  const name = colon < 0 ? host : host.slice(0, colon);
  const bad = /%(?![89A-Fa-f][0-9A-Fa-f]).{0,2}/.exec(name);
  if (bad !== null) return `invalid URL escape ${JSON.stringify(bad[0])}`;
  const character = /[ "\\^`{|}]/.exec(name);
  if (character !== null) return `invalid character ${JSON.stringify(character[0])} in host name`;
  return { hostname: unescaped(name), port: port.slice(1) };
}
