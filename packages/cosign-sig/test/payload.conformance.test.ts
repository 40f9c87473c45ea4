import { decodeBase64, encodeBase64, encodeHex } from '@sealwright/bytes';
import { digest, importPublicKey, sshFingerprint } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  ATOMIC_SIGNATURE_TYPE,
  bundleHint,
  checkSimpleSigning,
  CosignError,
  parseSimpleSigning,
  simpleSigningPayload,
} from '../src/index.js';

interface SerializeCase {
  name: string;
  reference: string;
  digest: string;
  optional: JsonObject | null;
  bytesBase64: string;
  sha256: string;
}

interface ParseCase {
  name: string;
  payloadBase64: string;
  lenient: string;
  strict: string;
}

interface KeyidCase {
  key: string;
  publicKeyPem: string;
  chainsKeyid: string;
  bundleHint: string;
  rekorV1LogIdStyle: string;
}

const area = vectorArea('cosign-sig');
const cases = <T>(folder: string, file: string): T[] => (area.present ? area.json<T[]>(folder, file) : []);

describe.skipIf(!area.present)('simple signing payloads of the vectors', () => {
  it.each(cases<SerializeCase>('payload', 'serialize.json'))('write: $name', (sample) => {
    const bytes = simpleSigningPayload(sample);
    expect(encodeBase64(bytes)).toBe(sample.bytesBase64);
    expect(encodeHex(digest('sha256', bytes))).toBe(sample.sha256);
    expect(parseSimpleSigning(bytes)).toMatchObject({
      dockerReference: sample.reference,
      manifestDigest: sample.digest,
      optional: sample.optional,
    });
  });

  it.each(cases<ParseCase>('payload', 'parse.json'))('parse: $name', (sample) => {
    const bytes = decodeBase64(sample.payloadBase64);
    expectResult(sample.strict, () => parseSimpleSigning(bytes));
    if (sample.strict.includes('ok for a GPG'))
      expect(
        parseSimpleSigning(bytes, { type: ATOMIC_SIGNATURE_TYPE, allowNullOptional: true }),
      ).toBeDefined();
    if (sample.lenient === 'error at claim check') {
      const payload = parseSimpleSigning(bytes, { mode: 'lenient' });
      // whatever image it is, its digest is one
      expect(() => simpleSigningPayload({ reference: '', digest: payload.manifestDigest })).toThrow(
        CosignError,
      );
      const checks = checkSimpleSigning(payload, { digest: `sha256:${'0'.repeat(64)}` });
      expect(checks.every(({ passed }) => passed)).toBe(false);
    } else expectResult(sample.lenient, () => parseSimpleSigning(bytes, { mode: 'lenient' }));
  });
});

describe.skipIf(!area.present)('DSSE of the vectors', () => {
  it.each(cases<KeyidCase>('dsse', 'keyids.json'))('names of the key $key', (sample) => {
    const key = importPublicKey(sample.publicKeyPem);
    expect(sshFingerprint(key)).toBe(sample.chainsKeyid);
    expect(bundleHint(key)).toBe(sample.bundleHint);
    expect(key.fingerprint).toBe(sample.rekorV1LogIdStyle);
  });
});

function expectResult(wanted: string, act: () => unknown): void {
  if (wanted === 'any') return;
  if (wanted.startsWith('ok')) expect(act).not.toThrow();
  else {
    expect(wanted).toMatch(/^error/);
    expect(act).toThrow(CosignError);
  }
}
