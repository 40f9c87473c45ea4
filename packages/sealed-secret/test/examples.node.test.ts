import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/sealed-secret',
  prelude: `
import { looksSealed, sealSecret, unsealSecret } from '../../src/index.js';
import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { exportPublicJwk, generateKeyPair, sign } from '@sealwright/crypto';
const key = await generateKeyPair('ec-p256');
const publicKeys = { 'kbs:///default/signing/public': exportPublicJwk(key.publicKey) };
const sealed = await sealSecret(
  { type: 'vault', name: 'kbs:///default/key/1', provider: 'kbs', providerSettings: {}, annotations: {} },
  { kid: 'kbs:///default/signing/public', sign: (bytes) => sign(key, bytes, { encoding: 'raw' }) },
);
`,
  given: {},
  least: 3,
});
