import { ANY, BOOLEAN, either, type MaybeType, NUMBER, STRING, type Type } from './types.js';

/** The types of a built-in function, as Open Policy Agent declares them; `undefined` for a function of the host. */
export function signatureOf(name: string): (Type & { kind: 'function' }) | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const text = texts.get(name);
  if (text === undefined) return undefined;
  const [args = '', result = ''] = text.split('->');
  const cursor = { text: `[${args.trim()}]`, at: 0 };
  const list = readType(cursor);
  const made = {
    kind: 'function' as const,
    args: list?.kind === 'array' ? list.items : [],
    result: readType({ text: result.trim(), at: 0 }),
  };
  parsed.set(name, made);
  return made;
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** A union of types. */
function readType(cursor: Cursor): MaybeType {
  let type = readOne(cursor);
  while (cursor.text[cursor.at] === '|') {
    cursor.at += 1;
    type = either(type, readOne(cursor));
  }
  return type;
}

/** One letter; `[a, b]`, an array of so many; `[a*]`, `{a*}` of any number; `{a: b}`, an object; `<…>` stands for itself. */
function readOne(cursor: Cursor): MaybeType {
  const { text } = cursor;
  const open = text[cursor.at] ?? '';
  cursor.at += 1;
  const simple = SIMPLE[open];
  if (simple !== undefined) return simple;
  const items: MaybeType[] = [];
  const members: [string, MaybeType][] = [];
  let rest: MaybeType;
  let key: MaybeType;
  while (cursor.at < text.length && !CLOSING.has(text[cursor.at] ?? '')) {
    const name = /^"([a-z]+)": /.exec(text.slice(cursor.at, cursor.at + 20));
    if (name !== null) {
      cursor.at += name[0].length;
      members.push([name[1] ?? '', readType(cursor)]);
    } else {
      const type = readType(cursor);
      if (text[cursor.at] === '*') rest = type;
      else if (text[cursor.at] === ':') {
        cursor.at += 2;
        key = type;
        rest = readType(cursor);
      } else items.push(type);
      if (text[cursor.at] === '*') cursor.at += 1;
    }
    while (text[cursor.at] === ',' || text[cursor.at] === ' ') cursor.at += 1;
  }
  cursor.at += 1;
  if (open === '<') return items[0];
  if (open === '[') return { kind: 'array', items, ...(rest === undefined ? {} : { rest }) };
  if (key === undefined) return { kind: 'set', of: rest };
  return { kind: 'object', members, rest: { key, value: rest } };
}

