import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DerError,
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  parseCertificate,
  parseCertificateList,
} from '../src/index.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const algorithm = encodeSequence(encodeOid('1.2.3'));
const name = encodeSequence(
  encodeElement(0x31, encodeSequence(encodeOid('2.5.4.3'), encodeElement(0x0c, text('someone')))),
);
const time = (value: string): Uint8Array => encodeElement(value.length === 13 ? 0x17 : 0x18, text(value));
const signed = (body: Uint8Array): Uint8Array =>
  encodeSequence(body, algorithm, encodeBitString(Uint8Array.of(7)));
const extension = encodeSequence(
  encodeOid('1.2.4'),
  encodeElement(0x01, Uint8Array.of(0xff)),
  encodeOctetString(Uint8Array.of(9)),
);

function certificate(to = '20500102030405Z', extensions: Uint8Array[] = [extension]): Uint8Array {
  const version = encodeElement(0xa0, encodeInteger(Uint8Array.of(2)));
  const validity = encodeSequence(time('490102030405Z'), time(to));
  const tail = encodeElement(0xa3, encodeSequence(...extensions));
  const zero = encodeInteger(Uint8Array.of(0));
  return signed(encodeSequence(version, zero, algorithm, name, validity, name, encodeSequence(), tail));
}

function list(): Uint8Array {
  const entry = encodeSequence(encodeInteger(Uint8Array.of(5)), time('250102030405Z'));
  const dates = [time('250102030405Z'), time('260102030405Z')];
  return signed(
    encodeSequence(encodeInteger(Uint8Array.of(1)), algorithm, name, ...dates, encodeSequence(entry)),
  );
}

describe('parseCertificate', () => {
  it('reads every part, serial number 0 included', () => {
    const read = parseCertificate(certificate());
    expect(read.commonName).toBe('someone');
    expect(read.serial).toEqual(Uint8Array.of(0));
    expect(new Date(read.notBefore).toISOString()).toBe('2049-01-02T03:04:05.000Z');
    expect(new Date(read.notAfter).toISOString()).toBe('2050-01-02T03:04:05.000Z');
    expect(read.extensions).toEqual([{ oid: '1.2.4', critical: true, value: Uint8Array.of(9) }]);
  });

  it.each([
    ['a day that does not exist', certificate('20500230030405Z')],
    ['an extension twice', certificate('20500102030405Z', [extension, extension])],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(expect.objectContaining({ code: 'ERR_DER_VALUE' }));
  });
});

describe('parseCertificateList', () => {
  it('reads the revoked serial numbers and the dates', () => {
    const read = parseCertificateList(list());
    expect(read.revoked).toEqual([Uint8Array.of(5)]);
    expect(read.nextUpdate).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
  });
});

it.each([
  ['parseCertificate', parseCertificate, certificate()],
  ['parseCertificateList', parseCertificateList, list()],
] as const)('%s answers changed bytes with a structure or a DerError', (_, parse, valid) => {
  fc.assert(
    fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
      const changed = Uint8Array.from(valid);
      changed[at] = value;
      try {
        parse(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }),
    { numRuns: 300 },
  );
});
