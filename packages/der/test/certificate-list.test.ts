import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DerError,
  encodeElement,
  encodeInteger,
  findRevoked,
  isRevoked,
  parseCertificate,
  parseCertificateList,
  verifyCertificateList,
} from '../src/index.js';
import { certificate, entry, extension, list, time, usage, verify } from './certificate.fixture.js';

const reason = extension('2.5.29.21', encodeElement(0x0a, Uint8Array.of(1)));
const strange = extension('1.2.4', Uint8Array.of(9), true);
const long = Uint8Array.from({ length: 20 }, (_, index) => index + 1);
const entries = [entry(Uint8Array.of(5)), entry(long, reason), entry(Uint8Array.of(0xff))];
const at = Date.UTC(2025, 5);

describe('parseCertificateList', () => {
  it('reads the revoked serial numbers, the dates and the number', () => {
    const number = extension('2.5.29.20', encodeInteger(Uint8Array.of(1, 0)));
    const read = parseCertificateList(list({ entries, extensions: [number] }));
    expect(read).toMatchObject({ revokedCount: 3, number: Uint8Array.of(1, 0), criticalInEntries: [] });
    expect(read.nextUpdate).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    const revokedAt = Date.UTC(2025, 0, 2, 3, 4, 5);
    expect(findRevoked(read, Uint8Array.of(5))).toEqual({ revokedAt, reason: undefined });
    expect(findRevoked(read, long)).toEqual({ revokedAt, reason: 1 });
    expect(findRevoked(read, Uint8Array.of(0xff))?.revokedAt).toBe(revokedAt);
    expect(findRevoked(read, Uint8Array.of(6))).toBeUndefined();
    expect([Uint8Array.of(5), Uint8Array.of(6)].map((serial) => isRevoked(read, serial))).toEqual([
      true,
      false,
    ]);
    expect(findRevoked(read, long.subarray(1))).toBeUndefined();
    expect(findRevoked(read, new Uint8Array(0))).toBeUndefined();
  });

  it('reads a list that revokes nothing', () => {
    const read = parseCertificateList(list({ to: '' }));
    expect(read).toMatchObject({ revokedCount: 0, nextUpdate: undefined, number: undefined });
    expect(findRevoked(read, Uint8Array.of(5))).toBeUndefined();
  });

  it.each([
    ['an entry without a time', [encodeElement(0x30, encodeInteger(Uint8Array.of(1)))]],
    ['an entry whose time does not exist', [encodeElement(0x30, encodeInteger(long), time('250230000000Z'))]],
    ['an entry with a padded serial number', [entry(Uint8Array.of(0, 1))]],
    ['an entry that is none', [encodeInteger(long)]],
  ])('refuses %s', (_, given) => {
    expect(() => parseCertificateList(list({ entries: given }))).toThrow(DerError);
  });

  it('reads long lists, and entries of any length in them', () => {
    const serials = Array.from({ length: 20_000 }, (_, index) => {
      const serial = new Uint8Array(8).fill(1);
      new DataView(serial.buffer).setUint32(4, index);
      return serial;
    });
    const padding = extension('1.2.5', new Uint8Array(200));
    const long = serials.map((serial, index) => entry(serial, ...(index % 1000 === 0 ? [padding] : [])));
    const read = parseCertificateList(list({ entries: long }));
    expect(read.revokedCount).toBe(serials.length);
    for (const index of [0, 1, 999, 1000, 19_999])
      expect(findRevoked(read, serials[index] ?? new Uint8Array(0))).toBeDefined();
    expect(findRevoked(read, new Uint8Array(8).fill(9))).toBeUndefined();
  });

  it('has a cap', () => {
    expect(() => parseCertificateList(list(), { maxBytes: 20 })).toThrow(
      expect.objectContaining({ code: 'ERR_DER_LIMIT' }),
    );
  });

  it('answers changed bytes with a list or a DerError', () => {
    const valid = list({ entries });
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (place, value) => {
        const changed = Uint8Array.from(valid);
        changed[place] = value;
        try {
          const read = parseCertificateList(changed);
          findRevoked(read, long);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('verifyCertificateList', () => {
  const issuer = parseCertificate(certificate());
  const check = async (given: Parameters<typeof list>[0], when = at, by = issuer): Promise<void> =>
    await verifyCertificateList(parseCertificateList(list(given)), by, { at: when, verify });

  it('accepts a genuine list on its first and on its last moment', async () => {
    await check({ entries }, Date.UTC(2025, 0, 2, 3, 4, 5));
    await check({ entries }, Date.UTC(2026, 0, 2, 3, 4, 5));
  });

  it.each([
    ['of another issuer', { issuer: 'other' }, at, 'ERR_DER_ISSUER'],
    ['signed by another key', { signedBy: 2 }, at, 'ERR_DER_SIGNATURE'],
    ['before its time', {}, Date.UTC(2025, 0, 2, 3, 4, 4), 'ERR_DER_NOT_YET_VALID'],
    ['after its time', {}, Date.UTC(2026, 0, 2, 3, 4, 6), 'ERR_DER_EXPIRED'],
    ['without an end', { to: '' }, at, 'ERR_DER_EXPIRED'],
    ['with a strange critical extension', { extensions: [strange] }, at, 'ERR_DER_CRITICAL'],
    [
      'with a strange critical extension of an entry',
      { entries: [entry(long, strange)] },
      at,
      'ERR_DER_CRITICAL',
    ],
  ])('refuses a list %s', async (_, given, when, code) => {
    await expect(check(given, when)).rejects.toMatchObject({ code });
  });

  it('refuses a list of an issuer that may not sign lists', async () => {
    const may = parseCertificate(certificate({ extensions: [usage(1, 0x06)] }));
    const mayNot = parseCertificate(certificate({ extensions: [usage(2, 0x04)] }));
    await check({}, at, may);
    await expect(check({}, at, mayNot)).rejects.toMatchObject({ code: 'ERR_DER_AUTHORITY' });
  });
});
