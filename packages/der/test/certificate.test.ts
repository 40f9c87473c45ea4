import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerError, parseCertificate } from '../src/index.js';
import { certificate, extension } from './certificate.fixture.js';

const strange = extension('1.2.4', Uint8Array.of(9), true);

describe('parseCertificate', () => {
  it('reads every part, serial number 0 included', () => {
    const read = parseCertificate(certificate({ from: '490102030405Z', extensions: [strange] }));
    expect(read.commonName).toBe('someone');
    expect(read.serial).toEqual(Uint8Array.of(0));
    expect(new Date(read.notBefore).toISOString()).toBe('2049-01-02T03:04:05.000Z');
    expect(new Date(read.notAfter).toISOString()).toBe('2050-01-02T03:04:05.000Z');
    expect(read.extensions).toEqual([{ oid: '1.2.4', critical: true, value: Uint8Array.of(9) }]);
  });

  it.each([
    ['a day that does not exist', { to: '20500230030405Z' }],
    ['the 29th of February of no leap year', { to: '21000229030405Z' }],
    ['an hour that does not exist', { to: '20500102240405Z' }],
    ['a time with letters', { to: '2050010203040xZ' }],
    ['a time without seconds', { to: '5001020304Z' }],
    ['an extension twice', { extensions: [strange, strange] }],
    ['a serial number with a byte too many', { serial: Uint8Array.of(0, 1) }],
    ['a serial number of no bytes', { serial: new Uint8Array(0) }],
  ])('refuses %s', (_, subject) => {
    expect(() => parseCertificate(certificate(subject))).toThrow(
      expect.objectContaining({ code: 'ERR_DER_VALUE' }),
    );
  });

  it('takes the years that two digits stand for', () => {
    expect(parseCertificate(certificate({ from: '500101000000Z' })).notBefore).toBe(Date.UTC(1950, 0));
    expect(parseCertificate(certificate({ from: '000229000000Z' })).notBefore).toBe(Date.UTC(2000, 1, 29));
  });

  it('answers changed bytes with a certificate or a DerError', () => {
    const valid = certificate();
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, value) => {
        const changed = Uint8Array.from(valid);
        changed[at] = value;
        try {
          parseCertificate(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
