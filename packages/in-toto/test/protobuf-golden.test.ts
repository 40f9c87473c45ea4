import { encodeHex, encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import * as messages from '../src/protobuf/index.js';
import {
  encodeBundleProto,
  encodeDescriptorProto,
  encodeEnvelopeProto,
  encodePredicateProto,
  encodeStatementProto,
  parsePredicateProto,
  parseStatementProto,
} from '../src/protobuf/index.js';

// Another implementation of protobuf, over the field numbers of the framework; names are those of JSON here, the wire has none.
const root = protobuf.parse(
  `syntax = "proto3";
  message Struct { map<string, Value> fields = 1; }
  message Value { oneof kind { int32 nil = 1; double number = 2; string text = 3; bool flag = 4; Struct struct = 5; List list = 6; } }
  message List { repeated Value values = 1; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }

  message Statement { string type = 1; repeated RD subject = 2; string predicateType = 3; Struct predicate = 4; }
  message RD { string name = 1; string uri = 2; map<string, string> digest = 3; bytes content = 4; string downloadLocation = 5;
    string mediaType = 6; Struct annotations = 7; }
  message Envelope { bytes payload = 1; string payloadType = 2; repeated Signature signatures = 3; }
  message Signature { bytes sig = 1; string keyid = 2; Extension extension = 3; }
  message Extension { string kind = 1; Struct ext = 2; }
  message Bundle { string mediaType = 1; bytes verificationMaterial = 2; Envelope dsseEnvelope = 4; }

  message Id { string id = 1; }
  message Ref { string uri = 1; map<string, string> digest = 2; }
  message PROVENANCE_V1 { Definition buildDefinition = 1; Run runDetails = 2;
    message Definition { string buildType = 1; Struct externalParameters = 2; Struct internalParameters = 3; repeated RD resolvedDependencies = 4; }
    message Run { Builder builder = 1; Meta metadata = 2; repeated RD byproducts = 3; }
    message Builder { string id = 1; map<string, string> version = 2; repeated RD builderDependencies = 3; }
    message Meta { string invocationId = 1; Timestamp startedOn = 2; Timestamp finishedOn = 3; } }
  message PROVENANCE_V02 { Id builder = 1; string buildType = 2; Invocation invocation = 3; Struct buildConfig = 4; Meta metadata = 5; repeated Ref materials = 6;
    message Invocation { Source configSource = 1; Struct parameters = 2; Struct environment = 3; }
    message Source { string uri = 1; map<string, string> digest = 2; string entryPoint = 3; }
    message Meta { string buildInvocationId = 1; Timestamp buildStartedOn = 2; Timestamp buildFinishedOn = 3; Complete completeness = 4; bool reproducible = 5; }
    message Complete { bool parameters = 1; bool environment = 2; bool materials = 3; } }
  message PROVENANCE_V01 { Id builder = 1; Recipe recipe = 2; Meta metadata = 3; repeated Ref materials = 4;
    message Recipe { string type = 1; int32 definedInMaterial = 2; string entryPoint = 3; Struct arguments = 4; Struct environment = 5; }
    message Meta { string buildInvocationId = 1; Timestamp buildStartedOn = 2; Timestamp buildFinishedOn = 3; Complete completeness = 4; bool reproducible = 5; }
    message Complete { bool arguments = 1; bool environment = 2; bool materials = 3; } }
  message VSA_V1 { Id verifier = 1; Timestamp timeVerified = 2; string resourceUri = 3; Ref policy = 4; repeated Ref inputAttestations = 5;
    string verificationResult = 6; repeated string verifiedLevels = 7; map<string, uint64> dependencyLevels = 8; string slsaVersion = 9; }
  message VSA_V0 { Id verifier = 1; Timestamp time_verified = 2; string resource_uri = 3; Ref policy = 4; repeated Ref input_attestations = 5;
    string verification_result = 6; string policy_level = 7; map<string, uint64> dependency_levels = 8; }
  message LINK { string name = 1; repeated string command = 2; repeated RD materials = 3; Struct byproducts = 4; Struct environment = 5; }
  message SCAI { repeated Assertion attributes = 1; RD producer = 2;
    message Assertion { string attribute = 1; RD target = 2; Struct conditions = 3; RD evidence = 4; } }
  message REFERENCE { Id attester = 1; repeated RD references = 2; }
  message RELEASE_V01 { string purl = 1; optional string releaseId = 2; }
  message RELEASE_V02 { string purl = 1; optional string packageId = 2; }
  message SVR_V01 { Id verifier = 1; Timestamp timeCreated = 2; repeated string properties = 3; }
  message TEST_RESULT { string result = 1; repeated RD configuration = 2; string url = 3; repeated string passedTests = 4;
    repeated string warnedTests = 5; repeated string failedTests = 6; }
  message VULNS_V02 { Scanner scanner = 1; Meta metadata = 2;
    message Scanner { string uri = 1; optional string version = 2; Database db = 3; repeated Result result = 4; }
    message Database { optional string uri = 1; optional string version = 2; Timestamp lastUpdate = 3; }
    message Result { string id = 1; repeated Severity severity = 2; repeated Struct annotations = 3; }
    message Severity { string method = 1; string score = 2; }
    message Meta { Timestamp scanStartedOn = 1; Timestamp scanFinishedOn = 2; } }`,
  { keepCase: true },
).root;

const DIGEST = { sha256: 'ab'.repeat(32), sha512: 'cd'.repeat(64) };
const THING = {
  name: 'n',
  uri: 'pkg:a/b@1',
  digest: DIGEST,
  mediaType: 'text/plain',
  annotations: { deep: [{ a: 1 }] },
};
const REF = { uri: 'https://example.com/r', digest: DIGEST };
const FREE = { a: [null, true, false, 'x', -1.5, { b: {} }], b: {}, n: 0, t: '' };
const BUILT = {
  buildInvocationId: 'i',
  buildStartedOn: '2024-05-01T10:00:00Z',
  buildFinishedOn: '2024-05-01T10:00:00.123Z',
  reproducible: true,
};
const SAMPLES: Readonly<Record<string, object>> = {
  PROVENANCE_V1: {
    buildDefinition: {
      buildType: 't',
      externalParameters: FREE,
      internalParameters: {},
      resolvedDependencies: [THING, { uri: 'u' }],
    },
    runDetails: {
      builder: { id: 'b', version: { x: '1', y: '2' }, builderDependencies: [THING] },
      metadata: {
        invocationId: 'i',
        startedOn: '1969-12-31T23:59:59.500Z',
        finishedOn: '1970-01-01T00:00:00Z',
      },
      byproducts: [THING],
    },
  },
  PROVENANCE_V02: {
    builder: { id: 'b' },
    buildType: 't',
    invocation: { configSource: { ...REF, entryPoint: 'e' }, parameters: FREE, environment: {} },
    buildConfig: FREE,
    metadata: { ...BUILT, completeness: { parameters: true, environment: true, materials: true } },
    materials: [REF, REF],
  },
  PROVENANCE_V01: {
    builder: { id: 'b' },
    recipe: { type: 't', definedInMaterial: -3, entryPoint: 'e', arguments: FREE, environment: {} },
    metadata: { ...BUILT, completeness: { arguments: true } },
    materials: [REF],
  },
  VSA_V1: {
    verifier: { id: 'v' },
    timeVerified: '9999-12-31T23:59:59.999999999Z',
    resourceUri: 'u',
    policy: REF,
    inputAttestations: [REF],
    verificationResult: 'PASSED',
    verifiedLevels: ['SLSA_BUILD_LEVEL_3', 'x'],
    dependencyLevels: { SLSA_BUILD_LEVEL_1: 0, SLSA_BUILD_LEVEL_2: 2 ** 40, '\uffff': 1, '\u{1f600}': 300 },
    slsaVersion: '1.2',
  },
  VSA_V0: {
    verifier: { id: 'v' },
    time_verified: '0001-01-01T00:00:00.000001Z',
    resource_uri: 'u',
    policy: REF,
    input_attestations: [REF],
    verification_result: 'FAILED',
    policy_level: 'SLSA_LEVEL_3',
    dependency_levels: { SLSA_LEVEL_0: 1 },
  },
  LINK: { name: 's', command: ['make', '', 'all'], materials: [THING], byproducts: FREE, environment: {} },
  SCAI: {
    attributes: [{ attribute: 'a', target: THING, conditions: FREE, evidence: THING }, { attribute: 'b' }],
    producer: THING,
  },
  REFERENCE: { attester: { id: 'a' }, references: [THING] },
  RELEASE_V01: { purl: 'pkg:a/b@1', releaseId: '' },
  RELEASE_V02: { purl: 'pkg:a/b@1', packageId: 'p' },
  SVR_V01: { verifier: { id: 'v' }, timeCreated: '2024-02-29T00:00:00.000001Z', properties: ['p'] },
  TEST_RESULT: {
    result: 'PASSED',
    configuration: [THING],
    url: 'u',
    passedTests: ['a', 'b'],
    warnedTests: ['c'],
    failedTests: ['d'],
  },
  VULNS_V02: {
    scanner: {
      uri: 'u',
      version: '',
      db: { uri: 'u', version: '1', lastUpdate: '2024-05-01T10:00:00Z' },
      result: [
        { id: 'CVE-1', severity: [{ method: 'm', score: '1' }], annotations: [FREE, {}] },
        { id: 'CVE-2' },
      ],
    },
    metadata: { scanStartedOn: '2024-05-01T10:00:00Z', scanFinishedOn: '2024-05-01T10:00:01Z' },
  },
};
const MESSAGES = new Map(
  Object.entries<unknown>(messages).flatMap(([name, value]) =>
    name.endsWith('_MESSAGE')
      ? [[name.slice(0, -'_MESSAGE'.length), value as messages.PredicateMessage]]
      : [],
  ),
);

/** A message as the other implementation wants it: structs and timestamps taken apart, maps sorted, nothing else changed. */
function prepared(type: protobuf.Type, value: object): Record<string, unknown> {
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
    const field = type.fields[name];
    if (field === undefined) throw new Error(`no field ${type.name}.${name}`);
    field.resolve();
    const one = (item: unknown): unknown => {
      if (field instanceof protobuf.MapField) return sorted(Object(item));
      if (field.type === 'Struct') return structOf(Object(item));
      if (field.type === 'Timestamp') return timestampOf(String(item));
      return field.resolvedType instanceof protobuf.Type ? prepared(field.resolvedType, Object(item)) : item;
    };
    return [name, field.repeated && Array.isArray(member) ? member.map(one) : one(member)];
  });
  return Object.fromEntries(entries);
}

