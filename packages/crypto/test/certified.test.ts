import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  parseCertificate,
  signatureCheck,
  verifyCertificateChain,
} from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  generateKeyPair,
  importSpki,
  type PrivateKey,
  sign,
  type SignatureScheme,
  verifySignature,
} from '../src/index.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const HASHES = { sha256: ['1', 32], sha384: ['2', 48], sha512: ['3', 64] } as const;
const SIMPLE: Readonly<Record<string, string>> = {
  'ecdsa-sha256': '1.2.840.10045.4.3.2',
  'ecdsa-sha384': '1.2.840.10045.4.3.3',
  'ecdsa-sha512': '1.2.840.10045.4.3.4',
  'rsa-pkcs1-sha256': '1.2.840.113549.1.1.11',
  'rsa-pkcs1-sha384': '1.2.840.113549.1.1.12',
  'rsa-pkcs1-sha512': '1.2.840.113549.1.1.13',
  ed25519: '1.3.101.112',
};

function algorithm(scheme: SignatureScheme): Uint8Array {
  const simple = SIMPLE[scheme];
  if (simple !== undefined)
    return encodeSequence(encodeOid(simple), ...(scheme.startsWith('rsa') ? [encodeNull()] : []));
  const [arc, size] = HASHES[scheme.slice('rsa-pss-'.length) as keyof typeof HASHES];
  const hash = encodeSequence(encodeOid(`2.16.840.1.101.3.4.2.${arc}`), encodeNull());
  return encodeSequence(
    encodeOid('1.2.840.113549.1.1.10'),
    encodeSequence(
      encodeElement(0xa0, hash),
      encodeElement(0xa1, encodeSequence(encodeOid('1.2.840.113549.1.1.8'), hash)),
      encodeElement(0xa2, encodeInteger(Uint8Array.of(size))),
    ),
  );
}

async function selfSigned(key: PrivateKey, scheme: SignatureScheme): Promise<Uint8Array> {
  const name = encodeSequence(
    encodeElement(0x31, encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, text('root')))),
  );
  const constraints = encodeSequence(
    encodeOid('2.5.29.19'),
    encodeOctetString(encodeSequence(encodeElement(1, Uint8Array.of(255)))),
  );
  const body = encodeSequence(
    encodeElement(0xa0, encodeInteger(Uint8Array.of(2))),
    encodeInteger(Uint8Array.of(1)),
    algorithm(scheme),
    name,
    encodeSequence(encodeElement(0x17, text('240101000000Z')), encodeElement(0x17, text('340101000000Z'))),
    name,
    key.publicKey.spki,
    encodeElement(0xa3, encodeSequence(constraints)),
  );
  return encodeSequence(body, algorithm(scheme), encodeBitString(await sign(key, body, { scheme })));
}

describe('importSpki', () => {
  it('takes what certificates hold, and nothing else', async () => {
    const { spki } = (await generateKeyPair('ec-p384')).publicKey;
    expect(importSpki(spki).spki).toEqual(spki);
    const off = Uint8Array.from(spki);
    off[off.length - 1] = (off.at(-1) ?? 0) ^ 1;
    for (const bytes of [off, spki.subarray(1), new Uint8Array(0)])
      expect(() => importSpki(bytes)).toThrow(expect.objectContaining({ code: 'ERR_CRYPTO_KEY' }));
  });
});

describe('verifySignature', () => {
  it.each([
    ['ec-p256', 'ecdsa-sha256'],
    ['ec-p384', 'ecdsa-sha384'],
    ['ec-p521', 'ecdsa-sha512'],
    ['ed25519', 'ed25519'],
    ['rsa', 'rsa-pkcs1-sha256'],
    ['rsa', 'rsa-pss-sha256'],
    ['rsa', 'rsa-pss-sha384'],
  ] as const)('follows a certificate of a %s key, %s', async (kind, scheme) => {
    const key = await generateKeyPair(kind, { bits: scheme === 'rsa-pss-sha384' ? 4096 : 2048 });
    const certificate = parseCertificate(await selfSigned(key, scheme));
    const options = { anchors: [certificate], at: Date.UTC(2025, 0), verify: verifySignature };
    await verifyCertificateChain([certificate], options);
    const check = signatureCheck(certificate, certificate.spki);
    expect(check.scheme).toBe(scheme);
    const data = Uint8Array.from(check.data);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    expect(await verifySignature({ ...check, data })).toBe(false);
    expect(await verifySignature({ ...check, signature: new Uint8Array(3) })).toBe(false);
  });

  it('says no to a key that cannot be used and to a scheme of another kind of key', async () => {
    const key = await generateKeyPair('ec-p256');
    const certificate = parseCertificate(await selfSigned(key, 'ecdsa-sha256'));
    const check = signatureCheck(certificate, certificate.spki);
    expect(await verifySignature(check)).toBe(true);
    expect(await verifySignature({ ...check, scheme: 'rsa-pss-sha384' })).toBe(false);
    expect(await verifySignature({ ...check, spki: new Uint8Array(9) })).toBe(false);
  });
});
