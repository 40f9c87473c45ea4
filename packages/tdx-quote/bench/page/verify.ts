/** What `../browser.ts` runs in a page: quotes verified by us and by @phala/dcap-qvl, by turns, in milliseconds of the clock. */
import { QuoteVerifier } from '@phala/dcap-qvl';
import { decodeBase64, decodeHex } from '@sealwright/bytes';
import { Buffer } from 'buffer';
import { prepareCollateral, type TdQuote, verifyQuote } from '../../src/index.js';
import { anchors, at, collateral, forgeQuote } from '../../test/forge.fixture.js';
import synthetic from '../../test/vectors/synthetic.json' with { type: 'json' };

const quotes: TdQuote[] = [];
for (let byte = 1; byte <= 3; byte += 1)
  quotes.push(await forgeQuote({ body: { reportData: new Uint8Array(64).fill(byte) } }));
const prepared = await prepareCollateral(collateral, { at, anchors });
const verifier = new QuoteVerifier(Buffer.from(decodeBase64(synthetic.root)));
const flat = {
  ...synthetic.collateral,
  ...Object.fromEntries(
    (['root_ca_crl', 'pck_crl', 'tcb_info_signature', 'qe_identity_signature'] as const).map((name) => [
      name,
      Buffer.from(decodeHex(synthetic.collateral[name])),
    ]),
  ),
};
const works: Record<string, (quote: TdQuote) => Promise<string>> = {
  prepared: async (quote) => (await verifyQuote(quote, { collateral: prepared, at })).tcb.status,
  cold: async (quote) => (await verifyQuote(quote, { collateral, anchors, at })).tcb.status,
  peer: async (quote) =>
    verifier.verify(Buffer.from(quote.raw), flat, Math.floor(at.getTime() / 1000)).status,
};
const taken: Record<string, number[]> = {};
for (let round = 0; round < 15; round += 1)
  for (const [name, work] of Object.entries(works))
    for (const quote of quotes) {
      const started = performance.now();
      if ((await work(quote)) !== 'UpToDate') throw new Error(`${name} does not verify`);
      // The first rounds are for the compiler.
      if (round >= 5) (taken[name] ??= []).push(performance.now() - started);
    }
Object.assign(globalThis, { taken });
