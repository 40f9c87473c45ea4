/** How long 1 MiB of hostile input can hold a reader, the slowest first: `pnpm bench in-toto`. */
import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { cpus } from 'node:os';
import { InTotoError, parseEnvelope, parseStatement } from '../src/index.js';
import { parseMetadata } from '../src/layout/index.js';
import { narrow, provenanceV1, spdx2 } from '../src/predicates/index.js';
import { encodeStatementProto, parseEnvelopeProto, parseStatementProto } from '../src/protobuf/index.js';

const SIZE = 1 << 20;
const HEAD = '{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1",';
const SUBJECT = `"subject":[{"digest":{"sha256":"${'ab'.repeat(32)}"}}],`;

/** As many repeats as fit, joined. */
function fill(unit: (index: number) => string, join = ','): string {
  const parts: string[] = [];
  for (let size = 0, index = 0; size < SIZE - 400; index += 1) {
    const part = unit(index);
    parts.push(part);
    size += part.length + join.length;
  }
  return parts.join(join);
}

const values: Readonly<Record<string, string>> = {
  'arrays, deep': '['.repeat(SIZE),
  'arrays, deep and closed': `${'['.repeat(SIZE / 2)}${']'.repeat(SIZE / 2)}`,
  'objects, deep': '{"a":'.repeat(SIZE / 5),
  'arrays, as deep as allowed, again and again': `[${fill(() => '['.repeat(100) + ']'.repeat(100))}]`,
  'empty arrays': `[${fill(() => '[]')}]`,
  'members, many': `{${fill((index) => `"${index.toString(36)}":0`)}}`,
  'members, many, not ASCII': `{"\u00e9":0,${fill((index) => `"${index.toString(36)}":0`)}}`,
  'members, many, escaped': `{${fill((index) => `"\\u0041${index.toString(36)}":0`)}}`,
  'members, named by numbers': `{${fill((index) => `"${index * 1000}":0`)}}`,
  'members, named by long numbers': `{${fill((index) => `"${4_294_967_290 + index}":0`)}}`,
  'members, long names': `{${fill((index) => `"${'x'.repeat(200)}${index}":0`)}}`,
  'a name, flooded': `{${fill(() => '"a":0')}}`,
  'a name, repeated at the end': `{${fill((index) => `"${index}x":0`)},"0x":1}`,
  'a name, repeated in many objects': `[${fill(() => '{"a":0}')}]`,
  '__proto__, nested': `${'{"__proto__":'.repeat(120)}0${'}'.repeat(120)}`,
  'a string of escapes': `"${'\\u0041'.repeat(SIZE / 6)}"`,
  'a string of backslashes': `"${'\\\\'.repeat(SIZE / 2)}"`,
  'a string of quotes': `"${'\\"'.repeat(SIZE / 2)}"`,
  'a string without end': `"${'a'.repeat(SIZE)}`,
  'a string of half surrogates': `"${'\\ud800'.repeat(SIZE / 6)}"`,
  'a string of non-ASCII': `"${'\u00e9'.repeat(SIZE / 2)}"`,
  'strings, with one escape each': `[${fill(() => `"${'a'.repeat(130)}\\n"`)}]`,
  'strings, with a control character each': `[${fill(() => `"${'a'.repeat(130)}\u0001"`)}]`,
  'strings, empty': `[${fill(() => '""')}]`,
  'a number of digits': '9'.repeat(SIZE),
  'a fraction of digits': `0.${'1'.repeat(SIZE)}`,
  'an exponent of digits': `1e${'9'.repeat(SIZE)}`,
  'numbers, many': `[${fill(() => '0')}]`,
  'numbers, long': `[${fill(() => `1.${'7'.repeat(300)}e-300`)}]`,
  blanks: `${' '.repeat(SIZE)}1`,
  'words, many': `[${fill(() => 'null')}]`,
};

