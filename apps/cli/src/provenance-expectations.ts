import type { BuildLevel, ProvenanceExpectations } from '@sealwright/slsa';
import { type Command, Option } from 'commander';
import { collect, digestPair, pairs } from './collect.js';
import { CommandError } from './failure.js';

/** The flags that say what provenance must say. */
export interface ExpectationFlags {
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
}

/**
 * Add the flags that say what provenance must say.
 *
 * @param to - the command
 */
export function expectationFlags(to: Command): Command {
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

/**
 * What provenance must say.
 *
 * @param digest - what it is to be about
 * @param options - of the command line
 */
export function expectationsOf(digest: readonly string[], options: ExpectationFlags): ProvenanceExpectations {
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
}: ExpectationFlags): ProvenanceExpectations['externalParameters'] {
  if (parameter === undefined && allowParameter === undefined) return undefined;
  return { equals: parameter ?? {}, allowOnly: allowParameter ?? [] };
}

function tektonOf(options: ExpectationFlags): ProvenanceExpectations['tekton'] {
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

/**
 * A level as flags have it.
 *
 * @param text - of a flag
 */
export function levelOf(text: string | undefined): BuildLevel | undefined {
  return LEVELS.find((level) => `${level}` === text);
}

const LEVELS: readonly BuildLevel[] = [0, 1, 2, 3];
