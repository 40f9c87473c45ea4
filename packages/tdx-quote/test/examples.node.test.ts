import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';

const sources = resolve(import.meta.dirname, '../src');
/** What the examples take for granted: evidence, and the test PKI in place of Intel's root. */
const PRELUDE = `
import * as index from '../../src/index.js';
import { encodeHex } from '@sealwright/bytes';
import { parseEventLog, replayEventLog } from '../../src/event-log/index.js';
import { computeMrtd } from '../../src/mrtd/index.js';
import { collateralSubject } from '../../src/pcs/index.js';
import { encodeTdxEvidence, parseTdxEvidence, tdxVerifiedClaims } from '../../src/trustee/index.js';
import * as forge from '../forge.fixture.js';
import { makeImage } from '../image.fixture.js';
import { makeLog } from '../log.fixture.js';
const Date = class extends globalThis.Date { constructor(given = forge.at) { super(given); } };
const { appraiseQuote, encodeCollateral, parseCollateral, parseQuote } = index;
const verifyQuote = (quote, trust) => index.verifyQuote(quote, { ...trust, anchors: forge.anchors });
const prepareCollateral = (given, options) => index.prepareCollateral(given, { ...options, anchors: forge.anchors });
const fetchCollateral = () => forge.collateral;
const json = encodeCollateral(forge.collateral);
const evidence = encodeTdxEvidence({ quote: forge.quoteBytes });
const [firmware, nonce] = ['00'.repeat(48), '00'.repeat(64)];
const image = makeImage([{}]);
`;
const BYTES = 'const bytes = forge.quoteBytes;';
const VERIFIED = 'const verified = await index.verifyQuote(parseQuote(forge.quoteBytes), forge.trust);';
const GIVEN: Readonly<Record<string, string>> = {
  'appraise.ts': VERIFIED,
  'trustee/claims.ts': VERIFIED,
  'event-log/parse.ts': "const bytes = makeLog([{ index: 1, type: 4, data: 'a' }]);",
};

describe('the examples of the sources', async () => {
  const names = (await readdir(sources, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const examples: { name: string; code: string }[] = [];
  for (const name of names) {
    const text = await readFile(join(sources, name), 'utf8');
    for (const [, block = ''] of text.matchAll(/^ \* ```ts\n((?: \*.*\n)*?) \* ```$/gm))
      examples.push({ name, code: block.replace(/^ \* ?/gm, '') });
  }

  it.each(examples)('$name', async ({ name, code }) => {
    const folder = await mkdtemp(join(import.meta.dirname, '.example-'));
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    try {
      const file = join(folder, 'example.ts');
      await writeFile(file, `${PRELUDE}${GIVEN[name] ?? BYTES}\n${code}`);
      await import(/* @vite-ignore */ pathToFileURL(file).href);
      expect(log).toHaveBeenCalled();
    } finally {
      log.mockRestore();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('are there for the main functions', () => {
    expect(examples.length).toBeGreaterThanOrEqual(9);
  });
});
