import { BytesError, encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, type PrivateKey } from '@sealwright/crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  addSignature,
  decodeDsseBase64,
  encodeEnvelope,
  InTotoError,
  pae,
  parseEnvelope,
  predicatePayloadType,
  signEnvelope,
  type VerifiedPayload,
  verifierFromKey,
  verifyEnvelope,
} from '../src/index.js';

const PAYLOAD = encodeUtf8('{"_type":"x"}');
const code = (expected: string, pointer?: string) =>
  expect.objectContaining(pointer === undefined ? { code: expected } : { code: expected, pointer });
let alice: PrivateKey;
let bob: PrivateKey;
let text: string;

beforeAll(async () => {
  [alice, bob] = await Promise.all([generateKeyPair('ec-p256'), generateKeyPair('ed25519')]);
  const signers = [keySigner(alice, { keyid: 'alice' }), keySigner(bob)] as const;
  text = encodeEnvelope(await signEnvelope({ payload: PAYLOAD, signers }));
});

describe('base64', () => {
  it.each(['-/', '+_', '-x+=', 'AAA-A/=='])('with both alphabets is never read: %s', (encoded) => {
    for (const lenient of [false, true]) expect(() => decodeDsseBase64(encoded, lenient)).toThrow(BytesError);
  });

  it.each([
    ['-x', 'fb'],
    ['_x==', 'ff'],
    ['+x', 'fb'],
    ['AAB', '0000'],
  ])('with bits that belong to no byte is read when lenient: %s', (encoded, hex) => {
    expect(encodeHex(decodeDsseBase64(encoded, true))).toBe(hex);
    expect(() => decodeDsseBase64(encoded)).toThrow(BytesError);
  });
});

