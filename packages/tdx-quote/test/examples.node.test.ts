import { testExamples } from '../../../tools/examples.ts';

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

testExamples({
  root: 'packages/tdx-quote',
  prelude: PRELUDE,
  given: GIVEN,
  otherwise: BYTES,
  least: 9,
});
