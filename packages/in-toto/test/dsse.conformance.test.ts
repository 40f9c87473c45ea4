import { decodeBase64, decodeHex, encodeBase64, encodeHex } from '@sealwright/bytes';
import { digest, importPublicKey, type PublicKey, sshFingerprint } from '@sealwright/crypto';
import { parseCertificate } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  decodeDsseBase64,
  InTotoError,
  pae,
  parseEnvelope,
  parseStatement,
  verifierFromKey,
  type Verifier,
  verifyEnvelope,
} from '../src/index.js';
import { narrow, provenanceV1 } from '../src/predicates/index.js';

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

interface SigstoreBundle {
  dsseEnvelope: { payload: string; signatures: object[] };
  verificationMaterial: {
    certificate?: { rawBytes: string };
    x509CertificateChain?: { certificates: { rawBytes: string }[] };
  };
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

  it.each(cases)('envelope $name', async ({ envelope, verifiers, threshold, expect: expected }) => {
    const trusted = verifiers.map((spec) => verifierOf(imported, spec, keyidsOf(envelope)));
    await check(JSON.stringify(envelope), trusted, threshold, expected, imported);
  });

  it.each(rows<{ name: string; text: string; expect: Expectation }>('envelope-text.json'))(
    'text $name',
    async (row) => {
      await check(row.text, [verifierOf(imported, 'specP256')], 1, row.expect, imported);
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

  it.each(area.list('real').filter((file) => file.endsWith('.sigstore.json')))(
    '%s, by the key of its certificate',
    async (file) => {
      const { dsseEnvelope, verificationMaterial: material } = area.json<SigstoreBundle>('real', file);
      const certificate = material.certificate ?? material.x509CertificateChain?.certificates[0];
      const { spki } = parseCertificate(decodeBase64(certificate?.rawBytes ?? ''));
      const text = JSON.stringify(dsseEnvelope);
      const verifiers = [verifierFromKey(importPublicKey(spki))];
      const { accepted, skipped, payload } = await verifyEnvelope(text, { verifiers });
      expect(payload).toEqual(decodeBase64(dsseEnvelope.payload));
      expect(accepted.map(({ signatureIndex }) => signatureIndex)).toEqual([0]);
      expect(skipped).toHaveLength(dsseEnvelope.signatures.length - 1);
      const none = { ...dsseEnvelope, signatures: dsseEnvelope.signatures.slice(1) };
      if (none.signatures.length > 0)
        await expect(verifyEnvelope(JSON.stringify(none), { verifiers })).rejects.toThrow(InTotoError);
    },
  );

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
    const built = await verified('ed25519-build.json', 1, verifierFromKey(ed25519));
    expect(() => narrow(parseStatement(built), [provenanceV1])).toThrow(
      expect.objectContaining({ code: 'PREDICATE_MISSING_FIELD' }),
    );
    const misspelt = await verified('ed25519-clone-type-misspelt.json', 1, verifierFromKey(ed25519));
    expect(() => parseStatement(misspelt)).toThrow(
      expect.objectContaining({ code: 'INTOTO_MISSING_FIELD', pointer: '/_type' }),
    );
    for (const [file, key] of [
      ['rsa-pss-clone-link.json', 'rsa-pss-key-776a00e2.pem'],
      ['rsa-pss-layout.json', 'rsa-pss-key-70ca5750-alice.pem'],
    ] as const) {
      const publicKey = pem(key);
      const classic = await verified(file, 1, verifierFromKey(publicKey, { scheme: 'rsa-pss-sha256' }));
      expect(() => parseStatement(classic)).toThrow(
        expect.objectContaining({ code: 'INTOTO_UNSUPPORTED_STATEMENT_TYPE', pointer: '/_type' }),
      );
      await expect(verified(file, 1, verifierFromKey(publicKey))).rejects.toThrow(InTotoError);
    }
  });
});

/** A key goes by its name, or by the beginning of it that a signature names. */
function verifierOf(
  keys: ReadonlyMap<string, PublicKey>,
  spec: string,
  keyids: readonly string[] = [],
): Verifier {
  const [name = '', padding] = spec.split(':');
  const key = keys.get(name);
  if (key === undefined) throw new Error(`no key ${name}`);
  const keyid = keyids.find((id) => id !== '' && name.startsWith(id)) ?? name;
  return verifierFromKey(key, { keyid, ...(padding === 'pss' ? { scheme: 'rsa-pss-sha256' } : {}) });
}

function keyidsOf(envelope: unknown): readonly string[] {
  const found: string[] = [];
  JSON.stringify(envelope, (name, value: unknown) => {
    if (name === 'keyid' && typeof value === 'string') found.push(value);
    return value;
  });
  return found;
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
