import { describe, expect, it } from 'vitest';
import {
  parseSnpReport,
  prepareSnpChain,
  type SnpPreparedChain,
  SnpReportError,
  verifySnpReport,
} from '../src/index.js';
import { vectorArea } from '../../../tools/vectors.ts';

interface RealCase {
  readonly file: string;
  readonly vek?: { readonly file: string };
  readonly checks?: readonly {
    readonly at: string;
    readonly ask: string;
    readonly ark: string;
    readonly expect: { readonly ok: boolean };
  }[];
}

const area = vectorArea('snp-report');
/** All of them with `SEALWRIGHT_MUTATIONS`; else one of each byte, another in each of eight neighbours. */
function* bits(): Generator<number> {
  const step = process.env['SEALWRIGHT_MUTATIONS'] === undefined ? 9 : 1;
  for (let bit = 0; bit < SIGNATURE_BITS; bit += step) yield bit;
}

/** The signed part and the signature. */
const SIGNATURE_BITS = 0x330 * 8;

describe.skipIf(!area.present)('real: every single bit', () => {
  const cases = area
    .list('real')
    .filter((name) => name.endsWith('.json') && name !== 'certificates.json')
    .map((name) => area.json<RealCase>('real', name))
    .flatMap(({ file, vek, checks = [] }) => {
      const genuine = checks.find((check) => check.expect.ok);
      return vek === undefined || genuine === undefined ? [] : [{ file, leaf: vek.file, genuine }];
    });

  it.each(cases)(
    '$file: refused with any one bit flipped, in what is signed and in the signature',
    { timeout: 600_000 },
    async (given) => {
      const bytes = area.bytes('real', given.file);
      const at = new Date(given.genuine.at);
      const chain = await prepareSnpChain({
        leaf: area.bytes('real', given.leaf),
        intermediate: area.bytes(given.genuine.ask),
        root: area.bytes(given.genuine.ark),
      });
      await verifySnpReport(parseSnpReport(bytes), { chain, at });
      for (const bit of bits()) {
        const outcome = await flipped(bytes, bit, chain, at);
        if (!(outcome instanceof SnpReportError)) expect.fail(`bit ${bit}: ${String(outcome)}`);
      }
    },
  );

  it.each(cases)('$file: refused with any byte after the signature', ({ file }) => {
    const bytes = area.bytes('real', file);
    for (let at = 0x330; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = 1;
      expect(() => parseSnpReport(changed)).toThrow(
        expect.objectContaining({ code: 'ERR_SNP_MBZ_VIOLATION', offset: at }),
      );
    }
  });

  it.each(cases)('$file: refused cut anywhere, and with anything after it', ({ file }) => {
    const bytes = area.bytes('real', file);
    for (let size = 0; size < bytes.length; size += 1)
      expect(() => parseSnpReport(bytes.subarray(0, size))).toThrow(
        expect.objectContaining({ code: 'ERR_SNP_REPORT_TOO_SHORT' }),
      );
    for (const more of [1, 2, bytes.length]) {
      const longer = new Uint8Array(bytes.length + more);
      longer.set(bytes);
      expect(() => parseSnpReport(longer)).toThrow(
        expect.objectContaining({ code: 'ERR_SNP_REPORT_TRAILING_DATA' }),
      );
    }
  });
});

async function flipped(bytes: Uint8Array, bit: number, chain: SnpPreparedChain, at: Date): Promise<unknown> {
  const changed = Uint8Array.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  try {
    return await verifySnpReport(parseSnpReport(changed), { chain, at });
  } catch (error) {
    return error;
  }
}
