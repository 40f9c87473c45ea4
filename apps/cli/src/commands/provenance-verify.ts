import {
  appraiseProvenance,
  bestOf,
  type BuildLevel,
  type ProvenanceExpectations,
  provenanceOf,
  type ProvenanceVerdict,
  type SignerIdentity,
} from '@sealwright/slsa';
import {
  githubAttestations,
  githubGenerators,
  npm,
  parseTrustRules,
  type TrustRule,
} from '@sealwright/slsa/trust';
import { type Command, Option } from 'commander';
import { artifactDigests, type ArtifactFlags, artifactFlags } from '../artifact-digests.js';
import { checkLines } from '../checks.js';
import { collect, digestPair, pairs } from '../collect.js';
import { command, print } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { keyVerifier, type SignerFlags, signerFlags, verifiedStatements } from '../verified-statements.js';

interface VerifyFlags extends ArtifactFlags, SignerFlags {
  readonly trust?: readonly string[];
  readonly trustRepository?: readonly string[];
  readonly trustWorkflow?: readonly string[];
  readonly builderId?: string;
  readonly builderRef?: string;
  readonly buildType?: string;
  readonly source?: string;
  readonly commit?: string;
  readonly ref?: string;
  readonly tag?: string;
  readonly versionedTag?: string;
  readonly branch?: string;
  readonly minLevel?: string;
  readonly maxLevel?: string;
  readonly parameter?: Readonly<Record<string, string>>;
  readonly allowParameter?: readonly string[];
  readonly tektonPipeline?: string;
  readonly tektonPipelineDigest?: string;
  readonly tektonPipelinePath?: string;
  readonly tektonParam?: Readonly<Record<string, string>>;
  readonly tektonAllowInlineSpec?: boolean;
  readonly tektonRequirePinnedSteps?: boolean;
  readonly tektonServiceAccount?: readonly string[];
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
      if (!best.ok) {
        const failed = best.checks.filter(({ status }) => status === 'fail').map(({ code }) => code);
        const hint = failed.includes('SLSA_UNTRUSTED_BUILDER') ? HINT : '';
        throw new CommandError(
          `${file}: not accepted: ${[...new Set(failed)].join(', ')}${hint}`,
          'ERR_CLI_NOT_ACCEPTED',
          EXIT_FAILURE,
        );
      }
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

function expectationFlags(to: Command): Command {
  const level = (name: string, help: string): Option => new Option(name, help).choices(['0', '1', '2', '3']);
  return to
    .option(
      '--builder-id <uri>',
      'the builder, with or without @version; with --key, the builder that the key speaks for',
    )
    .option('--builder-ref <ref>', 'a ref of the builder that will do, other than a release tag')
    .option('--build-type <uri>', 'the build type')
    .option('--source <repository>', 'the repository, such as github.com/owner/name')
    .option('--commit <hex>', 'the commit')
    .option('--ref <ref>', 'the full ref, such as refs/heads/main')
    .option('--tag <tag>', 'the tag')
    .option('--versioned-tag <tag>', 'a tag that stands for its latest versions, such as v1')
    .option('--branch <branch>', 'the branch')
    .addOption(level('--min-level <level>', 'the least build level'))
    .addOption(level('--max-level <level>', 'the most that is believed of the builder; 2 with --key'))
    .option(
      '--parameter <name=value>',
      'an external parameter and its text; then no other may be there',
      pairs('--parameter'),
    )
    .option(
      '--allow-parameter <name>',
      'an external parameter that may be anything; more than once',
      collect((text) => text),
    )
    .option('--tekton-pipeline <uri>', 'where the Pipeline or Task came from')
    .option('--tekton-pipeline-digest <algorithm:hex>', 'its revision')
    .option('--tekton-pipeline-path <path>', 'its file in the repository')
    .option(
      '--tekton-param <name=value>',
      'a parameter of the run; then no other may be set',
      pairs('--tekton-param'),
    )
    .option('--tekton-allow-inline-spec', 'let the run bring its Pipeline or Task along')
    .option('--tekton-require-pinned-steps', 'want a digest in the image of each step')
    .option(
      '--tekton-service-account <name>',
      'a service account that will do; more than once',
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

function expectationsOf(digest: readonly string[], options: VerifyFlags): ProvenanceExpectations {
  const { builderId, builderRef, buildType, source, commit, ref, tag, versionedTag, branch } = options;
  const [minLevel, maxLevel] = [levelOf(options.minLevel), levelOf(options.maxLevel)];
  const given = {
    builderId,
    buildType,
    source,
    commit,
    ref,
    tag,
    versionedTag,
    branch,
    minLevel,
    maxLevel,
    acceptBuilderRef: builderRef,
    externalParameters: parametersOf(options),
    tekton: tektonOf(options),
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { digest, ...(Object.fromEntries(known) as Omit<ProvenanceExpectations, 'digest'>) };
}

function parametersOf({
  parameter,
  allowParameter,
}: VerifyFlags): ProvenanceExpectations['externalParameters'] {
  if (parameter === undefined && allowParameter === undefined) return undefined;
  return { equals: parameter ?? {}, allowOnly: allowParameter ?? [] };
}

function tektonOf(options: VerifyFlags): ProvenanceExpectations['tekton'] {
  const { tektonPipeline: uri, tektonPipelineDigest, tektonPipelinePath: path } = options;
  const digest = tektonPipelineDigest === undefined ? undefined : digestPair(tektonPipelineDigest);
  if (tektonPipelineDigest !== undefined && digest === undefined)
    throw new CommandError(
      `--tekton-pipeline-digest is algorithm:hex, not ${JSON.stringify(tektonPipelineDigest)}`,
    );
  if (uri === undefined && (digest !== undefined || path !== undefined))
    throw new CommandError('--tekton-pipeline is needed beside its digest and path');
  const { tektonParam, tektonAllowInlineSpec, tektonRequirePinnedSteps, tektonServiceAccount } = options;
  const wants = {
    ...(uri === undefined
      ? {}
      : {
          pipeline: {
            uri,
            ...(digest === undefined ? {} : { digest: Object.fromEntries([digest]) }),
            ...(path === undefined ? {} : { path }),
          },
        }),
    ...(tektonParam === undefined ? {} : { params: tektonParam }),
    ...(tektonAllowInlineSpec === true ? { allowInlineSpec: true } : {}),
    ...(tektonRequirePinnedSteps === true ? { requirePinnedStepImages: true } : {}),
    ...(tektonServiceAccount === undefined ? {} : { serviceAccounts: tektonServiceAccount }),
  };
  return Object.keys(wants).length === 0 ? undefined : wants;
}

function levelOf(text: string | undefined): BuildLevel | undefined {
  return LEVELS.find((level) => `${level}` === text);
}

function text({ ok, level, signer, view, matchedSubjects, checks }: ProvenanceVerdict): string {
  const names = matchedSubjects.map(({ name, digest }) => name ?? Object.values(digest)[0] ?? '');
  const head = [
    ok ? `accepted: SLSA build level ${level}` : 'not accepted',
    `signer   ${signer === undefined ? 'nobody' : nameOf(signer)}`,
    `builder  ${view.builderId}`,
    ...names.map((name) => `subject  ${name}`),
  ];
  return `${head.map((line) => `${printable(line)}\n`).join('')}${checkLines(checks)}`;
}

function nameOf(signer: SignerIdentity): string {
  return signer.kind === 'key' ? `key ${signer.identity}` : `${signer.san} (${signer.issuer})`;
}

const LEVELS: readonly BuildLevel[] = [0, 1, 2, 3];
const HINT =
  '; with --key, --builder-id says which builder the key speaks for; with certificates, see --trust';
