import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DerError,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSpki,
  parseEcPrivateKey,
  parsePkcs8,
  parseRsaPublicKey,
  parseSpki,
  pkcs8FromEcPrivateKey,
  pkcs8FromRsaPrivateKey,
} from '../src/index.js';

const code = (expected: string) => expect.objectContaining({ code: expected });
const version = (value: number): Uint8Array => encodeInteger(Uint8Array.of(value));
const modulus = new Uint8Array(256).fill(0xc5);
const rsaPublic = encodeSequence(encodeInteger(modulus), encodeInteger(Uint8Array.of(1, 0, 1)));
const point = Uint8Array.of(0x04, ...new Uint8Array(64).fill(7));
const P256 = '1.2.840.10045.3.1.7';

describe('SubjectPublicKeyInfo', () => {
  it('says what kind of key it holds', () => {
    expect(parseSpki(encodeSpki('ec-p256', point))).toEqual({
      kind: 'ec-p256',
      publicKey: point,
      bits: undefined,
    });
    expect(parseSpki(encodeSpki('ed25519', modulus.subarray(0, 32))).kind).toBe('ed25519');
    expect(parseSpki(encodeSpki('rsa', rsaPublic))).toEqual({
      kind: 'rsa',
      publicKey: rsaPublic,
      bits: 2048,
    });
    expect(parseRsaPublicKey(rsaPublic)).toEqual({ modulus, exponent: Uint8Array.of(1, 0, 1) });
  });

  it('refuses other keys, points and curves', () => {
    expect(() => parseSpki(encodeSpki('ec-p256', point.subarray(1)))).toThrow(code('ERR_DER_KEY'));
    expect(() => parseSpki(encodeSpki('ec-p384', point))).toThrow(code('ERR_DER_KEY'));
    const compressed = Uint8Array.of(0x02, ...point.subarray(1));
    expect(() => parseSpki(encodeSpki('ec-p256', compressed))).toThrow(code('ERR_DER_KEY'));
    const other = (...oids: string[]): Uint8Array =>
      encodeSequence(encodeSequence(...oids.map(encodeOid)), encodeElement(0x03, Uint8Array.of(0), point));
    expect(() => parseSpki(other('1.2.840.10045.2.1', '1.3.132.0.10'))).toThrow(code('ERR_DER_KEY')); // secp256k1
    expect(() => parseSpki(other('1.2.840.10040.4.1'))).toThrow(code('ERR_DER_KEY')); // DSA
    expect(() => parseSpki(other('1.2.840.10045.2.1'))).toThrow(code('ERR_DER_KEY')); // no curve
    expect(() => parseSpki(Uint8Array.of(...encodeSpki('ec-p256', point), 0))).toThrow(
      code('ERR_DER_TRAILING'),
    );
  });

  it('refuses any single changed byte or still says the same kind', () => {
    const der = encodeSpki('ec-p256', point);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = der.slice();
        changed[at] = (changed[at] ?? 0) ^ flip;
        try {
          expect(parseSpki(changed).kind).toBe('ec-p256');
          expect(at).toBeGreaterThan(26); // only coordinates may change
        } catch (error) {
          if (!(error instanceof DerError)) throw error;
        }
      }),
    );
  });
});

describe('private keys', () => {
  const scalar = new Uint8Array(32).fill(3);
  const sec1 = encodeSequence(version(1), encodeOctetString(scalar), encodeElement(0xa0, encodeOid(P256)));
  const rsaPrivate = encodeSequence(
    version(0),
    encodeInteger(modulus),
    ...Array.from({ length: 7 }, () => version(5)),
  );

  it('are wrapped into PKCS#8 and read again', () => {
    expect(parsePkcs8(pkcs8FromEcPrivateKey(sec1))).toEqual({
      kind: 'ec-p256',
      privateKey: sec1,
      bits: undefined,
    });
    expect(parsePkcs8(pkcs8FromRsaPrivateKey(rsaPrivate))).toEqual({
      kind: 'rsa',
      privateKey: rsaPrivate,
      bits: 2048,
    });
    expect(parseEcPrivateKey(sec1)).toEqual({ kind: 'ec-p256', scalar, publicKey: undefined });
    const algorithm = encodeSequence(encodeOid('1.3.101.112'));
    const ed = encodeSequence(version(0), algorithm, encodeOctetString(encodeOctetString(scalar)));
    expect(parsePkcs8(ed)).toEqual({ kind: 'ed25519', privateKey: scalar, bits: undefined });
  });

  it('are refused where their parts do not fit', () => {
    const short = encodeSequence(
      version(1),
      encodeOctetString(scalar.subarray(1)),
      encodeElement(0xa0, encodeOid(P256)),
    );
    expect(() => parsePkcs8(pkcs8FromEcPrivateKey(short))).toThrow(code('ERR_DER_KEY'));
    const nameless = encodeSequence(version(1), encodeOctetString(scalar));
    expect(() => pkcs8FromEcPrivateKey(nameless)).toThrow(code('ERR_DER_KEY'));
    expect(() => parseEcPrivateKey(encodeSequence(version(2), encodeOctetString(scalar)))).toThrow(
      code('ERR_DER_VALUE'),
    );
    expect(() => pkcs8FromRsaPrivateKey(rsaPublic)).toThrow(DerError);
    const koblitz = encodeSequence(
      version(1),
      encodeOctetString(scalar),
      encodeElement(0xa0, encodeOid('1.3.132.0.10')),
    );
    expect(() => parseEcPrivateKey(koblitz)).toThrow(code('ERR_DER_KEY'));
    const algorithm = encodeSequence(encodeOid('1.3.101.112'));
    const seedless = encodeSequence(version(0), algorithm, encodeOctetString(encodeOctetString(point)));
    expect(() => parsePkcs8(seedless)).toThrow(code('ERR_DER_KEY'));
    expect(() => parsePkcs8(encodeSequence(version(2), algorithm))).toThrow(code('ERR_DER_VALUE'));
  });
});
