import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Subject } from '@sealwright/in-toto';
import {
  appraiseSummary,
  createSummary,
  type SummaryExpectations,
  summaryOf,
  type SummaryVerdict,
  type VerifierRule,
} from '@sealwright/slsa';
import type { Command } from 'commander';
import { artifactDigests, type ArtifactFlags, artifactFlags } from '../artifact-digests.js';
import { checkLines, refusal } from '../checks.js';
import { collect, digestPair } from '../collect.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { durationOf } from '../network.js';
import { keyVerifier, type SignerFlags, signerFlags, verifiedStatements } from '../verified-statements.js';
import { type StatementFlags, statementFlags, writeStatement } from '../write-statement.js';

interface MakeFlags extends ArtifactFlags, StatementFlags {
  readonly name?: string;
  readonly verifierId: string;
  readonly resourceUri: string;
  readonly policyUri: string;
  readonly policy?: string;
  readonly level?: readonly string[];
  readonly failed?: boolean;
  readonly input?: readonly string[];
}

/** `vsa make`: a verification summary, signed with `--key`. */
export function vsaMake(io: Io): Command {
  const flags = command('make', 'Make a verification summary (VSA) of what was verified.', [
    'sealwright vsa make --verifier-id https://example.com/verifier --resource-uri pkg:oci/shop --policy-uri https://example.com/policy --policy policy.json --level SLSA_BUILD_LEVEL_2 --input app.intoto.jsonl --key cosign.key --artifact app.tgz',
  ]);
  return statementFlags(artifactFlags(flags))
    .option('--name <name>', 'what to call the artifact')
    .requiredOption('--verifier-id <uri>', 'who verified')
    .requiredOption('--resource-uri <uri>', 'where a consumer fetches the artifact')
    .requiredOption('--policy-uri <uri>', 'by which policy')
    .option('--policy <file>', 'the policy: its SHA-256 goes into the summary')
    .option(
      '--level <level>',
      'a result such as SLSA_BUILD_LEVEL_2, more than once',
      collect((text) => text),
    )
    .option('--failed', 'the verification failed')
    .option(
      '--input <file>',
      'an attestation that was used, more than once',
      collect((text) => text),
    )
    .action(async (options: MakeFlags) => {
      const { level = [], failed = false, verifierId: id, resourceUri, policyUri: uri } = options;
      if (failed === level.length > 0)
        throw new CommandError('give --level for what was reached, or --failed');
      const digests = await artifactDigests(io, options);
      const summary = createSummary({
        subject: [subjectOf(digests, options.name)],
        verifier: { id },
        timeVerified: new Date(io.now()),
        resourceUri,
        policy: {
          uri,
          ...(options.policy === undefined ? {} : { digest: { sha256: await sha256(io, options.policy) } }),
        },
        inputs: await Promise.all(
          (options.input ?? []).map(async (file) => ({ bytes: await io.readFile(file) })),
        ),
        verdict: { ok: !failed, levels: level },
      });
      await writeStatement(io, summary.bytes, options);
    });
}

interface VerifyFlags extends ArtifactFlags, SignerFlags {
  readonly verifierId: string;
  readonly signerSubject?: string;
  readonly signerIssuer?: string;
  readonly resourceUri: string;
  readonly level?: readonly string[];
  readonly policyUri?: string;
  readonly policy?: string;
  readonly maxAge?: string;
  readonly sourceRef?: readonly string[];
  readonly json?: boolean;
}