const CLOSING: ReadonlySet<string> = new Set([']', '}', '>']);
const SIMPLE: Readonly<Record<string, Type>> = {
  a: ANY,
  b: BOOLEAN,
  n: NUMBER,
  s: STRING,
  z: { kind: 'null' },
};
const parsed = new Map<string, Type & { kind: 'function' }>();
/** Functions of the same types stand on one line. */
const SIGNATURES: Readonly<Record<string, string>> = {
  '-> [a*]': 'rego.metadata.chain',
  '-> a': 'rego.metadata.rule',
  '-> n': 'time.now_ns',
  '-> {s: a}': 'opa.runtime',
  '<[a*]|{a*}> -> [a*]': 'sort',
  '<[a*]|{a*}> -> a': 'max min',
  '<[a*]|{a*}> -> b': 'all any',
  '<[a*]|{a: a}|{a*}>, <[a*]|{a: a}|{a*}> -> b': 'object.subset',
  '<[n*]|{n*}> -> n': 'product sum',
  '<[s*]|{s*}> -> {s*}': 'net.cidr_merge',
  '<n|[n, s]> -> [n, n, n]': 'time.clock time.date',
  '<n|[n, s]> -> s': 'time.weekday',
  '<n|[n, s]>, <n|[n, s]> -> [n, n, n, n, n, n]': 'time.diff',
  '<n|[n, s]|[n, s, s]> -> s': 'time.format',
  '<n|{a*}>, <n|{a*}> -> <n|{a*}>': 'minus',
  '<s|[<s|[a*]>*]|{s: <s|[a*]>}|{<s|[a*]>*}>, <s|[<s|[a*]>*]|{s: <s|[a*]>}|{<s|[a*]>*}> -> {[a, a]*}':
    'net.cidr_contains_matches',
  '<s|[a*]|{a: a}|{a*}> -> n': 'count',
  '<s|[s*]|{s*}>, <s|[s*]|{s*}> -> b': 'strings.any_prefix_match strings.any_suffix_match',
  '<s|{a: a}> -> [b, <z|s>]': 'json.verify_schema',
  '<s|{a: a}> -> b': 'graphql.schema_is_valid',
  '<s|{a: a}>, <s|{a: a}> -> [b, [{"desc": s, "error": s, "field": s, "type": s}*]]': 'json.match_schema',
  '<s|{a: a}>, <s|{a: a}> -> [b, {a: a}, {a: a}]': 'graphql.parse_and_verify',
  '<s|{a: a}>, <s|{a: a}> -> [{a: a}, {a: a}]': 'graphql.parse',
  '<s|{a: a}>, <s|{a: a}> -> b': 'graphql.is_valid',
  '<z|b|n|s> -> n': 'to_number',
  '[a*] -> [a*]': 'array.flatten array.reverse',
  '[a*], [a*] -> [a*]': 'array.concat',
  '[a*], [a*] -> s': 'internal.template_string',
  '[a*], n, n -> [a*]': 'array.slice',
  '[{a: a}*] -> {a: a}': 'object.union_n',
  'a -> [[a*], a]': 'walk',
  'a -> [a*]': 'cast_array',
  'a -> b': 'cast_boolean is_array is_boolean is_null is_number is_object is_set is_string semver.is_valid',
  'a -> s': 'cast_string json.marshal type_name yaml.marshal',
  'a -> z': 'cast_null',
  'a -> {a*}': 'cast_set',
  'a -> {a: a}': 'cast_object',
  'a, [{"op": s, "path": a, a: a}*] -> a': 'json.patch',
  'a, a -> b': 'equal gt gte internal.member_2 lt lte neq',
  'a, a, a -> b': 'internal.member_3',
  'a, {"indent": s, "prefix": s, "pretty": b, s: a} -> s': 'json.marshal_with_options',
  'n -> n': 'abs bits.negate ceil floor round',
  'n, n -> [n*]': 'numbers.range',
  'n, n -> n': 'bits.and bits.lsh bits.or bits.rsh bits.xor div mul plus rem',
  'n, n -> s': 'format_int',
  'n, n, n -> [n*]': 'numbers.range_step',
  'n, n, n, n -> n': 'time.add_date',
  's -> [b, [{s: a}*]]': 'crypto.x509.parse_and_verify_certificates',
  's -> [{a: a}, {a: a}, s]': 'io.jwt.decode',
  's -> [{s: a}*]': 'crypto.parse_private_keys crypto.x509.parse_certificates',
  's -> a': 'json.unmarshal yaml.unmarshal',
  's -> b': 'base64.is_valid json.is_valid net.cidr_is_valid regex.is_valid trace uri.is_valid yaml.is_valid',
  's -> n': 'time.parse_duration_ns time.parse_rfc3339_ns units.parse units.parse_bytes',
  's -> s':
    'base64.decode base64.encode base64url.decode base64url.encode base64url.encode_no_pad crypto.md5 crypto.sha1 crypto.sha256 glob.quote_meta hex.decode hex.encode lower strings.reverse trim_space upper urlquery.decode urlquery.encode uuid.rfc4122',
  's -> {a: a}': 'graphql.parse_query graphql.parse_schema',
  's -> {s*}': 'net.cidr_expand net.lookup_ip_addr',
  's -> {s: [s*]}': 'urlquery.decode_object',
  's -> {s: a}': 'crypto.x509.parse_certificate_request crypto.x509.parse_rsa_private_key uuid.parse',
  's -> {s: s}': 'uri.parse',
  's, <[s*]|{s*}> -> s': 'concat',
  's, <z|[s*]>, s -> b': 'glob.match',
  's, [a*] -> s': 'sprintf',
  's, n -> n': 'rand.intn',
  's, n, n -> s': 'substring',
  's, s -> [n*]': 'indexof_n',
  's, s -> [s*]': 'regex.split split',
  's, s -> b':
    'contains crypto.hmac.equal endswith io.jwt.verify_eddsa io.jwt.verify_es256 io.jwt.verify_es384 io.jwt.verify_es512 io.jwt.verify_hs256 io.jwt.verify_hs384 io.jwt.verify_hs512 io.jwt.verify_ps256 io.jwt.verify_ps384 io.jwt.verify_ps512 io.jwt.verify_rs256 io.jwt.verify_rs384 io.jwt.verify_rs512 net.cidr_contains net.cidr_intersects net.cidr_overlap re_match regex.globs_match regex.match startswith',
  's, s -> n': 'indexof semver.compare strings.count time.parse_ns',
  's, s -> s':
    'crypto.hmac.md5 crypto.hmac.sha1 crypto.hmac.sha256 crypto.hmac.sha512 trim trim_left trim_prefix trim_right trim_suffix',
  's, s -> {s: a}': 'crypto.x509.parse_keypair rego.parse_module',
  's, s, n -> [[s*]*]': 'regex.find_all_string_submatch_n',
  's, s, n -> [s*]': 'regex.find_n strings.split_n',
  's, s, s -> s': 'io.jwt.encode_sign_raw regex.replace replace',
  's, s, s, s -> b': 'regex.template_match',
  's, {s: a} -> [b, [{s: a}*]]': 'crypto.x509.parse_and_verify_certificates_with_options',
  's, {s: a} -> [b, {a: a}, {a: a}]': 'io.jwt.decode_verify',
  's, {s: a} -> s': 'strings.render_template',
  '{a*}, {a*} -> {a*}': 'and or set_diff',
  '{a: <[a*]|{a*}>}, <[a*]|{a*}> -> {[a*]*}': 'graph.reachable_paths',
  '{a: <[a*]|{a*}>}, <[a*]|{a*}> -> {a*}': 'graph.reachable',
  '{a: a} -> {a*}': 'object.keys',
  '{a: a}, <[<s|[a*]>*]|{<s|[a*]>*}> -> {a: a}': 'json.filter json.remove',
  '{a: a}, <[a*]|{a: a}|{a*}> -> {a: a}': 'object.filter object.remove',
  '{a: a}, a, a -> a': 'object.get',
  '{a: a}, {a: a} -> {a: a}': 'object.union',
  '{s: <s|[s*]|{s*}>} -> s': 'urlquery.encode_object',
  '{s: a} -> {a: a}': 'http.send',
  '{s: a}, {s: a}, n -> {a: a}': 'providers.aws.sign_req',
  '{s: a}, {s: a}, {s: a} -> s': 'io.jwt.encode_sign',
  '{s: s}, s -> s': 'strings.replace_n',
  '{{a*}*} -> {a*}': 'intersection union',
};
const texts: ReadonlyMap<string, string> = new Map(
  Object.entries(SIGNATURES).flatMap(([types, names]) =>
    names.split(' ').map((name) => [name, types] as const),
  ),
);
