import { appraiseProvenance, bestOf, provenanceOf, type ProvenanceVerdict } from '@sealwright/slsa';
import {
  githubAttestations,
  githubGenerators,
  npm,
  parseTrustRules,
  type TrustRule,
} from '@sealwright/slsa/trust';
import type { Command } from 'commander';
import { artifactDigests, type ArtifactFlags, artifactFlags } from '../artifact-digests.js';
import { checkLines, refusal, signerName } from '../checks.js';
import { collect } from '../collect.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import {
  type ExpectationFlags,
  expectationFlags,
  expectationsOf,
  levelOf,
} from '../provenance-expectations.js';
import { keyVerifier, type SignerFlags, signerFlags, verifiedStatements } from '../verified-statements.js';

interface VerifyFlags extends ArtifactFlags, SignerFlags, ExpectationFlags {
  readonly trust?: readonly string[];
  readonly trustRepository?: readonly string[];
  readonly trustWorkflow?: readonly string[];
  readonly json?: boolean;
}

/** `provenance verify`: is it signed by somebody who may, about this artifact, and does it say what is expected? */
export function provenanceVerify(io: Io): Command {
  const flags = command(
    'verify <attestation>',
    'Verify SLSA provenance: who signed, for which builder, about what, and whether it says what is expected.',
    [
      'sealwright provenance verify --key cosign.pub --builder-id https://tekton.dev/chains/v2 --artifact app.tgz --source github.com/example/shop --tag v1.2.0 app.intoto.jsonl',
      'sealwright provenance verify --trusted-root trusted_root.json --trust github-generators --artifact app.tgz --source github.com/example/shop app.sigstore.json',
      'sealwright provenance verify --trusted-root trusted_root.json --trust-repository https://github.com/example/shop --digest sha256:3f0c… --min-level 2 --json app.sigstore.json',
    ],
  );
  return expectationFlags(trustFlags(signerFlags(artifactFlags(flags)))).action(
    async (file: string, options: VerifyFlags) => {
      const digest = await artifactDigests(io, options);
      const trust = await trustOf(io, options);
      const expect = expectationsOf(digest, options);
      const statements = await verifiedStatements(io, file, options);
      const verdicts = await about(file, () =>
        statements.map(({ payload, signers }) =>
          appraiseProvenance(provenanceOf(payload, { signers }), { trust, expect }),
        ),
      );
      const best = bestOf(verdicts);
      if (best === undefined)
        throw new CommandError(`${file}: there is no provenance in it`, 'ERR_CLI_NO_STATEMENT', EXIT_FAILURE);
      const { view, ...verdict } = best;
      print(
        io,
        options.json,
        { ...verdict, builderId: view.builderId, statements: verdicts.length },
        text(best),
      );
      if (!best.ok) throw refusal(file, best.checks);
    },
  );
}

function trustFlags(to: Command): Command {
  return to
    .option(
      '--trust <list>',
      'pairs of signer and builder that are trusted: github-generators, or a JSON file of rules; more than once',
      collect((text) => text),
    )
    .option(
      '--trust-repository <url>',
      'a repository whose workflows may speak for themselves (GitHub attestations, npm), up to level 2; more than once',
      collect((text) => text),
    )
    .option(
      '--trust-workflow <url>',
      'a reusable workflow that may speak for itself, up to level 3, at release tags; more than once',
      collect((text) => text),
    );
}

async function trustOf(io: Io, options: VerifyFlags): Promise<readonly TrustRule[]> {
  const rules: TrustRule[] = [];
  for (const list of options.trust ?? []) {
    if (list === 'github-generators') rules.push(...githubGenerators());
    else {
      const bytes = await io.readFile(list);
      rules.push(...(await about(list, () => parseTrustRules(bytes))));
    }
  }
  const repositories = options.trustRepository ?? [];
  rules.push(...githubAttestations({ repositories, reusableWorkflows: options.trustWorkflow ?? [] }));
  rules.push(...repositories.flatMap((repository) => npm({ repository })));
  const verifier = await keyVerifier(io, options);
  if (verifier !== undefined && options.builderId !== undefined)
    rules.push({
      signer: { keys: [verifier.identity] },
      builder: { id: options.builderId },
      maxLevel: levelOf(options.maxLevel) ?? 2,
    });
  return rules;
}

function text({ ok, level, signer, view, matchedSubjects, checks }: ProvenanceVerdict): string {
  const names = matchedSubjects.map(({ name, digest }) => name ?? Object.values(digest)[0] ?? '');
  const head = [
    ok ? `accepted: SLSA build level ${level}` : 'not accepted',
    `signer   ${signerName(signer)}`,
    `builder  ${view.builderId}`,
    ...names.map((name) => `subject  ${name}`),
  ];
  return `${head.map((line) => `${printable(line)}\n`).join('')}${checkLines(checks)}`;
}
