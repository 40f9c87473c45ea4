import { concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { describe, expect, it } from 'vitest';
import { bootFacts, eventLogClaims, parseEventLog, replayEventLog } from '../src/event-log/index.js';
import {
  encodeCollateral,
  encodeQuote,
  parseCollateral,
  parseQuote,
  parseTdReport,
  prepareCollateral,
  TdxQuoteError,
  verifyQuote,
} from '../src/index.js';
import { parseTdxEvidence } from '../src/trustee/index.js';
import { anchors, at, collateral, laterBytes, quoteBytes } from './forge.fixture.js';
import { application, makeLog, variable } from './log.fixture.js';
import { mutate, randomOf } from './mutate.fixture.js';

const MUTATIONS = 10_000;

describe('a quote', () => {
  it.each([
    ['version 4', quoteBytes],
    ['version 5', laterBytes],
  ])('of %s is refused wherever it is cut', (_, bytes) => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => parseQuote(bytes.subarray(0, length))).toThrow(TdxQuoteError);
  });

  it('is the same with bytes after it', () => {
    const quote = parseQuote(quoteBytes);
    for (const trailing of [new Uint8Array(1), new Uint8Array(5000).fill(0xff), quoteBytes])
      expect(parseQuote(concatBytes(quoteBytes, trailing))).toMatchObject({
        signed: quote.signed,
        certification: quote.certification,
        trailing,
      });
  });

  it.each([
    ['signature', 632, 4],
    ['outer certification data', 766, 4],
    ['authentication data', 1218, 2],
    ['inner certification data', 1254, 4],
  ])('is refused with the size of the %s at 0, its greatest and one below', (_, offset, size) => {
    for (const value of [0, 2 ** (8 * size) - 1, 2 ** (8 * size) - 2]) {
      const bytes = quoteBytes.slice();
      for (let index = 0; index < size; index += 1)
        bytes[offset + index] = Math.floor(value / 256 ** index) % 256;
      expect(() => parseQuote(bytes)).toThrow(TdxQuoteError);
    }
  });

  it('is refused with the size of the body at 0, its greatest and one below', () => {
    for (const value of [
      [0, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff],
      [0xfe, 0xff, 0xff, 0xff],
    ]) {
      const bytes = laterBytes.slice();
      bytes.set(value, 50);
      expect(() => parseQuote(bytes)).toThrow(TdxQuoteError);
    }
  });

  it(`survives ${MUTATIONS} mutations`, () => {
    const random = randomOf(1);
    survive(() => {
      const bytes = mutate(random(2) === 0 ? quoteBytes : laterBytes, random);
      expect(encodeQuote(parseQuote(bytes))).toEqual(bytes);
    });
  });

  it('is refused with any bit of its first signed bytes flipped', async () => {
    const prepared = await prepareCollateral(collateral, { at, anchors });
    const step = 41; // coprime to 8: every byte and every bit comes up, a sample of all pairs
    for (let bit = 0; bit < 632 * 8; bit += step) {
      const bytes = quoteBytes.slice();
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(async () => verifyQuote(parseQuote(bytes), { collateral: prepared, at })).rejects.toThrow(
        TdxQuoteError,
      );
    }
  });
});

it(`an event log survives ${MUTATIONS} mutations`, () => {
  const log = makeLog([
    { index: 1, type: 0x8000_0001, data: variable('SecureBoot', Uint8Array.of(1)) },
    {
      index: 2,
      type: 0x8000_0003,
      data: application([4, 1, new Uint8Array(38)], [3, 0x0c, new Uint8Array(23)]),
    },
    { index: 3, type: 0xd, data: 'kernel_cmdline: a\0' },
    { index: 4, type: 6, data: 'LEAA' },
  ]);
  const random = randomOf(2);
  survive(() => {
    const parsed = parseEventLog(mutate(log, random));
    bootFacts(parsed);
    replayEventLog(parsed);
    eventLogClaims(parsed);
  });
});

it('collateral, evidence and TDREPORTs survive mutations', () => {
  const text = encodeUtf8(encodeCollateral(collateral));
  const random = randomOf(3);
  survive(() => void parseCollateral(mutate(text, random)), 500);
  survive(() => void parseTdxEvidence(mutate(encodeUtf8('{"cc_eventlog":null,"quote":"AAAA"}'), random)));
  survive(() => void parseTdReport(mutate(new Uint8Array(1024).fill(0x81), random)));
});

function survive(attempt: () => void, turns = MUTATIONS): void {
  for (let turn = 0; turn < turns; turn += 1) {
    try {
      attempt();
    } catch (error) {
      if (!(error instanceof TdxQuoteError)) throw error;
    }
  }
}
