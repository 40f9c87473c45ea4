/** Provenance of 10 kB from text to a checked predicate, against the bare signature check: `pnpm bench in-toto`. */
import { decodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, sign, verify } from '@sealwright/crypto';
import { inTurn, paired, report } from '../../../tools/bench.ts';
import {
  encodeEnvelope,
  matchSubjects,
  pae,
  signEnvelope,
  type Subject,
  verifierFromKey,
  verifyEnvelope,
} from '../src/index.js';
import { provenanceV1, statementOf } from '../src/predicates/index.js';

const key = await generateKeyPair('ec-p256');
const verifiers = [verifierFromKey(key.publicKey)];
const provenance = statementOf(provenanceV1);
const digest = { sha256: 'ab'.repeat(32) };

/** A build with so many dependencies, signed. */
async function caseOf(dependencies: number, subjects = 1) {
  const { bytes } = provenance.create({
    subject: Array.from({ length: subjects }, (_, index): Subject => ({
      name: `app-${index}.tgz`,
      digest: index === 0 ? digest : { sha256: index.toString(16).padStart(64, '0') },
    })),
    predicate: {
      buildDefinition: {
        buildType: 'https://example.com/build/v1',
        externalParameters: { source: 'git+https://git.example.com/shop/checkout', ref: 'refs/tags/v1.2.3' },
        resolvedDependencies: Array.from({ length: dependencies }, (_, index) => ({
          uri: `git+https://git.example.com/shop/dependency-${index}`,
          digest: { gitCommit: 'cd'.repeat(20) },
        })),
      },
      runDetails: {
        builder: { id: 'https://example.com/builder/v1', version: { core: '1.2.3' } },
        metadata: { invocationId: 'https://example.com/runs/1', startedOn: '2024-05-01T10:00:00Z' },
      },
    },
  });
  const signed = pae('application/vnd.in-toto+json', bytes);
  const envelope = encodeEnvelope(await signEnvelope({ payload: bytes, signers: [keySigner(key)] }));
  return { bytes, envelope, signed, signature: await sign(key, signed) };
}

const cases = [await caseOf(73), await caseOf(74), await caseOf(75)] as const;
const next = inTurn([...cases]);
const runs = [];
for (let run = 0; run < 5; run += 1) {
  runs.push(
    await paired(
      `verify, parse and validate provenance of ${cases[0].bytes.byteLength} bytes, against the bare verification`,
      async () => provenance.parse(await verifyEnvelope(next().envelope, { verifiers })).subject.length,
      () => {
        const { signed, signature } = next();
        return verify(key.publicKey, signed, signature);
      },
    ),
  );
}
const reading = await paired(
  'the same without the signature check, against JSON.parse of envelope and statement',
  () => provenance.parse(next().bytes).subject.length,
  () => {
    const { envelope, bytes } = next();
    return typeof JSON.parse(envelope) === typeof JSON.parse(decodeUtf8(bytes));
  },
);
const many = provenance.parse((await caseOf(1, 1024)).bytes);
const matching = await paired(
  'match an artifact with 1024 subjects, against looking at each digest',
  () => matchSubjects(many, digest).length,
  () => many.subject.filter((subject) => subject.digest['sha256'] === digest.sha256).length,
);
report([...runs, reading, matching]);
// whatever else runs on the machine only ever adds
const [all, bare] = [runs.map(({ candidate }) => candidate), runs.map(({ floor }) => floor)];
console.log(
  `own time on top of the signature check: ${(Math.min(...all) - Math.min(...bare)).toFixed(1)} us`,
);
