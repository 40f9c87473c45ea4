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
