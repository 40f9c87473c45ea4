import { isJsonObject, parseJson } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { InTotoError, parseEnvelope, parseStatement } from '../src/index.js';
import {
  encodeBundleProto,
  encodeEnvelopeProto,
  encodeStatementProto,
  parseBundleProto,
  parseEnvelopeProto,
  parseStatementProto,
} from '../src/protobuf/index.js';

const areas = ['dsse', 'in-toto'].map(vectorArea);
const present = areas.every((area) => area.present);
const files = areas.flatMap((area) =>
  area
    .list('real')
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ title: `${area.name}/real/${name}`, json: parseJson(area.bytes('real', name)) })),
);
const bundles = files.filter(({ json }) => isJsonObject(json) && isJsonObject(json['dsseEnvelope']));
const envelopes = files.filter(
  ({ json }) => isJsonObject(json) && Array.isArray(json['signatures']) && 'payload' in json,
);

describe.skipIf(!present)('real files, in protobuf and back', () => {
  it('are there', () => {
    expect(bundles.length).toBeGreaterThan(0);
    expect(envelopes.length).toBeGreaterThan(0);
  });

  it.each(bundles)('$title', ({ json }) => {
    const envelope = parseEnvelope(JSON.stringify(isJsonObject(json) ? json['dsseEnvelope'] : null));
    const bundle = { mediaType: 'm', verificationMaterial: Uint8Array.of(10, 0), envelope };
    if (envelope.signatures.length === 1) expect(parseBundleProto(encodeBundleProto(bundle))).toEqual(bundle);
    else expect(() => encodeBundleProto(bundle)).toThrow(InTotoError);
  });

  it.each(envelopes)('$title', ({ json }) => {
    const envelope = read(() => parseEnvelope(JSON.stringify(json)));
    if (envelope === undefined) return;
    const signatures = envelope.signatures.map((signature) => ({ ...signature, unknown: {} }));
    expect(parseEnvelopeProto(encodeEnvelopeProto(envelope))).toEqual({ ...envelope, signatures });
    const statement = read(() => parseStatement(envelope.payload, { mode: 'tolerant' }));
    if (statement === undefined) return;
    const { subject, predicateType, predicate } = statement;
    const again = parseStatementProto(encodeStatementProto(statement), { mode: 'tolerant' });
    expect(again).toMatchObject({ subject, predicateType, predicate });
  });
});

function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(InTotoError);
    return undefined;
  }
}
