import { decodeBase64, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import {
  encodeSnpCertificateTable,
  parseSnpCertificateTable,
  SNP_TABLE,
  SnpReportError,
} from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';

interface TableCase {
  readonly name: string;
  readonly table: string;
  readonly expect: {
    readonly ok: boolean;
    readonly reason: string | null;
    readonly entries: readonly { guid: string; length: number; sha256: string }[] | null;
  };
}

const area = vectorArea('snp-report');

describe.skipIf(!area.present)('cert-table-cases.json', () => {
  const { cases, guids } = area.present
    ? area.json<{ cases: TableCase[]; guids: Record<string, string> }>('cert-table-cases.json')
    : { cases: [], guids: {} };

  it.each(cases)('$name', (given) => {
    const outcome = (): TableCase['expect'] => {
      try {
        const entries = parseSnpCertificateTable(decodeBase64(given.table));
        expect(parseSnpCertificateTable(encodeSnpCertificateTable(entries))).toEqual(entries);
        const described = entries.map(({ guid, data }) => ({
          guid,
          length: data.byteLength,
          sha256: encodeHex(digest('sha256', data)),
        }));
        return { ok: true, reason: null, entries: described };
      } catch (error) {
        if (!(error instanceof SnpReportError)) throw error;
        return { ok: false, reason: error.code.slice('ERR_SNP_'.length).toLowerCase(), entries: null };
      }
    };
    expect(outcome()).toEqual(given.expect);
  });

  it('knows the published identifiers', () => {
    expect(Object.values(SNP_TABLE)).toEqual(expect.arrayContaining(Object.values(guids)));
  });
});
