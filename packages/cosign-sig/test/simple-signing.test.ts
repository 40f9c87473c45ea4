import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ATOMIC_SIGNATURE_TYPE,
  checkSimpleSigning,
  CosignError,
  dockerReference,
  parseSimpleSigning,
  predicateTypeOf,
  simpleSigningPayload,
} from '../src/index.js';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('simpleSigningPayload', () => {
  it('writes the bytes of cosign', () => {
    expect(decodeUtf8(simpleSigningPayload({ reference: 'r.example/a', digest }))).toBe(
      `{"critical":{"identity":{"docker-reference":"r.example/a"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
    );
  });

  it('sorts annotations and escapes as Go does', () => {
    const payload = simpleSigningPayload({ reference: 'r/a', digest, optional: { z: '<&>', a: '\u2028' } });
    expect(decodeUtf8(payload)).toContain(String.raw`"optional":{"a":"\u2028","z":"\u003c\u0026\u003e"}`);
  });

  it.each([
    ['sha384', 96],
    ['sha512', 128],
  ])('may name an image by %s', (algorithm, digits) => {
    const long = `${algorithm}:${'ab'.repeat(digits / 2)}`;
    const payload = simpleSigningPayload({ reference: 'r/a', digest: long });
    expect(parseSimpleSigning(payload).manifestDigest).toBe(long);
    expect(() => simpleSigningPayload({ reference: 'r/a', digest: long.slice(0, -2) })).toThrow(CosignError);
  });

  it('refuses what is not a digest', () => {
    expect(() => simpleSigningPayload({ reference: 'r/a', digest: 'sha256:AB' })).toThrow(CosignError);
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (reference, optional) => {
        const parsed = parseSimpleSigning(simpleSigningPayload({ reference, digest, optional }), {
          mode: 'lenient',
        });
        expect(parsed.dockerReference).toBe(reference);
        expect(parsed.manifestDigest).toBe(digest);
        expect(JSON.parse(JSON.stringify(parsed.optional))).toEqual(JSON.parse(JSON.stringify(optional)));
      }),
    );
  });
});

describe('parseSimpleSigning', () => {
  const good = {
    critical: {
      identity: { 'docker-reference': 'r/a' },
      image: { 'docker-manifest-digest': digest },
      type: ATOMIC_SIGNATURE_TYPE,
    },
    optional: {},
  };
  const text = (value: unknown): Uint8Array => encodeUtf8(JSON.stringify(value));

  it.each<[string, unknown, boolean]>([
    ['a member more', { ...good, extra: 1 }, true],
    ['no optional', { critical: good.critical }, true],
    ['optional null', { ...good, optional: null }, true],
    ['a creator that is a number', { ...good, optional: { creator: 1 } }, true],
    ['a fraction of a second', { ...good, optional: { timestamp: 1.5 } }, true],
    ['no identity', { ...good, critical: { ...good.critical, identity: undefined } }, true],
    ['an identity that is a number', { ...good, critical: { ...good.critical, identity: 1 } }, false],
    ['an array', [], false],
  ])('strictly refuses %s', (_name, value, lenient) => {
    const strict = (): unknown => parseSimpleSigning(text(value), { type: ATOMIC_SIGNATURE_TYPE });
    expect(strict).toThrow(expect.objectContaining({ code: 'ERR_COSIGN_PAYLOAD' }));
    const loose = (): unknown => parseSimpleSigning(text(value), { mode: 'lenient' });
    if (lenient) expect(loose).not.toThrow();
    else expect(loose).toThrow(CosignError);
  });

  it('expects the type it was told to', () => {
    expect(parseSimpleSigning(text(good), { type: ATOMIC_SIGNATURE_TYPE }).dockerReference).toBe('r/a');
    expect(() => parseSimpleSigning(text(good))).toThrow(
      expect.objectContaining({ pointer: '/critical/type' }),
    );
  });

  it('answers any bytes with a payload or a CosignError', () => {
    const valid = decodeUtf8(simpleSigningPayload({ reference: 'r/a', digest, optional: { a: 'b' } }));
    const mutated = fc
      .record({ at: fc.nat(valid.length - 1), text: fc.string({ maxLength: 3 }), cut: fc.nat(9) })
      .map(({ at, text: insert, cut }) =>
        new TextEncoder().encode(valid.slice(0, at) + insert + valid.slice(at + cut)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated), fc.constantFrom('strict', 'lenient'), (bytes, mode) => {
        try {
          parseSimpleSigning(bytes, { mode });
        } catch (error) {
          expect(error).toBeInstanceOf(CosignError);
        }
      }),
    );
  });
});

describe('checkSimpleSigning', () => {
  const payload = parseSimpleSigning(
    simpleSigningPayload({ reference: 'index.docker.io/library/busybox', digest, optional: { env: 'prod' } }),
  );

  it('lists each comparison', () => {
    const checks = checkSimpleSigning(payload, {
      digest,
      annotations: { env: 'prod', team: 'a', toString: 'x' },
    });
    expect(checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['digest', true],
      ['annotation env', true],
      ['annotation team', false],
      ['annotation toString', false],
    ]);
  });

  it('compares names of repositories, tag and digest apart', () => {
    const passes = (repository: string): boolean =>
      checkSimpleSigning(payload, { digest, repository }).every(({ passed }) => passed);
    expect(passes('docker.io/busybox:1.36')).toBe(true);
    expect(passes(`docker.io/library/busybox@${digest}`)).toBe(true);
    expect(passes('docker.io/other/busybox')).toBe(false);
    expect(passes('registry.example:5000/busybox')).toBe(false);
  });
});

it('spells names as cosign does', () => {
  expect(dockerReference('docker.io/busybox')).toBe('index.docker.io/library/busybox');
  expect(dockerReference('docker.io/team/app')).toBe('index.docker.io/team/app');
  expect(dockerReference('localhost:5000/app')).toBe('localhost:5000/app');
});

it('knows the predicate types of cosign', () => {
  expect(predicateTypeOf('slsaprovenance')).toBe('https://slsa.dev/provenance/v0.2');
  expect(predicateTypeOf('https://example.com/a')).toBe('https://example.com/a');
  expect(() => predicateTypeOf('no such name')).toThrow(
    expect.objectContaining({ code: 'ERR_COSIGN_PREDICATE_TYPE' }),
  );
});
