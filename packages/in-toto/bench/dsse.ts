/** DSSE against the bare signature under it: `pnpm bench in-toto`. */
import { encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, sign, verify } from '@sealwright/crypto';
import { paired, report } from '../../../tools/bench.ts';
import { encodeEnvelope, pae, parseStatement, signEnvelope, verifierFromKey, verifyEnvelope } from '../src/index.js';

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

const results = [];
for (const size of [200, 10_000, 26_000]) {
  const payloads = [0, 1, 2].map((extra) => statementOf(size + extra * 105));
  const signedBytes = payloads.map((payload) => pae(type, payload));
  const envelopes = await Promise.all(
    payloads.map(async (payload) => encodeEnvelope(await signEnvelope({ payload, signers: [signer] }))),
  );
  const signatures = await Promise.all(signedBytes.map((bytes) => sign(key, bytes)));
  let turn = 0;
  const next = <T>(items: readonly T[]): T => items[(turn += 1) % items.length] as T; // never empty
  results.push(
    await paired(
      `sign ${size} bytes to JSON text, against the bare signature`,
      async () => encodeEnvelope(await signEnvelope({ payload: next(payloads), signers: [signer] })).length,
      async () => (await sign(key, next(signedBytes))).length,
    ),
    await paired(
      `verify ${size} bytes from JSON text, against the bare verification`,
      async () => (await verifyEnvelope(next(envelopes), { verifiers })).payload.length,
      () => {
        const index = (turn += 1) % signedBytes.length;
        return verify(key.publicKey, signedBytes[index] ?? new Uint8Array(), signatures[index] ?? new Uint8Array());
      },
    ),
    await paired(
      `verify and parse the statement of ${size} bytes, against the bare verification`,
      async () => parseStatement((await verifyEnvelope(next(envelopes), { verifiers })).payload).subject.length,
      () => {
        const index = (turn += 1) % signedBytes.length;
        return verify(key.publicKey, signedBytes[index] ?? new Uint8Array(), signatures[index] ?? new Uint8Array());
      },
    ),
  );
}
report(results);
