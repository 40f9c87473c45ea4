import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/bytes',
  prelude: `
import { ByteReader, ByteWriter, decodeBase64url, encodeHex, encodeUtf8, equalBytes, readAll, Secret } from '../../src/index.js';
`,
  given: {},
  least: 5,
});
