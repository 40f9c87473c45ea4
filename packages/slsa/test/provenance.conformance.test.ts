import { createStatement, parseStatement, type ResourceDescriptor } from '@sealwright/in-toto';
import {
  narrow,
  provenanceV02,
  type ProvenanceV01Predicate,
  type ProvenanceV02Predicate,
} from '@sealwright/in-toto/predicates';
import type { JsonObject } from '@sealwright/json';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { convertV01ToV02, convertV02ToV1, parseProvenance, SlsaError } from '../src/index.js';
import { readAttestations } from './attestation-files.ts';

const area = vectorArea('slsa');

interface ConvertCase {
  readonly name: string;
  readonly in?: JsonObject;
  readonly inFile?: string;
  readonly buildType?: string;
  readonly out?: JsonObject;
  readonly lost?: readonly string[];
  readonly error?: string;
  readonly pointer?: string;
}

describe.skipIf(!area.present)('conversions of the vectors', () => {
  const cases = area.present
    ? area.json<Record<'v0.1->v0.2' | 'v0.2->v1', readonly ConvertCase[]>>('convert.json')
    : { 'v0.1->v0.2': [], 'v0.2->v1': [] };

  it.each(cases['v0.1->v0.2'])('0.1 to 0.2: $name', (vector) =>
    check(vector, () => convertV01ToV02(vector.in as unknown as ProvenanceV01Predicate)),
  );

  it.each(cases['v0.2->v1'])('0.2 to 1: $name', (vector) =>
    check(vector, () => convertV02ToV1(readV02(vector), { buildType: vector.buildType ?? '' })),
  );
});

function check(vector: ConvertCase, convert: () => { value: unknown; lost: readonly string[] }): void {
  if (vector.error !== undefined) {
    const { error: code, pointer } = vector;
    expect(convert).toThrow(expect.objectContaining({ name: 'SlsaError', code, pointer }));
    return;
  }
  const { value, lost } = convert();
  expect(value).toEqual(vector.out);
  expect([...lost].sort()).toEqual([...(vector.lost ?? [])].sort());
}

function readV02({ in: predicate, inFile }: ConvertCase): ProvenanceV02Predicate {
  const statement =
    inFile === undefined
      ? createStatement({
          subject: SUBJECT,
          predicateType: 'https://slsa.dev/provenance/v0.2',
          predicate: predicate ?? {},
        })
      : parseStatement(payloadOf(inFile), { mode: 'tolerant' });
  return narrow(statement, [provenanceV02], { mode: 'tolerant' }).predicate;
}

const SUBJECT = [{ digest: { sha256: 'ab'.repeat(32) } }];

function payloadOf(file: string): Uint8Array {
  const bytes = area.bytes(...file.split('/'));
  return file.endsWith('.statement.json') ? bytes : (readAttestations(bytes)[0]?.envelope.payload ?? bytes);
}

interface Facts {
  readonly file: string;
  readonly container: string;
  readonly payloadSha256: string;
  readonly payloadBytes: number;
  readonly statementType: string;
  readonly predicateType: string;
  readonly subjectCount: number;
  readonly firstSubject: ResourceDescriptor;
  readonly builderId: string;
  readonly buildType: string;
  readonly dependencies?: readonly ResourceDescriptor[];
  readonly invocationId?: string;
  readonly hasKeyidMember: boolean;
  readonly hasCertMember: boolean;
}

describe.skipIf(!area.present)('facts of real provenance', () => {
  it.each(area.present ? area.json<Facts[]>('bundles', 'facts.json') : [])('$file', (facts) => {
    const [attestation] = readAttestations(area.bytes(...facts.file.split('/')));
    const { container, envelope, text } = attestation ?? expect.unreachable();
    expect(container).toBe(facts.container);
    expect(envelope.payload.length).toBe(facts.payloadBytes);
    expect(createHash('sha256').update(envelope.payload).digest('hex')).toBe(facts.payloadSha256);
    const statement = parseStatement(envelope.payload);
    expect(`https://in-toto.io/Statement/${statement.version}`).toBe(facts.statementType);
    expect(statement.predicateType).toBe(facts.predicateType);
    expect(statement.subject.length).toBe(facts.subjectCount);
    expect(statement.subject[0]).toEqual(facts.firstSubject);
    const draft = statement.predicateType.includes('draft');
    if (draft) expect(() => parseProvenance(statement)).toThrow(SlsaError);
    const view = parseProvenance(statement, { readAs: { [statement.predicateType]: 'v1' } });
    expect(view.builderId).toBe(facts.builderId);
    expect(view.buildType).toBe(facts.buildType);
    expect(view.dependencies).toEqual(facts.dependencies ?? []);
    expect(view.invocationId).toBe(facts.invocationId);
    const [signature] = (JSON.parse(text) as { signatures: object[] }).signatures;
    expect('keyid' in (signature ?? {})).toBe(facts.hasKeyidMember);
    expect('cert' in (signature ?? {})).toBe(facts.hasCertMember);
  });
});
