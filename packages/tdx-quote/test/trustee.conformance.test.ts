import { decodeBase64, encodeHex } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { decodePem, parseCertificate } from '@sealwright/der';
import { vectorArea } from '../../../tools/vectors.ts';
import { parseEventLog } from '../src/event-log/index.js';
import { parseQuote, readPckFacts, type TdQuote } from '../src/index.js';
import { encodeTdxEvidence, parseTdxEvidence, tdxQuoteClaims } from '../src/trustee/index.js';

const area = vectorArea('tdx-quote');
const evidence = vectorArea('kbs/evidence');

describe.skipIf(!area.present)('trustee', () => {
  const names = area.list('trustee').filter((name) => name.endsWith('.claims.json'));
  it.each(names)('%s', (name) => {
    const quote = tdQuote(area.bytes('real', name.replace('.claims.json', '.bin')));
    const wanted = area.json<Record<string, unknown>>('trustee', name);
    // The claims do not say which of the logs they were made with.
    const logs = area.list('eventlog').filter((file) => /^ccel-.*\.claims\.json$/.test(file));
    const log = logs.find(
      (file) =>
        JSON.stringify(area.json<Record<string, unknown>>('eventlog', file)['uefi_event_logs']) ===
        JSON.stringify(wanted['uefi_event_logs']),
    );
    const eventLog = parseEventLog(area.bytes('eventlog', log?.replace('.claims.json', '.bin') ?? ''));
    expect(tdxQuoteClaims(quote, { pck: pckOf(quote), eventLog })).toEqual(wanted);
  });

  it('writes what it reads', () => {
    const given = {
      quote: area.bytes('real', 'tdx-v4-b.bin'),
      eventLog: area.bytes('eventlog', 'ccel-gke.bin'),
    };
    for (const each of [given, { ...given, eventLog: undefined }])
      expect(parseTdxEvidence(encodeTdxEvidence(each))).toEqual(each);
    expect(JSON.parse(encodeTdxEvidence({ ...given, eventLog: undefined }))).toMatchObject({
      cc_eventlog: null,
    });
    expect(decodeBase64(JSON.parse(encodeTdxEvidence(given)).quote)).toEqual(given.quote);
  });
});

describe.skipIf(!evidence.present)('kbs/evidence', () => {
  interface Case {
    readonly file?: string;
    readonly tee: string;
    readonly expect: { readonly claims_file?: string };
  }
  const cases = evidence.present
    ? evidence.json<Case[]>('cases.json').filter(({ tee }) => tee === 'tdx')
    : [];
  it.each(cases)('$file', ({ file = '', expect: expected }) => {
    const quote = tdQuote(evidence.bytes(file));
    const wanted = evidence.json<Record<string, unknown>>(expected.claims_file ?? '');
    const { uefi_event_logs: _, ...fromQuote } = wanted;
    expect(tdxQuoteClaims(quote, { pck: pckOf(quote) })).toEqual(fromQuote);
  });
});

function tdQuote(bytes: Uint8Array): TdQuote {
  const quote = parseQuote(bytes);
  if (quote.tee !== 'tdx') throw new Error(`expected a TD, not ${encodeHex(quote.raw.subarray(0, 8))}`);
  return quote;
}

function pckOf({ certification }: TdQuote): ReturnType<typeof readPckFacts> {
  if (certification.type !== 5) throw new Error('expected a chain');
  const [leaf] = decodePem(new TextDecoder().decode(certification.pem));
  if (leaf === undefined) throw new Error('expected a leaf');
  return readPckFacts(parseCertificate(leaf.bytes));
}
