import { decodeUtf8 } from '@sealwright/bytes';
import { decodePem, parseCertificate } from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { parseEventLog, replayEventLog, bootFacts, eventLogClaims } from '../src/event-log/index.js';
import {
  type Collateral,
  dangerouslyVerifyWithoutCollateral,
  parseCollateral,
  parseQuote,
  prepareCollateral,
  TdxQuoteError,
  type TdxTrust,
  verifyQuote,
} from '../src/index.js';
import { computeMrtd } from '../src/mrtd/index.js';
import { anchors, at, collateral, laterBytes, quoteBytes } from './forge.fixture.js';
import { mutate, randomOf } from './mutate.fixture.js';

const area = vectorArea('tdx-quote');
const asked = Number(process.env['SEALWRIGHT_MUTATIONS'] ?? 0);
const turns = Math.max(asked, 10_000);
const patience = 60_000 + 2 * turns;

describe.skipIf(!area.present)('real quotes', () => {
  const files = area.list('real').filter((name) => name.endsWith('.bin'));

  it.each(files)('%s is refused with any signed bit flipped', { timeout: patience }, async (file) => {
    const whole = area.bytes('real', file);
    const { certification, signed, trailing, qeAuthData } = parseQuote(whole);
    if (certification.type !== 5) return;
    // Within the dates of every certificate, so that nothing but the flipped bit is wrong.
    const chain = decodePem(decodeUtf8(certification.pem).replace('\0', '')).map(({ bytes }) =>
      parseCertificate(bytes),
    );
    const when = new Date(Math.max(...chain.map(({ notBefore }) => notBefore)));
    expect(await isGood(whole, when)).toBe(true);
    const end = whole.byteLength - trailing.byteLength - certification.pem.byteLength - 6;
    expect(end).toBeGreaterThan(signed.byteLength + qeAuthData.byteLength);
    // One bit of each byte, or every bit in the long run.
    for (let at = 0; at < end; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        if (asked === 0 && bit !== at % 8) continue;
        const bytes = whole.slice();
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        expect([at, bit, await isGood(bytes, when)]).toEqual([at, bit, false]);
      }
    }
  });

  it.each(files)('%s is refused wherever it is cut', (file) => {
    const whole = area.bytes('real', file);
    const { trailing } = parseQuote(whole);
    for (let length = 0; length < whole.byteLength - trailing.byteLength; length += 1)
      expect(() => parseQuote(whole.subarray(0, length))).toThrow(TdxQuoteError);
  });

  it(`survive ${turns} mutations`, { timeout: patience }, async () => {
    const random = randomOf(7);
    const quotes = files.map((file) => area.bytes('real', file));
    const names = area.list('real').filter((name) => name.startsWith('collateral'));
    const prepared: TdxTrust[] = [];
    for (const name of names) {
      const given = parseCollateral(area.bytes('real', name));
      const at = datesOf(given);
      // Collateral that was never current all at once is of no use here.
      const ready = await prepareCollateral(given, { at }).catch(() => undefined);
      if (ready !== undefined) prepared.push({ collateral: ready, at });
    }
    expect(prepared.length > 0 || names.length === 0).toBe(true);
    await survive(turns, async () => {
      const quote = parseQuote(mutate(quotes[random(quotes.length)] ?? quoteBytes, random));
      const trust = prepared[random(prepared.length)];
      if (trust !== undefined) await verifyQuote(quote, trust);
    });
    expect(process.memoryUsage().heapUsed).toBeLessThan(512 << 20);
  });
});

it('made quotes survive mutations of quote and collateral', { timeout: patience }, async () => {
  const random = randomOf(8);
  const prepared = await prepareCollateral(collateral, { at, anchors });
  const damaged = (): Collateral => {
    const member = MEMBERS[random(MEMBERS.length)] ?? 'tcbInfo';
    const value = collateral[member];
    if (value instanceof Uint8Array) return { ...collateral, [member]: mutate(value, random) };
    return {
      ...collateral,
      [member]: new TextDecoder().decode(mutate(new TextEncoder().encode(value), random)),
    };
  };
  await survive(turns / 10, async () => {
    const bytes = random(2) === 0 ? quoteBytes : laterBytes;
    await verifyQuote(parseQuote(mutate(bytes, random)), { collateral: prepared, at });
  });
  await survive(turns / 50, () =>
    verifyQuote(parseQuote(quoteBytes), { collateral: damaged(), anchors, at }),
  );
});

describe.skipIf(!area.present)('logs and images', () => {
  it('survive mutations', { timeout: patience }, async () => {
    const random = randomOf(9);
    const logs = area.list('eventlog').filter((name) => /^ccel-(?!table).*\.bin$/.test(name));
    const images = area.list('mrtd').filter((name) => name.endsWith('.bin'));
    const [log, image] = [logs, images].map((names, index) =>
      names.map((name) => area.bytes(index === 0 ? 'eventlog' : 'mrtd', name)),
    );
    await survive(turns / 20, () => {
      const parsed = parseEventLog(mutate(log?.[random(log.length)] ?? quoteBytes, random));
      bootFacts(parsed);
      replayEventLog(parsed);
      eventLogClaims(parsed);
    });
    await survive(turns / 20, () =>
      computeMrtd(mutate(image?.[random(image.length)] ?? quoteBytes, random), { maxMemoryBytes: 0x4_0000 }),
    );
  });
});

async function isGood(bytes: Uint8Array, when: Date): Promise<boolean> {
  try {
    await dangerouslyVerifyWithoutCollateral(parseQuote(bytes), { at: when });
    return true;
  } catch (error) {
    if (error instanceof TdxQuoteError) return false;
    throw error;
  }
}

/** A moment at which collateral is current: a day after its TCB info was issued. */
function datesOf({ tcbInfo }: Collateral): Date {
  const issued = /"issueDate":"([^"]+)"/.exec(tcbInfo)?.[1] ?? '';
  return new Date(Date.parse(issued) + 86_400_000);
}

async function survive(count: number, attempt: () => unknown): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    try {
      await attempt();
    } catch (error) {
      if (!(error instanceof TdxQuoteError)) throw error;
    }
  }
}

const MEMBERS = [
  'rootCaCrl',
  'pckCrl',
  'tcbInfo',
  'tcbInfoSignature',
  'tcbInfoIssuerChain',
  'qeIdentity',
  'qeIdentitySignature',
  'qeIdentityIssuerChain',
] as const satisfies readonly (keyof Collateral)[];
