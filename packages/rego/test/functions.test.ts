import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../src/functions/index.js';
import { type EvaluateOptions, preparePolicy, RegoError, toJson } from '../src/index.js';

const evaluate = (term: string, options: EvaluateOptions = {}): unknown => {
  const value = preparePolicy([], { functions: FUNCTIONS }).value(term, options);
  return value === undefined ? undefined : toJson(value);
};

describe('functions', () => {
  it.each([
    ['crypto.md5("abc")', '900150983cd24fb0d6963f7d28e17f72'],
    ['crypto.sha1("abc")', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['crypto.sha256("abc")', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['crypto.hmac.sha1("what do ya want for nothing?", "Jefe")', 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    ['crypto.hmac.equal("a", "a")', true],
    ['glob.match("*.example.com", [], "a.example.com")', true],
    ['glob.match("*.example.com", [], "a.b.example.com")', false],
    ['glob.match("**.{com,org}", ["."], "a.b.org")', true],
    ['glob.quote_meta("*.x")', '\\*.x'],
    ['regex.globs_match("a.a.[0-9]+z", "b.b*.1z")', false],
    ['regex.globs_match("a[a-z]*", "ab+")', true],
    ['graph.reachable({"a": ["b"], "b": ["a", "c"], "c": []}, ["a"])', ['a', 'b', 'c']],
    [
      'graph.reachable_paths({"a": ["b"], "b": ["a", "c"], "c": []}, ["a"])',
      [
        ['a', 'b'],
        ['a', 'b', 'c'],
      ],
    ],
    ['json.patch({"a": [1]}, [{"op": "add", "path": "/a/-", "value": 2}])', { a: [1, 2] }],
    ['json.verify_schema({"type": "object"})', [true, null]],
    ['json.verify_schema({"$ref": "#"})', [true, null]],
    ['json.verify_schema("{")', [false, 'jsonschema: invalid JSON string']],
    ['json.verify_schema(1)', [false, 'jsonschema: wrong type, expected string or object']],
    ['json.verify_schema({"pattern": "(?!a)"})', [false, 'jsonschema: pattern must be a valid regex']],
    [
      'json.verify_schema({"$ref": "https://example.com/a"})',
      [false, 'jsonschema: remote reference loading disabled: https://example.com/a'],
    ],
    ['json.verify_schema({"$ref": "#/a"})', [false, "jsonschema: Object has no key 'a'"]],
    [
      'json.verify_schema({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": 1})',
      [false, 'jsonschema: Invalid type. Expected: boolean, given: exclusiveMinimum'],
    ],
    ['json.match_schema({"a": 1}, `{"required": ["a"]}`)', [true, []]],
    ['json.match_schema({"a": {"a": {}}}, {"properties": {"a": {"$ref": "#"}}})[0]', true],
    [
      'json.match_schema({"a": {"a": 1}}, {"type": "object", "properties": {"a": {"$ref": "#"}}})[1][0].error',
      'a.a: Invalid type. Expected: object, given: integer',
    ],
    [
      'json.match_schema({"a": 3}, {"$id": "https://e.com/a", "properties": {"a": {"$ref": "b"}}, "x": {"$id": "b", "maximum": 2}})[1][0].desc',
      'Must be less than or equal to 2',
    ],
    ['[m.type | m := json.match_schema({"n": 0.3}, {"properties": {"n": {"multipleOf": 0.1}}})[1][_]]', []],
    [
      '[m.type | m := json.match_schema({"n": 0.35}, {"properties": {"n": {"multipleOf": 0.1, "minimum": 1, "exclusiveMaximum": 0.35}}})[1][_]]',
      ['multiple_of', 'number_lt', 'number_gte'],
    ],
    [
      '[m.type | m := json.match_schema([1, 1, "a"], {"uniqueItems": true, "items": [{"type": "string"}], "additionalItems": {"type": "integer"}, "maxItems": 2, "contains": {"type": "null"}})[1][_]]',
      ['invalid_type', 'invalid_type', 'array_max_items', 'unique', 'contains', 'invalid_type'],
    ],
    [
      '[m.type | m := json.match_schema({"a": 1, "x-b": "c"}, {"patternProperties": {"^x-": {"maxLength": 0}}, "additionalProperties": false, "minProperties": 3, "propertyNames": {"maxLength": 1}, "dependencies": {"a": ["z"]}})[1][_]]',
      [
        'missing_dependency',
        'array_min_properties',
        'additional_property_not_allowed',
        'string_lte',
        'invalid_property_name',
        'string_lte',
      ],
    ],
    [
      '[m.type | m := json.match_schema([1], {"anyOf": [{"type": "string"}], "oneOf": [true, {}], "allOf": [false], "not": {}, "if": {}, "then": {"enum": ["b"]}, "const": 2})[1][_]]',
      [
        'number_any_of',
        'invalid_type',
        'number_one_of',
        'false',
        'number_all_of',
        'number_not',
        'condition_then',
        'enum',
        'const',
      ],
    ],
    [
      '[f | some f, t in {"date": "2023-02-29", "time": "24:00:00Z", "date-time": "2024-02-29T23:59:59.5+01:00", "hostname": "a-.b", "email": "a@", "ipv4": "1.2.3", "ipv6": "::1", "uri": "a", "uri-template": "a{b", "uuid": "0", "regex": "(", "json-pointer": "/~2", "relative-json-pointer": "0/a", "other": ""}; not json.match_schema([t], {"items": {"format": f}})[0]]',
      ['date', 'email', 'hostname', 'ipv4', 'json-pointer', 'regex', 'time', 'uri', 'uri-template', 'uuid'],
    ],
    ['net.cidr_contains("10.0.0.0/8", "10.1.2.0/24")', true],
    ['net.cidr_contains("2001:db8::/32", "2001:db9::1")', false],
    ['net.cidr_expand("192.0.2.0/30")', ['192.0.2.0', '192.0.2.1', '192.0.2.2', '192.0.2.3']],
    ['net.cidr_merge(["192.0.2.0/25", "192.0.2.128/25"])', ['192.0.2.0/24']],
    ['net.cidr_intersects("192.0.2.0/25", "192.0.2.128/25")', false],
    ['urlquery.encode_object({"a": "b c", "d": ["é"]})', 'a=b+c&d=%C3%A9'],
    ['urlquery.decode_object("a=1&a=2&b=")', { a: ['1', '2'], b: [''] }],
    ['uri.parse("https://h:8/p%2Fq?x#f").path', '/p/q'],
    ['yaml.unmarshal("a:\\n- 1\\n- x: yes\\n  y: |\\n    z\\n")', { a: [1, { x: 'yes', y: 'z\n' }] }],
    ['yaml.marshal({"a": [1, "1"], "b": {}})', 'a:\n- 1\n- "1"\nb: {}\n'],
    ['yaml.is_valid("a: [")', false],
    ['yaml.unmarshal("[0777, 0b11, -0x1F, 1_000, 08, +.5, 1e3]")', [511, 3, -31, 1000, 8, 0.5, 1000]],
    [
      'json.marshal(yaml.unmarshal("[18446744073709551615, 18446744073709551616]"))',
      '[18446744073709551615,18446744073709552000]',
    ],
    ['yaml.unmarshal("[1e400, 0xg, 2001-01-01, =]")', ['1e400', '0xg', '2001-01-01', '=']],
    ['yaml.is_valid("a: .inf")', false],
    ['yaml.marshal(["0b1", "1e400", ".inf", "="])', '- "0b1"\n- 1e400\n- ".inf"\n- =\n'],
    // As the encoder of Go does.
    ['json.marshal({"<": "&\\u2028"})', '{"\\u003c":"\\u0026\\u2028"}'],
    ['json.marshal_with_options(["<"], {"prefix": ">", "indent": " "})', '>[\n> "\\u003c"\n>]'],
    ['graphql.parse_query("{a(b: [1, $c]) {d}}").Operations[0].SelectionSet[0].Arguments[0].Value.Kind', 8],
    [
      'graphql.parse_schema("type A implements B & C { d(e: [F!] = 1): G @h }").Definitions[0].Interfaces',
      ['B', 'C'],
    ],
    ['graphql.schema_is_valid("type Query { a: B }")', false],
    ['graphql.schema_is_valid("type Query { a: B } enum B { C }")', true],
    ['graphql.is_valid("query ($x: Int) { a(n: $x) }", "type Query { a(n: Int!): String }")', true],
    ['graphql.is_valid("{ a }", "type Query { a(n: Int!): String }")', false],
    ['graphql.is_valid("{ ...F } fragment F on Query { ...F }", "type Query { a: String }")', false],
    [
      'providers.aws.sign_req({"method": "get", "url": "https://example.com/x?y=z"}, {"aws_access_key": "A", "aws_secret_access_key": "B", "aws_service": "s3", "aws_region": "r"}, 1451311705000000000).headers["x-amz-date"]',
      '20151228T140825Z',
    ],
    [
      'strings.render_template("{{range $i, $x := .xs}}{{if $i}},{{end}}{{$x}}{{end}}", {"xs": ["a", "b"]})',
      'a,b',
    ],
  ])('%s', (term, value) => {
    expect(evaluate(term)).toEqual(value);
  });

  it.each([
    ['HS256', '{"kty": "oct", "k": "c2VjcmV0"}', '"cert": key'],
    [
      'ES256',
      '{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}',
      '"cert": key',
    ],
    [
      'EdDSA',
      '{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}',
      '"cert": key',
    ],
  ])('sign a token with %s that verifies, and none that was changed', (algorithm, key, constraint) => {
    const sign = `key := json.marshal(${key}); token := io.jwt.encode_sign({"alg": "${algorithm}"}, {"iss": "me", "exp": 100}, ${key})`;
    const verify = (token: string): string =>
      `${sign}; answer := io.jwt.decode_verify(${token}, {${constraint}, "iss": "me", "time": time})[0]`;
    const answer = (token: string, time: number): unknown =>
      preparePolicy([], { functions: FUNCTIONS }).query(`time := ${time}; ${verify(token)}`)[0]?.bindings[
        'answer'
      ];
    expect(answer('token', 5e9)).toBe(true);
    expect(answer('token', 5e11)).toBe(false);
    expect(answer('replace(token, ".ey", ".eyI")', 5e9)).not.toBe(true);
  });

  it.each([
    'http.send({"method": "get", "url": "http://x"})',
    'net.lookup_ip_addr("example.com")',
    'rand.intn("a", 5)',
  ])('%s has nobody to ask', (term) => {
    expect(() => evaluate(term)).toThrow(RegoError);
  });

  it('have what annotations say', () => {
    const text =
      '# METADATA\n# scope: subpackages\n# title: P\npackage a\n\n# METADATA\n# title: R\n# authors: [A <a@b>]\nr := rego.metadata.chain()';
    const value = preparePolicy([{ file: 'a.rego', text }], { functions: FUNCTIONS }).value('data.a.r');
    expect(toJson(value ?? null)).toEqual([
      {
        annotations: { authors: [{ email: 'a@b', name: 'A' }], scope: 'rule', title: 'R' },
        path: ['a', 'r'],
      },
      { annotations: { scope: 'subpackages', title: 'P' }, path: ['a'] },
    ]);
  });
});

describe('JSON Schema', () => {
  const match = 'json.match_schema(input.document, input.schema)';

  it('ends where a schema leads to itself without going on in the document', () => {
    const schema = { anyOf: [{ $ref: '#' }, { $ref: '#' }] };
    expect(() => evaluate(match, { input: { document: {}, schema } })).toThrow(RegoError);
  });

  it('ends where schemas double', () => {
    const definitions = Object.fromEntries(
      Array.from({ length: 60 }, (_item, index) => {
        const next = { $ref: `#/definitions/s${index + 1}` };
        return [`s${index}`, { anyOf: [next, next] }] as const;
      }),
    );
    const schema = { definitions: { ...definitions, s60: false }, $ref: '#/definitions/s0' };
    const input = { document: {}, schema };
    expect(() => evaluate(match, { input, maxSteps: 10_000 })).toThrow(/steps/);
  });

  it('refuses a document that nests too deep', () => {
    const document = `${'['.repeat(900)}${']'.repeat(900)}`;
    const schema = { items: { $ref: '#' } };
    expect(() => evaluate(match, { input: { document, schema } })).toThrow(/nest deeper/);
  });
});