function sorted(map: object): object {
  const order = (text: string) => encodeHex(encodeUtf8(text));
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (order(a) < order(b) ? -1 : 1)));
}

function structOf(value: object): object {
  return {
    fields: sorted(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, valueOf(item)]))),
  };
}

function valueOf(value: unknown): object {
  if (value === null) return { nil: 0 };
  if (typeof value === 'number') return { number: value };
  if (typeof value === 'string') return { text: value };
  if (typeof value === 'boolean') return { flag: value };
  return Array.isArray(value)
    ? { list: { values: value.map(valueOf) } }
    : { struct: structOf(Object(value)) };
}

/** Members that are 0 are left out, as proto3 has it; the other implementation writes what it is given. */
function timestampOf(text: string): object {
  const [whole = '', fraction = ''] = text.slice(0, -1).split('.');
  const [seconds, nanos] = [Date.parse(`${whole}Z`) / 1000, Number(fraction.padEnd(9, '0'))];
  return { ...(seconds === 0 ? {} : { seconds }), ...(nanos === 0 ? {} : { nanos }) };
}

function golden(name: string, value: object): string {
  const type = root.lookupType(name);
  return encodeHex(Uint8Array.from(type.encode(type.fromObject(prepared(type, value))).finish()));
}

describe('protobuf, beside another implementation', () => {
  it.each([...MESSAGES.keys()])('%s', (name) => {
    const [message, sample] = [MESSAGES.get(name) ?? {}, SAMPLES[name] ?? {}];
    const bytes = encodePredicateProto(sample, message);
    expect(bytes.byteLength).toBeGreaterThan(10);
    expect(encodeHex(bytes)).toBe(golden(name, sample));
    expect(parsePredicateProto(bytes, message)).toEqual(sample);
  });

  it('statements, descriptors, envelopes and bundles', () => {
    const subject = [{ name: 's', digest: DIGEST }, THING];
    const statement = { subject, predicateType: 'https://example.com/p', predicate: FREE };
    expect(encodeHex(encodeStatementProto(statement))).toBe(
      golden('Statement', { type: 'https://in-toto.io/Statement/v1', ...statement }),
    );
    expect(encodeHex(encodeDescriptorProto({ ...THING, content: 'SGVsbG8=', downloadLocation: 'd' }))).toBe(
      golden('RD', { ...THING, content: encodeUtf8('Hello'), downloadLocation: 'd' }),
    );
    const extension = { kind: 'k', ext: FREE };
    const envelope = {
      payload: encodeUtf8('{}'),
      payloadType: 't',
      signatures: [{ sig: Uint8Array.of(1), keyid: 'k', unknown: { extension } }],
    };
    const signatures = [{ sig: Uint8Array.of(1), keyid: 'k', extension }];
    expect(encodeHex(encodeEnvelopeProto(envelope))).toBe(golden('Envelope', { ...envelope, signatures }));
    const bundle = { mediaType: 'm', verificationMaterial: Uint8Array.of(9), envelope };
    expect(encodeHex(encodeBundleProto(bundle))).toBe(
      golden('Bundle', {
        mediaType: 'm',
        verificationMaterial: Uint8Array.of(9),
        dsseEnvelope: { ...envelope, signatures },
      }),
    );
  });

  it('any predicate', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value))); // no -0
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), json), (predicate) => {
        fc.pre(!/\\ud[89a-f]/i.test(JSON.stringify(predicate)));
        fc.pre(!/"\d+":/.test(JSON.stringify(predicate))); // objects put names of digits first
        const statement = {
          subject: [{ digest: DIGEST }],
          predicateType: 'https://example.com/p',
          predicate,
        };
        const bytes = encodeStatementProto(statement);
        expect(encodeHex(bytes)).toBe(
          golden('Statement', { type: 'https://in-toto.io/Statement/v1', ...statement }),
        );
        expect(parseStatementProto(bytes).predicate).toEqual(predicate);
      }),
    );
  });
});
