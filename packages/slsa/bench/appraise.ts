/** Provenance of about 10 kB, most of it the event that started the build as in that of GitHub, read and appraised, against the bare verification of its signature: `pnpm bench slsa`. */
import { generateKeyPair, keySigner, sign, verify } from '@sealwright/crypto';
import { encodeEnvelope, pae, signEnvelope, verifierFromKey, verifyEnvelope } from '@sealwright/in-toto';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import { appraiseProvenance, createProvenance, parseProvenance, provenanceOf } from '../src/index.js';
import { tekton } from '../src/trust/index.js';

const key = await generateKeyPair('ec-p256');
const verifiers = [verifierFromKey(key.publicKey)];
const trust = tekton({ signer: { keys: verifiers.map(({ identity }) => identity) } });
const digest = `sha256:${'ab'.repeat(32)}`;
const policy = {
  trust,
  expect: { digest, source: 'git.example.com/shop/checkout', commit: 'cd'.repeat(20), minLevel: 2 },
} as const;

async function caseOf(run: string) {
  const source = {
    uri: 'git+https://git.example.com/shop/checkout@refs/heads/main',
    digest: { gitCommit: 'cd'.repeat(20) },
  };
  const other = (_: unknown, index: number) => ({
    uri: `oci://registry.example.com/tool-${index}`,
    digest: { sha256: 'ef'.repeat(32) },
  });
  const event = (_: unknown, index: number) => [
    `member_${index}`,
    `https://api.example.com/repos/shop/checkout/things{/thing_${index}}`,
  ];
  const statement = createProvenance({
    subject: [{ name: 'registry.example.com/shop/checkout', digest: { sha256: 'ab'.repeat(32) } }],
    buildType: 'https://example.com/make/v1',
    external: { target: 'all' },
    internal: { event: Object.fromEntries(Array.from({ length: 96 }, event)) },
    builder: { id: 'https://tekton.dev/chains/v2' },
    dependencies: [source, ...Array.from({ length: 9 }, other)],
    invocationId: run,
    startedOn: '2026-01-02T03:04:05Z',
    finishedOn: '2026-01-02T03:04:06Z',
  });
  const signed = pae('application/vnd.in-toto+json', statement.bytes);
  const envelope = encodeEnvelope(
    await signEnvelope({ payload: statement.bytes, signers: [keySigner(key)] }),
  );
  const signature = await sign(key, signed);
  return { envelope, signed, signature, statement, payload: await verifyEnvelope(envelope, { verifiers }) };
}

const next = inTurn([await caseOf('a'), await caseOf('b'), await caseOf('c')]);
const size = next().statement.bytes.length;
report([
  await paired(
    `verify, read and appraise provenance of ${size} bytes, against the bare verification`,
    async () => {
      const payload = await verifyEnvelope(next().envelope, { verifiers });
      return appraiseProvenance(provenanceOf(payload), policy).ok;
    },
    async () => {
      const { signed, signature } = next();
      return verify(key.publicKey, signed, signature);
    },
  ),
  await paired(
    'read what was verified, against JSON.parse of it',
    () => provenanceOf(next().payload).view.dependencies.length,
    () => typeof JSON.parse(new TextDecoder().decode(next().payload.payload)) === 'object',
  ),
  await paired(
    'one view over a statement that was parsed, against JSON.parse of it',
    () => parseProvenance(next().statement).dependencies.length,
    () => typeof JSON.parse(new TextDecoder().decode(next().payload.payload)) === 'object',
  ),
]);
