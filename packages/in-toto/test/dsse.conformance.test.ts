import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import { digest, importPublicKey, type PublicKey, sshFingerprint } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  decodeDsseBase64,
  InTotoError,
  pae,
  parseEnvelope,
  verifierFromKey,
  type Verifier,
  verifyEnvelope,
} from '../src/index.js';

interface Expectation {
  ok: boolean;
  acceptedKeys?: string[];
  error?: string;
  pointer?: string;
}
interface KeyVector {
  publicKeyPem: string;
  sshFingerprintKeyId: string;
  spkiSha256Hex: string;
}
interface EnvelopeCase {
  name: string;
  envelope: unknown;
  verifiers: string[];
  threshold: number;
  expect: Expectation;
}

const area = vectorArea('dsse');
const rows = <T>(file: string): T[] => (area.present ? area.json<T[]>(file) : []);

describe.skipIf(!area.present)(`vectors of ${area.name}`, () => {
  const { keys, cases } = area.present
    ? area.json<{ keys: Record<string, KeyVector>; cases: EnvelopeCase[] }>('envelopes.json')
    : { keys: {}, cases: [] };
  const imported = new Map<string, PublicKey>(
    Object.entries(keys).map(([name, key]) => [name, importPublicKey(key.publicKeyPem)]),
  );

  it.each(Object.entries(keys))('key %s', (name, key) => {
    expect(imported.get(name)?.fingerprint).toBe(key.spkiSha256Hex);
    const publicKey = imported.get(name);
    if (publicKey !== undefined) expect(sshFingerprint(publicKey)).toBe(key.sshFingerprintKeyId);
  });

  it.each(
    rows<{
      name: string;
      payloadType: string;
      bodyHex?: string;
      bodyRepeat?: { byte: number; count: number };
      paeHex?: string;
      paeSha256: string;
    }>('pae.json'),
  )('PAE of $name', (row) => {
    const repeat = row.bodyRepeat;
    const body =
      repeat === undefined ? decodeHex(row.bodyHex ?? '') : new Uint8Array(repeat.count).fill(repeat.byte);
    const bytes = pae(row.payloadType, body);
    if (row.paeHex !== undefined) expect(encodeHex(bytes)).toBe(row.paeHex);
    expect(encodeHex(digest('sha256', bytes))).toBe(row.paeSha256);
  });

  it.each(
    rows<{ name: string; input: string; strictHex: string | null; lenientHex: string | null }>('base64.json'),
  )('base64 of $name', ({ input, strictHex, lenientHex }) => {
    const hex = (lenient: boolean) => {
      try {
        return encodeHex(decodeDsseBase64(input, lenient));
      } catch {
        return null;
      }
    };
    expect(hex(false)).toBe(strictHex);
    expect(hex(true)).toBe(lenientHex);
  });

  it.each(cases)('envelope $name', async ({ name, envelope, verifiers, threshold, expect: expected }) => {
    const trusted = verifiers.map((spec) => verifierOf(imported, spec, name));
    await check(JSON.stringify(envelope), trusted, threshold, expected, imported);
  });

  it.each(rows<{ name: string; text: string; expect: Expectation }>('envelope-text.json'))(
    'text $name',
    async (row) => {
      await check(row.text, [verifierOf(imported, 'specP256', row.name)], 1, row.expect, imported);
    },
  );

  it('the worked example of the protocol', async () => {
    const example = area.json<{
      payloadType: string;
      payloadBase64: string;
      paeHex: string;
      key: { publicKeyPem: string };
      signatureDerBase64: string;
      envelope: { signatures: { sig: string }[] };
    }>('spec-example.json');
    const payload = decodeBase64(example.payloadBase64);
    expect(encodeHex(pae(example.payloadType, payload))).toBe(example.paeHex);
    const options = {
      verifiers: [verifierFromKey(importPublicKey(example.key.publicKeyPem))],
      payloadTypes: [example.payloadType],
    };
    expect((await verifyEnvelope(JSON.stringify(example.envelope), options)).payload).toEqual(payload);
    const der = { ...example.envelope, signatures: [{ sig: example.signatureDerBase64 }] };
    expect((await verifyEnvelope(JSON.stringify(der), options)).payload).toEqual(payload);
  });

  it('real envelopes', async () => {
    const pem = (file: string) => importPublicKey(area.text('real', file));
    const ed25519 = importPublicKey({
      kty: 'OKP',
      crv: 'Ed25519',
      x: encodeBase64(decodeHex(area.text('real', 'ed25519-key-fe1c6281.hex').trim()))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replaceAll('=', ''),
    });
    const verified = (file: string, threshold: number, ...verifiers: Verifier[]) => {
      const text = area.text('real', file);
      return verifyEnvelope(text, { verifiers, threshold, payloadTypes: [parseEnvelope(text).payloadType] });
    };
    const pair = [pem('multi-sig-key1-ecdsa.pem'), pem('multi-sig-key2-rsa.pem')].map((key) =>
      verifierFromKey(key),
    );
    expect((await verified('multi-sig-ecdsa-rsa.json', 2, ...pair)).accepted).toHaveLength(2);
    for (const file of ['ed25519-build.json', 'ed25519-clone-type-misspelt.json']) {
      expect((await verified(file, 1, verifierFromKey(ed25519))).accepted).toHaveLength(1);
    }
    for (const [file, key] of [
      ['rsa-pss-clone-link.json', 'rsa-pss-key-776a00e2.pem'],
      ['rsa-pss-layout.json', 'rsa-pss-key-70ca5750-alice.pem'],
    ] as const) {
      const publicKey = pem(key);
      await verified(file, 1, verifierFromKey(publicKey, { scheme: 'rsa-pss-sha256' }));
      await expect(verified(file, 1, verifierFromKey(publicKey))).rejects.toThrow(InTotoError);
    }
  });
});

function verifierOf(keys: ReadonlyMap<string, PublicKey>, spec: string, caseName: string): Verifier {
  const [name = '', padding] = spec.split(':');
  const key = keys.get(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  const keyid = caseName === 'keyid-matches-second-of-two' && name === 'ed25519Rfc8032T1' ? 'ed' : name;
  return verifierFromKey(key, { keyid, ...(padding === 'pss' ? { scheme: 'rsa-pss-sha256' } : {}) });
}

async function check(
  text: string,
  verifiers: readonly Verifier[],
  threshold: number,
  expected: Expectation,
  keys: ReadonlyMap<string, PublicKey>,
): Promise<void> {
  const types = /"payloadType": ?("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const payloadTypes = types === undefined ? [] : [JSON.parse(types) as string];
  const run = verifyEnvelope(text, { verifiers, threshold, payloadTypes });
  if (expected.ok) {
    const accepted = (await run).accepted.map(({ identity }) => identity).sort();
    const names = expected.acceptedKeys;
    if (names !== undefined)
      expect(accepted).toEqual(names.map((name) => keys.get(name)?.fingerprint ?? name).sort());
    return;
  }
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InTotoError);
  expect(error).toMatchObject({
    code: expected.error,
    ...(expected.pointer === undefined ? {} : { pointer: expected.pointer }),
  });
}