describe('an envelope', () => {
  it('verifies for each of its keys and for both', async () => {
    const verifiers = [verifierFromKey(alice.publicKey, { keyid: 'alice' }), verifierFromKey(bob.publicKey)];
    const verified = await verifyEnvelope(text, { verifiers, threshold: 2 });
    expect(verified.payload).toEqual(PAYLOAD);
    expect(verified.accepted.map(({ signatureIndex }) => signatureIndex)).toEqual([0, 1]);
    const one = await verifyEnvelope(encodeUtf8(text), { verifiers: verifiers.slice(1) });
    expect(one.skipped).toEqual([{ signatureIndex: 0, reason: 'mismatch' }]);
  });

  it('counts keys, not signatures', async () => {
    const twice = await addSignature(parseEnvelope(text), keySigner(alice, { keyid: 'another name' }));
    const verifiers = [
      verifierFromKey(alice.publicKey),
      verifierFromKey(alice.publicKey, { keyid: 'alice' }),
    ];
    await expect(verifyEnvelope(encodeEnvelope(twice), { verifiers, threshold: 2 })).rejects.toThrow(
      code('DSSE_THRESHOLD_INVALID'),
    );
    const verified = await verifyEnvelope(encodeEnvelope(twice), { verifiers });
    expect(verified.skipped).toContainEqual({ signatureIndex: 2, reason: 'repeated-key' });
    const stranger = await generateKeyPair('ed25519');
    const withStranger = [...verifiers, verifierFromKey(stranger.publicKey)];
    await expect(
      verifyEnvelope(encodeEnvelope(twice), { verifiers: withStranger, threshold: 2 }),
    ).rejects.toThrow(code('DSSE_THRESHOLD_NOT_MET'));
  });

  it('takes a key id for a hint, unless told otherwise', async () => {
    const verifiers = [verifierFromKey(alice.publicKey, { keyid: 'not alice' })];
    expect((await verifyEnvelope(text, { verifiers })).accepted).toHaveLength(1);
    await expect(verifyEnvelope(text, { verifiers, strictKeyId: true })).rejects.toThrow(
      code('DSSE_NO_VALID_SIGNATURE'),
    );
    const both = [...verifiers, verifierFromKey(bob.publicKey)];
    expect((await verifyEnvelope(text, { verifiers: both, strictKeyId: true })).skipped).toEqual([
      { signatureIndex: 0, reason: 'no-candidate' },
    ]);
  });

  it('is refused for another payload type than wanted', async () => {
    const envelope = await signEnvelope({
      payload: PAYLOAD,
      payloadType: 'text/plain',
      signers: [keySigner(alice)],
    });
    const verifiers = [verifierFromKey(alice.publicKey)];
    await expect(verifyEnvelope(encodeEnvelope(envelope), { verifiers })).rejects.toThrow(
      code('DSSE_PAYLOAD_TYPE'),
    );
    await verifyEnvelope(encodeEnvelope(envelope), { verifiers, payloadTypes: ['text/plain'] });
    const payloadTypes = (type: string) => type.startsWith('text/');
    await verifyEnvelope(encodeEnvelope(envelope), { verifiers, payloadTypes });
    const other = { verifiers, payloadTypes: (type: string) => !payloadTypes(type) };
    await expect(verifyEnvelope(encodeEnvelope(envelope), other)).rejects.toThrow(code('DSSE_PAYLOAD_TYPE'));
  });

  it('may carry the payload type of its predicate', async () => {
    const signers = [keySigner(alice)] as const;
    const sealed = await signEnvelope({
      payload: PAYLOAD,
      payloadType: predicatePayloadType('vsa'),
      signers,
    });
    const verifiers = [verifierFromKey(alice.publicKey)];
    const { payloadType } = await verifyEnvelope(encodeEnvelope(sealed), { verifiers });
    expect(payloadType).toBe('application/vnd.in-toto.vsa+json');
  });

  it('gives what was signed, under a type of any length', async () => {
    const verifiers = [verifierFromKey(alice.publicKey)];
    const types = fc.oneof(fc.string(), fc.string({ unit: 'grapheme', minLength: 20, maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), types, async (payload, payloadType) => {
        const given = payload.slice();
        const signed = await signEnvelope({ payload: given, payloadType, signers: [keySigner(alice)] });
        given.fill(0); // whose memory it is
        const options = { verifiers, payloadTypes: [payloadType] };
        const verified = await verifyEnvelope(encodeEnvelope(signed), options);
        expect(verified.payload).toEqual(payload);
        expect(verified.payloadType).toBe(payloadType);
      }),
      { numRuns: 100 },
    );
  });

  it('is refused when any byte of its payload or type changes', async () => {
    const verifiers = [verifierFromKey(alice.publicKey), verifierFromKey(bob.publicKey)];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.string({ unit: 'grapheme' }), async (payload, payloadType) => {
        const envelope = { ...parseEnvelope(text), payload, payloadType };
        await expect(
          verifyEnvelope(encodeEnvelope(envelope), { verifiers, payloadTypes: [payloadType] }),
        ).rejects.toThrow(code('DSSE_NO_VALID_SIGNATURE'));
      }),
      { numRuns: 30 },
    );
  });

  it('keeps what others add, and trusts none of it', () => {
    const value = JSON.parse(text) as { signatures: Record<string, unknown>[] };
    Object.assign(value.signatures[0] ?? {}, { cert: 'x', extension: { kind: 'k' } });
    expect(parseEnvelope(JSON.stringify(value)).signatures[0]?.unknown).toEqual({
      cert: 'x',
      extension: { kind: 'k' },
    });
  });

  it.each([
    ['{}', 'DSSE_MISSING_FIELD', '/payloadType'],
    ['[]', 'DSSE_WRONG_TYPE', ''],
    ['{"payloadType":"a","payload":"@","signatures":[]}', 'DSSE_BAD_BASE64', '/payload'],
    ['{"payloadType":"a","payload":"","signatures":[]}', 'DSSE_NO_SIGNATURES', '/signatures'],
    ['{"payloadType":"a","payload":"","signatures":[1]}', 'DSSE_WRONG_TYPE', '/signatures/0'],
    [
      '{"payloadType":"a","payload":"","signatures":[{"sig":"","keyid":1}]}',
      'DSSE_WRONG_TYPE',
      '/signatures/0/keyid',
    ],
    [
      '{"payloadType":"a","payload":"","signatures":[{"sig":"","Sig":""}]}',
      'DSSE_AMBIGUOUS_KEY',
      '/signatures/0/Sig',
    ],
    ['{"a":1,"a":2}', 'DSSE_DUPLICATE_KEY', '/a'],
    ['{"__proto__":{"payloadType":"a"}}', 'DSSE_MISSING_FIELD', '/payloadType'],
    ['['.repeat(200), 'DSSE_LIMIT_EXCEEDED', undefined],
    ['{', 'DSSE_MALFORMED_JSON', ''],
  ])('is refused as %s', (input, expected, pointer) => {
    expect(() => parseEnvelope(input)).toThrow(code(expected, pointer));
  });

  it('has a cap on signatures', () => {
    const signatures = Array.from({ length: 101 }, () => ({ sig: '' }));
    const many = JSON.stringify({ payloadType: '', payload: '', signatures });
    expect(() => parseEnvelope(many)).toThrow(code('DSSE_LIMIT_EXCEEDED', '/signatures'));
    expect(parseEnvelope(many, { limits: { maxSignatures: 101 } }).signatures).toHaveLength(101);
  });

  it('is read as others read it in tolerant mode', () => {
    const loose = `{"payloadType":"a","Payload":"","payload":"${encodeBase64(PAYLOAD).replaceAll('=', '')}","signatures":[{"sig":"_-8"}]}`;
    expect(() => parseEnvelope(loose)).toThrow(InTotoError);
    expect(parseEnvelope(loose, { mode: 'tolerant' }).payload).toEqual(PAYLOAD);
  });

  it('answers any change with an envelope or an InTotoError', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('', '"', '{', '}', 'A', ',', '\\'), (at, to) => {
        try {
          parseEnvelope(text.slice(0, at) + to + text.slice(at + 1));
        } catch (error) {
          expect(error).toBeInstanceOf(InTotoError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

it('encodes lengths in bytes', () => {
  expect(new TextDecoder().decode(pae('x/\u{1f512}', encodeUtf8('\u00e9')))).toBe(
    'DSSEv1 6 x/\u{1f512} 2 \u00e9',
  );
});

it('keeps unverified payloads out of what asks for verified ones', () => {
  expectTypeOf<{
    payload: Uint8Array;
    payloadType: string;
    accepted: [];
    skipped: [];
  }>().not.toExtend<VerifiedPayload>();
});