const statements: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      `predicate: ${name}`,
      `${HEAD}${SUBJECT}"predicate":{"buildDefinition":${value}}}`,
    ]),
  ),
  'subjects, many': `${HEAD}"subject":[${fill(() => '{"digest":{"sha256":""}}')}]}`,
  'subjects, empty': `${HEAD}"subject":[${fill(() => '{}')}]}`,
  'subjects, that are no objects': `${HEAD}"subject":[${fill(() => '0')}]}`,
  'subjects, of one name': `${HEAD}"subject":[${fill(() => '{"name":"a"}')}]}`,
  'subjects, of look-alike names': `${HEAD}"subject":[${fill(() => '{"Digest":0}')}]}`,
  'digests, many': `${HEAD}"subject":[{"digest":{${fill((index) => `"SHA-${index}":"x"`)}}}]}`,
  'a digest, long': `${HEAD}"subject":[{"digest":{"sha256":"${'a'.repeat(SIZE)}"}}]}`,
  'a digest name, long': `${HEAD}"subject":[{"digest":{"${'SHA-'.repeat(SIZE / 4)}":"a"}}]}`,
  'a URI, long': `${HEAD}"subject":[{"uri":"a:${'%41'.repeat(SIZE / 3)}","digest":{"x":"a"}}]}`,
  'a URI, of capitals': `${HEAD}"subject":[{"uri":"a://${'A@'.repeat(SIZE / 2)}","digest":{"x":"a"}}]}`,
  'content, long': `${HEAD}"subject":[{"content":"${'AAAA'.repeat(SIZE / 4)}","digest":{"sha256":"a","sha512":"b","sha1":"c"}}]}`,
  'members, misspelt': `{${fill((index) => `"_TYPE${index}":0`)}}`,
  'dependencies, many': `${HEAD}${SUBJECT}"predicate":{"buildDefinition":{"buildType":"a:b","externalParameters":{},"resolvedDependencies":[${fill(() => '{}')}]}}}`,
  'a timestamp, long': `${HEAD}${SUBJECT}"predicate":{"runDetails":{"metadata":{"startedOn":"2024-01-01T00:00:00.${'0'.repeat(SIZE)}"}}}}`,
};

const envelope = (payload: string, signatures = '[{"sig":""}]'): string =>
  `{"payloadType":"application/vnd.in-toto+json","payload":"${payload}","signatures":${signatures}}`;
const envelopes: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`member: ${name}`, `{"x":${value}}`])),
  'a payload, long': envelope('AAAA'.repeat(SIZE / 4)),
  'a payload, URL-safe': envelope('-_-_'.repeat(SIZE / 4)),
  'a payload, of both alphabets': envelope(`${'AAAA'.repeat(SIZE / 4)}-+`),
  'a payload, of line ends': envelope('\\n'.repeat(SIZE / 2)),
  'a payload, of padding': envelope('='.repeat(SIZE)),
  'a payload, broken at the end': envelope(`${'AAAA'.repeat(SIZE / 4)}A!==`),
  'signatures, many': envelope('', `[${fill(() => '{"sig":""}')}]`),
  'signatures, 100 long ones': envelope(
    '',
    `[${Array.from({ length: 100 }, () => `{"sig":"${'AAAA'.repeat(2500)}"}`).join(',')}]`,
  ),
  'a signature, of unknown members': envelope('', `[{"sig":"",${fill((index) => `"${index}":0`)}}]`),
};

const layouts: Readonly<Record<string, string>> = {
  'materials, many': `{"signed":{"_type":"link","name":"a","materials":{${fill((index) => `"${index}":{"x":"y"}`)}}},"signatures":[]}`,
  'a path, of dots': `{"signed":{"_type":"link","name":"a","materials":{"${'../a/'.repeat(SIZE / 5)}":{"x":"y"}}},"signatures":[]}`,
  'rules, many': `{"signed":{"_type":"layout","expires":"2030-01-01T00:00:00Z","steps":[{"name":"a","expected_products":[${fill(() => '["ALLOW","*[a-z]?"]')}]}]},"signatures":[]}`,
  'a pattern, long': `{"signed":{"_type":"layout","expires":"2030-01-01T00:00:00Z","steps":[{"name":"a","expected_products":[["ALLOW","${'[a-z]*'.repeat(SIZE / 6)}"]]}]},"signatures":[]}`,
};

