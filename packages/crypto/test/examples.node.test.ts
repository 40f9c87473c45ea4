import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/crypto',
  prelude: `
import { aesGcmOpen, aesGcmSeal, createDigest, ecdh, exportPublicPem, generateKeyPair, importPublicKey, keySigner, randomBytes, sign, verify } from '../../src/index.js';
import { encodeUtf8, equalBytes } from '@sealwright/bytes';
const message = encodeUtf8('hello');
`,
  given: {},
  least: 7,
});