/** `vsa verify`: did somebody who is trusted verify this artifact, and what came of it? */
export function vsaVerify(io: Io): Command {
  const flags = command(
    'verify <attestation>',
    'Verify a verification summary (VSA): who verified what, and what came of it.',
    [
      'sealwright vsa verify --key verifier.pub --verifier-id https://example.com/verifier --resource-uri pkg:oci/shop --level SLSA_BUILD_LEVEL_2 --artifact app.tgz app.vsa.json',
      'sealwright vsa verify --key verifier.pub --verifier-id https://example.com/verifier --resource-uri git+https://github.com/example/shop --level SLSA_SOURCE_LEVEL_3 --digest gitCommit:3b18… --source-ref refs/heads/main --max-age 720h --json shop.vsa.json',
    ],
  );
  return signerFlags(artifactFlags(flags))
    .requiredOption('--verifier-id <uri>', 'who must have verified: the signer speaks for it')
    .option('--signer-subject <name>', 'with --trusted-root, the subject of the certificate of the verifier')
    .option('--signer-issuer <uri>', 'with --trusted-root, who vouched for it')
    .requiredOption('--resource-uri <uri>', 'where the artifact was fetched; exact')
    .option(
      '--level <level>',
      'a result that must be there, more than once',
      collect((text) => text),
    )
    .option('--policy-uri <uri>', 'the policy')
    .option('--policy <file>', 'the policy, by its content')
    .option('--max-age <duration>', 'how old it may be, such as 720h')
    .option(
      '--source-ref <ref>',
      'a full ref that must have pointed to the revision, more than once',
      collect((text) => text),
    )
    .action(async (file: string, options: VerifyFlags) => {
      const expect = await expectationsOf(io, options);
      const rule = await ruleOf(io, options);
      const statements = await verifiedStatements(io, file, options);
      const verdicts = await about(file, () =>
        statements.map(({ payload, signers }) =>
          appraiseSummary(summaryOf(payload, { signers }), {
            trust: [rule],
            expect,
            now: new Date(io.now()),
          }),
        ),
      );
      const best = verdicts.find(({ ok }) => ok) ?? verdicts[0];
      if (best === undefined)
        throw new CommandError(`${file}: there is no summary in it`, 'ERR_CLI_NO_STATEMENT', EXIT_FAILURE);
      print(io, options.json, { ...best, statements: verdicts.length }, text(best));
      if (!best.ok) throw refusal(file, best.checks);
    });
}

/** Who speaks for the verifier: the key, or the holder of a certificate. */
async function ruleOf(io: Io, options: VerifyFlags): Promise<VerifierRule> {
  const verifier = await keyVerifier(io, options);
  const { verifierId: id, signerSubject: san, signerIssuer: issuer } = options;
  if (verifier !== undefined) return { signer: { keys: [verifier.identity] }, id };
  if (san === undefined || issuer === undefined)
    throw new CommandError(
      'with --trusted-root, --signer-subject and --signer-issuer say who speaks for the verifier',
    );
  return { signer: { san, issuer }, id };
}

async function expectationsOf(io: Io, options: VerifyFlags): Promise<SummaryExpectations> {
  const { verifierId, resourceUri, level = [], policyUri, policy, maxAge, sourceRef } = options;
  const milliseconds = maxAge === undefined ? undefined : durationOf(maxAge);
  if (maxAge !== undefined && milliseconds === undefined)
    throw new CommandError(`--max-age is a duration such as 720h, not ${JSON.stringify(maxAge)}`);
  return {
    subjectDigests: await artifactDigests(io, options),
    verifierId,
    resourceUri,
    verifiedLevels: level,
    ...(policyUri === undefined ? {} : { policyUri }),
    ...(policy === undefined ? {} : { policyDigest: { sha256: await sha256(io, policy) } }),
    ...(milliseconds === undefined ? {} : { maxAgeSeconds: milliseconds / 1000 }),
    ...(sourceRef === undefined ? {} : { sourceRefs: sourceRef }),
  };
}

function subjectOf(digests: readonly string[], name: string | undefined): Subject {
  const digest = Object.fromEntries(digests.map((text) => digestPair(text) ?? ['', text]));
  return { ...(name === undefined ? {} : { name }), digest };
}

async function sha256(io: Io, file: string): Promise<string> {
  return encodeHex(digest('sha256', await io.readFile(file)));
}

function text({ ok, levels, checks }: SummaryVerdict): string {
  return `${ok ? `accepted: ${levels.join(', ')}` : 'not accepted'}\n${checkLines(checks)}`;
}
