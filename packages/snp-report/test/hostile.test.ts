import { encodeUtf8 } from '@sealwright/bytes';
import { parseCertificate, parseCertificateList } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  parseAzureEvidence,
  parseHclReport,
  parseHclVariableData,
  parseTpmQuote,
} from '../src/azure/index.js';
import { encodeSnpEvidence, parseSnpEvidence } from '../src/evidence/index.js';
import {
  encodeSnpCertificateTable,
  encodeSnpReport,
  parseSnpCertificateTable,
  parseSnpReport,
  prepareSnpChain,
  readSnpVek,
  SNP_TABLE,
  SnpReportError,
  verifySnpReport,
} from '../src/index.js';
import { evidence as azure } from './azure.fixture.js';
import { crl, intermediate, leaf, report, root } from './milan.fixture.js';

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
/** `SEALWRIGHT_MUTATIONS=1000000` runs longer. Every run is the same. */
const RUNS = Number(process?.env['SEALWRIGHT_MUTATIONS'] ?? 10_000);

const hcl = parseAzureEvidence(JSON.stringify(azure));
const parsed = parseSnpReport(report);
const table = encodeSnpCertificateTable([
  { guid: SNP_TABLE.vcek, data: leaf },
  { guid: SNP_TABLE.ask, data: Uint8Array.of(1) },
]);
const certificate = (bytes: Uint8Array): unknown => readSnpVek(parseCertificate(bytes));

/** Everything that reads, with something that it reads. */
const readers: readonly (readonly [name: string, read: (bytes: Uint8Array) => unknown, valid: Uint8Array])[] =
  [
    ['parseSnpReport', (bytes) => encodeSnpReport(parseSnpReport(bytes)), report],
    ['parseCertificate and readSnpVek', certificate, leaf],
    ['parseCertificate of an authority', parseCertificate, intermediate],
    ['parseCertificateList', (bytes) => parseCertificateList(bytes), crl],
    ['parseSnpCertificateTable', parseSnpCertificateTable, table],
    ['parseSnpEvidence', parseSnpEvidence, encodeUtf8(encodeSnpEvidence(parsed, undefined))],
    ['parseAzureEvidence', parseAzureEvidence, encodeUtf8(JSON.stringify(azure))],
    ['parseHclReport', (bytes) => parseHclVariableData(parseHclReport(bytes).variableData), hcl.hclReport],
    ['parseTpmQuote', parseTpmQuote, hcl.message],
  ];

describe('hostile input', () => {
  it.each(readers)(
    '%s answers anything with a structure or a typed error',
    { timeout: 600_000 },
    (_, read, valid) => {
      const random = generator(valid.length);
      for (let run = 0; run < RUNS / readers.length; run += 1) properly(read, mutated(valid, random));
    },
  );

  it.each(readers)('%s answers every truncation so', (_, read, valid) => {
    const step = Math.ceil(valid.length / 3000);
    for (let size = 0; size < valid.length; size += step) properly(read, valid.subarray(0, size));
  });

  it.each(readers)('%s answers extremes in every place so', (_, read, valid) => {
    const step = Math.ceil(valid.length / 1500);
    for (let at = 0; at < valid.length; at += step)
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xfe, 0xff]) {
        const changed = Uint8Array.from(valid);
        changed[at] = value;
        properly(read, changed);
      }
  });

  it('verification answers changed certificates with an SnpReportError', { timeout: 600_000 }, async () => {
    const random = generator(7);
    const anchors = [parseCertificate(root)];
    const trust = { leaf, intermediate, root, crl, anchors, at: new Date('2025-06-01T00:00:00Z') };
    const parts = ['leaf', 'intermediate', 'root', 'crl'] as const;
    for (let run = 0; run < RUNS / 25; run += 1) {
      const part = parts[run % parts.length] ?? 'leaf';
      const changed = mutated(trust[part], random);
      if (changed.join() === trust[part].join()) continue;
      const answer = await prepareSnpChain({ ...trust, [part]: changed }).catch((error: unknown) => error);
      expect(answer).toBeInstanceOf(SnpReportError);
    }
  });

  it('verification answers changed reports with an SnpReportError', { timeout: 600_000 }, async () => {
    const random = generator(8);
    const chain = await prepareSnpChain({ leaf, intermediate, root, anchors: [parseCertificate(root)] });
    const at = new Date('2025-06-01T00:00:00Z');
    for (let run = 0; run < RUNS / 25; run += 1) {
      const changed = mutated(report, random);
      if (changed.join() === report.join()) continue;
      const verify = async (): Promise<unknown> =>
        await verifySnpReport(parseSnpReport(changed), { chain, at });
      await expect(verify()).rejects.toBeInstanceOf(SnpReportError);
    }
  });
});

/** The errors of this package, and of the one that reads certificates. */
function properly(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof Error) || !/^(?:SnpReport|Der)Error$/.test(error.name)) throw error;
  }
}

type Random = (below: number) => number;

/** Change one to four things: bits, bytes, numbers, lengths. */
function mutated(valid: Uint8Array, random: Random): Uint8Array {
  let bytes = Uint8Array.from(valid);
  for (let left = 1 + random(4); left > 0 && bytes.length > 0; left -= 1) {
    const at = random(bytes.length);
    switch (random(7)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2: {
        const view = new DataView(bytes.buffer);
        const value = [0, 0xffff_ffff, 0xffff_fffe, bytes.length, bytes.length - 1][random(5)] ?? 0;
        if (at + 4 <= bytes.length) view.setUint32(at, value, random(2) === 0);
        break;
      }
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random(4))]);
        break;
      case 5:
        bytes = Uint8Array.from([...bytes.subarray(0, at), random(256), ...bytes.subarray(at)]);
        break;
      default:
        bytes.copyWithin(at, random(bytes.length), random(bytes.length));
    }
  }
  return bytes;
}

/** A small generator (mulberry32), so that every run is the same. */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
