import { decodeBase64, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  compareRtmrs,
  type EventLog,
  eventLogClaims,
  parseCcelTable,
  parseEventLog,
  replayEventLog,
} from '../src/event-log/index.js';
import { checkTdReportHashes, parseTdReport, TdxQuoteError } from '../src/index.js';
import { computeMrtd, matchMrtd } from '../src/mrtd/index.js';

type Json = Record<string, unknown>;
interface RealLog {
  readonly file: string;
  readonly sha256: string;
  readonly specId: Json;
  readonly eventCount: number;
  readonly consumedBytes: number;
  readonly eventsByIndex: Json;
  readonly noActionEvents: number;
  readonly replaySha384: Json;
  readonly claims: string | null;
}
interface Cases {
  readonly logs: readonly RealLog[];
  readonly acpiTable: Json & { file: string };
  readonly synthetic: readonly { name: string; log: string; expect: Json }[];
}
interface MrtdCase {
  readonly firmware: string;
  readonly twoPass?: boolean;
  readonly mrtd?: string;
  readonly error?: string;
}

const area = vectorArea('tdx-quote');
const suite = describe.skipIf(!area.present);
const NO_CASES: Cases = { logs: [], acpiTable: { file: '' }, synthetic: [] };
const cases = area.present ? area.json<Cases>('eventlog', 'cases.json') : NO_CASES;

suite('eventlog', () => {
  it.each(cases.logs)('$file', (given) => {
    const bytes = area.bytes('eventlog', given.file);
    expect(encodeHex(digest('sha256', bytes))).toBe(given.sha256);
    const log = parseEventLog(bytes);
    const { header } = log;
    expect({
      signature: 'Spec ID Event03',
      platformClass: header.platformClass,
      specMinor: header.specMinor,
      specMajor: header.specMajor,
      errata: header.errata,
      uintn: header.uintnSize,
      algs: Object.fromEntries(
        header.algorithms.map((algorithm) => [ALGORITHMS[algorithm][0], ALGORITHMS[algorithm][1]]),
      ),
      vendorInfoSize: header.vendorInfo.byteLength,
    }).toEqual(given.specId);
    expect(log.events).toHaveLength(given.eventCount);
    expect(log.consumedBytes).toBe(given.consumedBytes);
    const counts: Record<string, number> = {};
    for (const { index } of log.events) counts[index] = (counts[index] ?? 0) + 1;
    expect(counts).toEqual(given.eventsByIndex);
    expect(log.events.filter(({ type }) => type === 3)).toHaveLength(given.noActionEvents);
    expect(replayed(log)).toEqual(given.replaySha384);
    if (given.claims !== null)
      expect({ uefi_event_logs: eventLogClaims(log) }).toEqual(area.json('eventlog', given.claims));
  });

  it.each(cases.synthetic)('$name', ({ log, expect: expected }) => {
    expect(outcome(decodeBase64(log))).toEqual(expected);
  });

  it('reads the ACPI table', () => {
    const { file, ...expected } = cases.acpiTable;
    const bytes = area.bytes('eventlog', file);
    const { logAreaMinimumLength, logAreaStartAddress, ...table } = parseCcelTable(bytes);
    expect({
      signature: 'CCEL',
      length: bytes.byteLength,
      ...table,
      logAreaMinimumLength: Number(logAreaMinimumLength),
      logAreaStartAddress: `0x${logAreaStartAddress.toString(16)}`,
    }).toEqual(expected);
  });

  const reports = area.list('eventlog').filter((name) => /^tdreport.*\.json$/.test(name));
  it.each(reports)('%s', (name) => {
    const { file, sha256, matchesLog, teeTcbInfoHashMatches, tdInfoHashMatches, ...expected } = area.json<
      Json & { file: string; matchesLog: string }
    >('eventlog', name);
    const bytes = area.bytes('eventlog', file);
    expect(encodeHex(digest('sha256', bytes))).toBe(sha256);
    const report = parseTdReport(bytes);
    const plain = Object.entries(report).map(([key, value]: [string, unknown]) => [
      key,
      value instanceof Uint8Array ? encodeHex(value) : memoryOrder(value as bigint),
    ]);
    expect(Object.fromEntries(plain)).toEqual(expected);
    expect(checkTdReportHashes(bytes)).toEqual({
      teeTcbInfo: teeTcbInfoHashMatches,
      tdInfo: tdInfoHashMatches,
    });
    const checks = compareRtmrs(parseEventLog(area.bytes('eventlog', matchesLog)), report);
    expect(checks.map(({ rtmr, ok }) => [rtmr, ok])).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
  });
});

suite('mrtd', () => {
  const list = area.present ? area.json<{ cases: MrtdCase[] }>('mrtd', 'cases.json').cases : [];
  it.each(list)('$firmware, two passes: $twoPass', ({ firmware, twoPass = false, mrtd, error }) => {
    const image = area.bytes('mrtd', firmware);
    if (error !== undefined) {
      expect(() => computeMrtd(image)).toThrow(
        expect.objectContaining({ code: `ERR_TDX_${error.toUpperCase()}` }),
      );
      return;
    }
    const order = twoPass ? 'two-pass' : 'page-by-page';
    const value = computeMrtd(image, { order });
    expect(encodeHex(value)).toBe(mrtd);
    expect(encodeHex(computeMrtd(image, { order: matchMrtd(image, value) ?? order }))).toBe(mrtd);
  });
});

function outcome(bytes: Uint8Array): Json {
  try {
    return { ok: true, reason: null, replaySha384: replayed(parseEventLog(bytes)) };
  } catch (error) {
    if (!(error instanceof TdxQuoteError)) throw error;
    return { ok: false, reason: error.code.slice('ERR_TDX_'.length).toLowerCase(), replaySha384: null };
  }
}

function replayed(log: EventLog): Json {
  return Object.fromEntries(
    [...replayEventLog(log)].map(([index, value]) => [String(index), encodeHex(value)]),
  );
}

function memoryOrder(value: bigint): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return encodeHex(bytes);
}

const ALGORITHMS = {
  sha1: ['0x4', 20],
  sha256: ['0xb', 32],
  sha384: ['0xc', 48],
  sha512: ['0xd', 64],
  sm3: ['0x12', 32],
} as const;
