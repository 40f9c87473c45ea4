import type { DigestSet, ResourceDescriptor } from '@sealwright/in-toto';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { type GitSource, splitSource } from '../git-source.js';
import type { ProvenanceView } from '../provenance/view.js';

/** Where provenance says that the source came from. */
export interface SourceClaim extends GitSource {
  /** The commit; `undefined` when it is not told. */
  readonly commit: string | undefined;
  /** Whether the dependencies name the repository and ref too, as parameters are only what was asked for. */
  readonly confirmed: boolean;
  /** Where it says so. */
  readonly pointer: string;
}

/**
 * Where provenance says that the source came from. A build type that is known says it in one place; for others every dependency
 * in git is a candidate, and what is expected must hold for one of them as a whole.
 *
 * @param view - what provenance says
 */
export function sourceClaims(view: ProvenanceView): readonly SourceClaim[] {
  if (isCloudBuildV01(view)) return cloudBuild(view);
  const asked = askedFor(view);
  const dependencies = gitDependencies(view);
  if (asked === undefined) return dependencies;
  const { commit, pointer, ...source } = asked;
  const same = dependencies.filter(
    ({ repository, ref }) => repository === source.repository && (ref === source.ref || ref === ''),
  );
  const told = commit ?? same.find((each) => each.commit !== undefined)?.commit;
  const contradicted = same.some((each) => each.commit !== undefined && each.commit !== told);
  const confirmed = (same.length > 0 || view.dependencies.length === 0) && !contradicted;
  return [{ ...source, commit: told, confirmed, pointer }];
}

interface Asked extends GitSource {
  readonly commit: string | undefined;
  readonly pointer: string;
}

/** The source in the parameters; `undefined` where this build type has none there. */
function askedFor(view: ProvenanceView): Asked | undefined {
  const { buildType = '', external, pointers, configSource } = view;
  if (isTekton(buildType)) return undefined;
  if (WORKFLOW.has(buildType)) {
    const workflow = object(external['workflow']);
    return asked(
      `git+${text(workflow['repository'])}`,
      text(workflow['ref']),
      undefined,
      `${pointers.external}/workflow`,
    );
  }
  if (buildType === CLOUD_BUILD_V1) {
    const config = object(external['buildConfigSource']);
    const pointer = `${pointers.external}/buildConfigSource`;
    return asked(text(config['repository']), text(config['ref']), undefined, pointer);
  }
  if (buildType === CONTAINER_BASED) {
    const source = object(external['source']);
    return fromUri(text(source['uri']), commitOf(digestsOf(source['digest'])), `${pointers.external}/source`);
  }
  if (configSource?.uri?.startsWith('git+') !== true) return undefined;
  return fromUri(configSource.uri, commitOf(configSource.digest), pointers.source);
}

/** Cloud Build tells the ref in substitutions, and the repository of its first workers by the page of the commit. */
function cloudBuild(view: ProvenanceView): readonly SourceClaim[] {
  const [material] = view.dependencies;
  const substitutions = object(view.external['substitutions']);
  const [tag, branch] = [text(substitutions['TAG_NAME']), text(substitutions['BRANCH_NAME'])];
  const ref = tag !== '' ? `refs/tags/${tag}` : branch !== '' ? `refs/heads/${branch}` : '';
  const pointer = `${view.pointers.dependencies}/0/uri`;
  const uri = material?.uri ?? '';
  const page = uri.indexOf('/commit/');
  const commit = uri.slice(page + '/commit/'.length);
  const isPage = page !== -1 && /^[0-9a-f]{40}$/.test(commit);
  const found = isPage
    ? asked(`git+${uri.slice(0, page)}`, ref, commit, pointer)
    : asked(uri, ref, commitOf(material?.digest), pointer);
  return found === undefined ? [] : [{ ...found, confirmed: true }];
}

/** Dependencies in git; for Tekton those that a run reports as its inputs, and not where its configuration came from. */
function gitDependencies(view: ProvenanceView): readonly SourceClaim[] {
  const tekton = view.version === 'v1' && isTekton(view.buildType ?? '');
  return view.dependencies.flatMap((dependency: ResourceDescriptor, index): readonly SourceClaim[] => {
    const { uri = '', name, digest } = dependency;
    if (!uri.startsWith('git+') || (tekton && name !== 'inputs/result')) return [];
    const found = fromUri(uri, commitOf(digest), `${view.pointers.dependencies}/${index}/uri`);
    return found === undefined ? [] : [{ ...found, confirmed: true }];
  });
}

function fromUri(uri: string, commit: string | undefined, pointer: string): Asked | undefined {
  const source = split(uri);
  return source === undefined ? undefined : { ...source, commit, pointer };
}

function asked(
  repository: string,
  ref: string,
  commit: string | undefined,
  pointer: string,
): Asked | undefined {
  const source = split(repository);
  if (source === undefined || source.ref !== '') return undefined;
  return { repository: source.repository, ref, commit, pointer };
}

function split(uri: string): GitSource | undefined {
  try {
    return splitSource(uri);
  } catch (error) {
    if (error instanceof SlsaError) return undefined;
    throw error;
  }
}

function commitOf(digest: DigestSet | undefined): string | undefined {
  return digest?.['gitCommit'] ?? digest?.['sha1'];
}

function digestsOf(value: JsonValue | undefined): DigestSet {
  const entries = Object.entries(object(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Whether a build type is one of Tekton's. */
export function isTekton(buildType: string): boolean {
  return TEKTON.has(buildType) || /^tekton\.dev\/v1(?:beta1)?\/(?:TaskRun|PipelineRun)$/.test(buildType);
}

function isCloudBuildV01({ version, builderId }: ProvenanceView): boolean {
  return version === 'v0.1' && builderId.startsWith('https://cloudbuild.googleapis.com/GoogleHostedWorker@');
}

/** An object, empty where there is none. */
export function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** Text, empty where there is none. */
export function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

const WORKFLOW: ReadonlySet<string> = new Set([
  'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1',
  'https://actions.github.io/buildtypes/workflow/v1',
]);
const TEKTON: ReadonlySet<string> = new Set([
  'https://tekton.dev/chains/v2/slsa',
  'https://tekton.dev/chains/v2/slsa-tekton',
]);
const CLOUD_BUILD_V1 = 'https://cloud.google.com/build/gcb-buildtypes/google-worker/v1';
const CONTAINER_BASED = 'https://slsa.dev/container-based-build/v0.1?draft';
