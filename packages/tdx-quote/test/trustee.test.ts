import { encodeBase64 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { parseEventLog } from '../src/event-log/index.js';
import { parseQuote, verifyQuote } from '../src/index.js';
import {
  encodeTdxEvidence,
  parseTdxEvidence,
  tdxQuoteClaims,
  tdxVerifiedClaims,
} from '../src/trustee/index.js';
import { forgeQuote, laterBytes, quoteBytes, trust } from './forge.fixture.js';
import { makeLog } from './log.fixture.js';

describe('evidence', () => {
  it('reads what it writes', () => {
    const evidence = { quote: quoteBytes, eventLog: makeLog([]) };
    expect(parseTdxEvidence(encodeTdxEvidence(evidence))).toEqual(evidence);
    expect(parseTdxEvidence({ quote: encodeBase64(quoteBytes) })).toEqual({
      quote: quoteBytes,
      eventLog: undefined,
    });
  });

  it.each([
    ['{', ''],
    ['[]', ''],
    ['{"quote":1}', '/quote'],
    ['{"quote":"*"}', '/quote'],
    ['{"quote":"","cc_eventlog":"*"}', '/cc_eventlog'],
  ])('refuses %s', (text, pointer) => {
    expect(() => parseTdxEvidence(text)).toThrow(
      expect.objectContaining({ code: 'ERR_TDX_EVIDENCE_MALFORMED', pointer }),
    );
  });
});

describe('claims', () => {
  it('of a version 5 quote say type and size', async () => {
    const quote = parseQuote(laterBytes);
    if (quote.tee !== 'tdx') throw new Error('expected a TD');
    expect(tdxQuoteClaims(quote)).toMatchObject({
      quote: { type: '0300', size: '88020000', header: { version: '0500', tee_type: '81000000' } },
    });
  });

  it('of a verified quote say how up to date the platform is', async () => {
    const quote = await verifyQuote(await forgeQuote(), trust);
    const eventLog = parseEventLog(makeLog([{ index: 1, type: 4, data: 'a' }]));
    expect(tdxVerifiedClaims(quote, { eventLog })).toMatchObject({
      tcb_status: 'UpToDate',
      tcb_date: '2025-03-12T00:00:00Z',
      advisory_ids: [],
      collateral_expiration_status: '0',
      earliest_expiration_date: '2025-06-14T00:00:00Z',
      pck_crl_num: 1,
      root_ca_crl_num: 1,
      tcb_eval_num: 19,
      sgx_type: 'Scalable',
      is_smt_enabled: true,
      platform_instance_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      root_key_id: expect.stringMatching(/^[0-9a-f]{96}$/),
      uefi_event_logs: [{ type_name: 'EV_SEPARATOR' }],
    });
  });
});