const varint = (value: number): string =>
  value < 0x80
    ? encodeHex(Uint8Array.of(value))
    : encodeHex(Uint8Array.of((value & 0x7f) | 0x80)) + varint(Math.floor(value / 0x80));
const field = (number: number, hex: string): string =>
  varint((number << 3) | 2) + varint(hex.length / 2) + hex;
let deep = '';
for (let level = 0; level < 120; level += 1) deep = field(1, field(1, '') + field(2, field(5, deep)));
const good = encodeHex(
  encodeStatementProto({ subject: [{ digest: { x: 'y' } }], predicateType: 'a:b', predicate: {} }),
).slice(0, -4);
const messages: Readonly<Record<string, string>> = {
  'fields that nobody knows': '7801'.repeat(SIZE / 2),
  'a length, endless': 'ff'.repeat(SIZE),
  'subjects, empty': '1200'.repeat(SIZE / 2),
  'values, many': good + field(4, field(1, field(1, '61') + field(2, field(6, '0a020800'.repeat(SIZE / 4))))),
  'members, many':
    good +
    field(
      4,
      Array.from({ length: SIZE / 12 }, (_, index) =>
        field(1, field(1, encodeHex(encodeUtf8(index.toString(36)))) + '12020800'),
      ).join(''),
    ),
  'objects, as deep as allowed, again and again':
    good +
    field(
      4,
      Array.from({ length: 1000 }, (_, index) =>
        field(1, field(1, encodeHex(encodeUtf8(`${index}`))) + field(2, field(5, deep))),
      ).join(''),
    ),
};

interface Reading {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}

const tolerant = { mode: 'tolerant', acceptMisspelt: true } as const;
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const of = (
  group: string,
  inputs: Readonly<Record<string, string>>,
  read: Reading['read'],
  decode = (text: string): Uint8Array => encodeUtf8(text),
): Reading[] =>
  Object.entries(inputs).map(([name, text]) => ({ name: `${group}, ${name}`, bytes: decode(text), read }));
const readings = [
  ...of('statement', statements, (bytes) => narrow(parseStatement(bytes), [provenanceV1, spdx2])),
  ...of('tolerant statement', statements, (bytes) =>
    narrow(parseStatement(bytes, tolerant), [provenanceV1], tolerant),
  ),
  ...of('envelope', envelopes, (bytes) => parseEnvelope(bytes)),
  ...of('tolerant envelope', envelopes, (bytes) => parseEnvelope(bytes, tolerant)),
  ...of('layout or link', layouts, (bytes) => parseMetadata(bytes)),
  ...of('protobuf statement', messages, (bytes) => parseStatementProto(bytes), fromHex),
  ...of('protobuf envelope', messages, (bytes) => parseEnvelopeProto(bytes), fromHex),
];

const costs = readings.map(({ name, bytes, read }) => {
  const times: number[] = [];
  let outcome = 'read';
  for (let round = 0; round < 5; round += 1) {
    const started = performance.now();
    const before = process.cpuUsage();
    try {
      read(bytes);
    } catch (error) {
      if (!(error instanceof InTotoError)) throw error;
      outcome = error.code;
    }
    const { user, system } = process.cpuUsage(before);
    times.push(Math.min(performance.now() - started, (user + system) / 1000)); // others may use the machine too
  }
  times.sort((a, b) => a - b);
  return { name, outcome, median: times[2] ?? 0, worst: times.at(-1) ?? 0 };
});
costs.sort((a, b) => b.median - a.median);
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}: ${costs.length} inputs of about 1 MiB, five times each`,
);
for (const { name, outcome, median, worst } of costs.slice(0, 16))
  console.log(
    `${median.toFixed(1).padStart(7)} ms median ${worst.toFixed(1).padStart(7)} ms worst  ${outcome.padEnd(24)} ${name}`,
  );
