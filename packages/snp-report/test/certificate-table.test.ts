import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeSnpCertificateTable,
  findSnpTableEntry,
  parseSnpCertificateTable,
  SNP_TABLE,
  SnpReportError,
  snpTableCertificates,
  snpTableProduct,
  type SnpTableEntry,
} from '../src/index.js';
import { intermediate, leaf, root } from './milan.fixture.js';

const entries: readonly SnpTableEntry[] = [
  { guid: SNP_TABLE.vcek, data: leaf },
  { guid: SNP_TABLE.ask, data: intermediate },
  { guid: SNP_TABLE.ark, data: root },
];
const table = encodeSnpCertificateTable(entries);
const platform = (...bytes: number[]): SnpTableEntry[] => [
  { guid: SNP_TABLE.platform, data: Uint8Array.from(bytes) },
];

describe('parseSnpCertificateTable', () => {
  it('reads what was written, with and without padding', () => {
    const padded = new Uint8Array(0x4000);
    padded.set(table);
    expect(parseSnpCertificateTable(table)).toEqual(entries);
    expect(parseSnpCertificateTable(padded)).toEqual(entries);
  });

  it.each([
    ['every truncation of its entries', table.subarray(0, 95), 'ERR_SNP_CERT_TABLE_UNTERMINATED'],
    ['data cut off', table.subarray(0, -1), 'ERR_SNP_CERT_TABLE_OUT_OF_BOUNDS'],
    ['more than a mebibyte', new Uint8Array(0x10_0001), 'ERR_SNP_CERT_TABLE_OUT_OF_BOUNDS'],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => parseSnpCertificateTable(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses every offset and length that lead out of it', () => {
    for (const [at, values] of [
      [16, [0, 24, 95, table.byteLength, 0xffff_ffff, 0xffff_fffe]],
      [20, [table.byteLength, 0xffff_ffff, 0xffff_fffe]],
    ] as const)
      for (const value of values) {
        const changed = Uint8Array.from(table);
        new DataView(changed.buffer).setUint32(at, value, true);
        expect(() => parseSnpCertificateTable(changed)).toThrow(SnpReportError);
      }
  });

  it('answers any bytes with entries or an SnpReportError', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), fc.nat(table.length), (at, value, size) => {
        const changed = Uint8Array.from(table.subarray(0, size));
        if (at < size) changed[at] = value;
        try {
          parseSnpCertificateTable(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(SnpReportError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what a table is for', () => {
  it('gives the certificates of a report', () => {
    expect(snpTableCertificates(entries, 'VCEK')).toEqual({ leaf, intermediate, root });
    expect(snpTableCertificates(entries, 'VLEK')).toEqual({ intermediate, root });
  });

  it('takes an empty entry for none', () => {
    const empty = [{ guid: SNP_TABLE.vcek, data: new Uint8Array(0) }];
    expect(findSnpTableEntry(empty, SNP_TABLE.vcek)).toBeUndefined();
  });

  it('reads the processor that a host adds', () => {
    expect(snpTableProduct(platform(8, 0, 0, 0, 0x00, 0x0f, 0xa0, 0x00))).toBe('Milan');
    expect(snpTableProduct(platform(8, 0, 0, 0, 0x10, 0x0f, 0xa1, 0x00))).toBe('Genoa');
    expect(snpTableProduct(platform(8, 0, 0, 0, 0x10, 0x0f, 0xb1, 0x00))).toBe('Turin');
    expect(snpTableProduct(platform(8, 0, 0, 0, 0xff, 0xff, 0xff, 0x0f))).toBeUndefined();
    expect(snpTableProduct(platform(9, 0, 0, 0, 0x00, 0x0f, 0xa0, 0x00))).toBeUndefined();
    expect(snpTableProduct(platform(8, 0, 0))).toBeUndefined();
    expect(snpTableProduct(entries)).toBeUndefined();
  });

  it('takes entries that cannot be written for mistakes of the program', () => {
    expect(() => encodeSnpCertificateTable([...entries, ...entries])).toThrow(TypeError);
    expect(() => encodeSnpCertificateTable([{ guid: 'none', data: leaf }])).toThrow(TypeError);
  });
});
