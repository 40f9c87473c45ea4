import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/kbs-protocol',
  prelude: `
import { annotatedEvidence, createKbsClient, createMemorySessionStore, createSessionMachine, createTokenTrust, generateTeeKey, issueEar, KbsProtocolError, parseResourceUri, reportData, verifyToken } from '../../src/index.js';
import { encodeBase64 } from '@sealwright/bytes';
import { generateKeyPair, randomBytes } from '@sealwright/crypto';
const nonce = encodeBase64(new Uint8Array(32));
const now = Date.UTC(2026, 0, 15);
const key = await generateKeyPair('ec-p256');
const evidence = annotatedEvidence({ tee: 'sample', claims: {}, runtimeData: {} });
const token = await issueEar({ now, submodules: [{ class: 'cpu0', annotatedEvidence: evidence, trustVector: { hardware: 2 } }] }, key);
const fetch = async () => new Response('{"type":"https://github.com/confidential-containers/kbs/errors/PolicyDeny","detail":""}', { status: 401 });
`,
  given: {},
  least: 4,
});
