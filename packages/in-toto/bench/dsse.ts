/** DSSE against the bare signature under it, and against plain code that checks nothing else: `pnpm bench in-toto`. */
import { createPublicKey, verify as verifyPlainly } from 'node:crypto';
import { encodeUtf8 } from '@sealwright/bytes';
import { exportPublicPem, generateKeyPair, keySigner, sign, verify } from '@sealwright/crypto';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import {
  encodeEnvelope,
  pae,
  parseStatement,
  signEnvelope,
  verifierFromKey,
  verifyEnvelope,
} from '../src/index.js';

const key = await generateKeyPair('ec-p256');
const signer = keySigner(key);
const verifiers = [verifierFromKey(key.publicKey)];
const type = 'application/vnd.in-toto+json';

/** A statement of about so many bytes. */
function statementOf(size: number): Uint8Array {
  const head = { _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://example.com/p/v1' };
  const subject = [{ name: 'artifact', digest: { sha256: 'ab'.repeat(32) } }];
  const entry = { uri: 'git+https://git.example.com/shop/checkout', digest: { gitCommit: 'cd'.repeat(20) } };
  const entries = Array.from({ length: Math.max(0, Math.round((size - 230) / 105)) }, () => entry);
  return encodeUtf8(JSON.stringify({ ...head, subject, predicate: { entries } }));
}

/** The same statement in every form that is timed. */
async function caseOf(size: number) {
  const payload = statementOf(size);
  const signed = pae(type, payload);
  const envelope = encodeEnvelope(await signEnvelope({ payload, signers: [signer] }));
  return { payload, signed, envelope, signature: await sign(key, signed) };
}

const plainKey = createPublicKey(exportPublicPem(key.publicKey));

/** The same steps as they are written in a minute: any JSON, any base64, the first signature. */
function plainVerification(json: string): boolean {
  const envelope = JSON.parse(json) as {
    payloadType: string;
    payload: string;
    signatures: [{ sig: string }];
  };
  const payload = Buffer.from(envelope.payload, 'base64');
  const { length } = envelope.payloadType;
  const head = Buffer.from(`DSSEv1 ${length} ${envelope.payloadType} ${payload.length} `);
  const signature = Buffer.from(envelope.signatures[0].sig, 'base64');
  return verifyPlainly('sha256', Buffer.concat([head, payload]), plainKey, signature);
}

const results = [];
for (const size of [200, 10_000, 26_000]) {
  const next = inTurn([await caseOf(size), await caseOf(size + 105), await caseOf(size + 210)]);
  const bareVerification = (): Promise<boolean> => {
    const { signed, signature } = next();
    return verify(key.publicKey, signed, signature);
  };
  results.push(
    await paired(
      `sign ${size} bytes to JSON text, against the bare signature`,
      async () => encodeEnvelope(await signEnvelope({ payload: next().payload, signers: [signer] })).length,
      async () => (await sign(key, next().signed)).length,
    ),
    await paired(
      `verify ${size} bytes from JSON text, against the bare verification`,
      async () => (await verifyEnvelope(next().envelope, { verifiers })).payload.length,
      bareVerification,
    ),
    await paired(
      `verify ${size} bytes from JSON text, against plain code that checks nothing else`,
      async () => (await verifyEnvelope(next().envelope, { verifiers })).payload.length,
      () => plainVerification(next().envelope),
    ),
    await paired(
      `verify and parse the statement of ${size} bytes, against the bare verification`,
      async () =>
        parseStatement((await verifyEnvelope(next().envelope, { verifiers })).payload).subject.length,
      bareVerification,
    ),
  );
}
report(results);
