import { encodeHex } from '@sealwright/bytes';
import { checkTdReportHashes, parseTdReport, TD_REPORT_BYTES, tdAttributes } from '@sealwright/tdx-quote';
import { bootFacts, type EventLog, parseEventLog, replayEventLog } from '@sealwright/tdx-quote/event-log';
import type { Finding, Recogniser } from './picture.js';

/** The log that firmware, boot loader and agent keep. */
export const eventLog: Recogniser = {
  name: 'event log of a TDX guest',
  matches: (bytes) => String.fromCharCode(...bytes.subarray(32, 47)) === 'Spec ID Event03',
  picture: async (bytes) => {
    const log = parseEventLog(bytes);
    const registers = log.header.algorithms.includes('sha384') ? replayEventLog(log) : new Map();
    return {
      title: `event log of ${log.events.length} events, ${log.header.algorithms.join(', ')}`,
      fields: [
        ...[...registers].map(([index, value]): [string, string] => [
          REGISTERS[index] ?? `register ${index}`,
          encodeHex(value),
        ]),
        ...bootRows(log),
      ],
      chain: [],
      bindings: [['RTMR0 to RTMR3', 'of a quote must be what this log gives: nobody signed the log itself']],
      findings: [
        { ok: undefined, name: 'true', text: 'compare the registers with those of a verified quote' },
      ],
    };
  },
};

/** What the TDX module gives a guest. */
export const tdReport: Recogniser = {
  name: 'TDREPORT of a TDX guest',
  matches: (bytes) => bytes.byteLength === TD_REPORT_BYTES && bytes[0] === 0x81 && bytes[3] === 0,
  picture: async (bytes) => {
    const report = parseTdReport(bytes);
    const hashes = checkTdReportHashes(bytes);
    const finding = (ok: boolean, name: string): Finding => ({
      ok,
      name,
      text: ok ? 'the hash in the report is that of its part' : 'the hash in the report is another one',
    });
    return {
      title: 'TDREPORT of a TDX guest',
      fields: [
        ['MRTD', encodeHex(report.mrTd)],
        ['report data', encodeHex(report.reportData)],
        ...([0, 1, 2, 3] as const).map((index): [string, string] => [
          `RTMR${index}`,
          encodeHex(report[`rtmr${index}`]),
        ]),
        ['MRCONFIGID', encodeHex(report.mrConfigId)],
        ['TD attributes', `0x${report.tdAttributes.toString(16)}${debugOf(report.tdAttributes)}`],
      ],
      chain: [],
      bindings: [['MAC', 'can be checked on the processor that made it, and nowhere else']],
      findings: [
        finding(hashes.teeTcbInfo, 'module'),
        finding(hashes.tdInfo, 'trust domain'),
        { ok: undefined, name: 'authentic', text: 'a TDREPORT proves nothing elsewhere: ask for a quote' },
      ],
    };
  },
};

/** What booted, as rows. */
export function bootRows(log: EventLog): [string, string][] {
  return bootFacts(log)
    .filter(({ name }) => name !== 'loaderCommand')
    .map(({ name, value, digest, measured }) => {
      const text = name === 'secureBoot' ? (value === '1' ? 'on' : 'off') : value;
      return [NAMES[name], `${text} (${measured ? 'measured' : `digest ${digest}`})`];
    });
}

function debugOf(attributes: bigint): string {
  return tdAttributes(attributes).underDebug === 0 ? '' : ': under debug';
}

const REGISTERS: readonly string[] = ['MRTD', 'RTMR0', 'RTMR1', 'RTMR2', 'RTMR3'];
const NAMES = {
  kernelCommandLine: 'kernel command line',
  ukiSection: 'kernel image section',
  initrd: 'initrd',
  bootApplication: 'boot application',
  secureBoot: 'secure boot',
  loaderCommand: 'boot loader command',
  loadOptions: 'load options',
} as const;
