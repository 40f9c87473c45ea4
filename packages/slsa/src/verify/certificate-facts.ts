import type { JsonValue } from '@sealwright/json';
import type { ProvenanceView } from '../provenance/view.js';
import type { FulcioClaims } from './signer.js';
import { object, type SourceClaim, text } from './source.js';

/** Something that certificate and predicate both say. */
export interface SharedFact {
  /** Which claim of the certificate it is. */
  readonly claim: keyof FulcioClaims;
  /** What the certificate says; `undefined` when it says nothing. */
  readonly certified: string | undefined;
  /** What the predicate says. */
  readonly stated: string;
  /** Where it says so. */
  readonly pointer: string;
}

/**
 * What provenance of a workflow of GitHub says that a certificate can confirm.
 *
 * @param view - what the provenance says
 * @param source - where it says the source came from
 * @param claims - of the certificate
 */
export function sharedFacts(
  view: ProvenanceView,
  source: SourceClaim | undefined,
  claims: FulcioClaims,
): readonly SharedFact[] {
  const facts: SharedFact[] = [];
  const add = (claim: keyof FulcioClaims, stated: string | undefined, pointer: string): void => {
    if (stated !== undefined && stated !== '')
      facts.push({ claim, certified: claims[claim], stated, pointer });
  };
  if (source !== undefined) {
    add('sourceRepository', source.repository.slice('git+'.length), source.pointer);
    add('sourceCommit', source.commit, source.pointer);
    add('sourceRef', source.ref, source.pointer);
  }
  for (const [name, value] of Object.entries(view.internal)) {
    const claim = VARIABLES.get(name.toLowerCase());
    const pointer = `${view.pointers.internal}/${name}`;
    if (typeof value === 'string' && claim !== undefined) add(claim, written(name, value), pointer);
  }
  const github = object(view.internal['github']);
  for (const [name, claim] of Object.entries(MEMBERS))
    add(claim, text(github[name]), `${view.pointers.internal}/github/${name}`);
  for (const { uri, pointer } of runVariables(view, claims)) add('runInvocationUri', uri, pointer);
  add('runnerEnvironment', runnerOf(view.builderId), view.pointers.builderId);
  add('buildConfigUri', workflowOf(view, source), view.pointers.source);
  add('runInvocationUri', runOf(view, claims), view.pointers.invocationId);
  return facts;
}

/** Repository and workflow are written without the host in variables. */
function written(name: string, value: string): string {
  return /^github_(?:repository|workflow_ref)$/i.test(name) ? `https://github.com/${value}` : value;
}

/** The workflow file at its ref. */
function workflowOf(
  { external, configSource }: ProvenanceView,
  source: SourceClaim | undefined,
): string | undefined {
  const workflow = object(external['workflow']);
  if (text(workflow['path']) !== '')
    return `${text(workflow['repository'])}/${text(workflow['path'])}@${text(workflow['ref'])}`;
  const entryPoint = configSource?.entryPoint ?? '';
  if (source === undefined || !entryPoint.startsWith('.github/workflows/')) return undefined;
  return `${source.repository.slice('git+'.length)}/${entryPoint}@${source.ref}`;
}

/** The runner that npm names as the builder; one of GitHub where it does not say whose. */
function runnerOf(builderId: string): string | undefined {
  if (builderId === RUNNER) return 'github-hosted';
  return builderId.startsWith(`${RUNNER}/`) ? builderId.slice(RUNNER.length + 1) : undefined;
}

/** Old provenance writes `run-attempt` instead of the URI of the run. */
function runOf({ invocationId }: ProvenanceView, { sourceRepository }: FulcioClaims): string | undefined {
  const [, run, attempt] = /^(\d{1,20})-(\d{1,9})$/.exec(invocationId ?? '') ?? [];
  if (run === undefined || attempt === undefined) return invocationId;
  return `${sourceRepository ?? ''}/actions/runs/${run}/attempts/${attempt}`;
}

/** The variables that hold number and attempt of the run: together they are its URI. */
function runVariables(
  { internal, pointers }: ProvenanceView,
  { sourceRepository = '' }: FulcioClaims,
): readonly { readonly uri: string; readonly pointer: string }[] {
  const find = (wanted: string): string | undefined =>
    Object.keys(internal).find((name) => name.toLowerCase() === wanted);
  const names = [find('github_run_id'), find('github_run_attempt')];
  const [run, attempt] = names.map((name) => (name === undefined ? undefined : internal[name]));
  if (!isNumeral(run) || !isNumeral(attempt)) return [];
  const uri = `${sourceRepository}/actions/runs/${run}/attempts/${attempt}`;
  return names.map((name) => ({ uri, pointer: `${pointers.internal}/${name ?? ''}` }));
}

function isNumeral(value: JsonValue | undefined): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && /^\d{1,20}$/.test(value));
}

const RUNNER = 'https://github.com/actions/runner';
const VARIABLES: ReadonlyMap<string, keyof FulcioClaims> = new Map([
  ['github_event_name', 'event'],
  ['github_repository', 'sourceRepository'],
  ['github_repository_id', 'sourceRepositoryId'],
  ['github_repository_owner_id', 'sourceOwnerId'],
  ['github_ref', 'sourceRef'],
  ['github_sha', 'sourceCommit'],
  ['github_sha1', 'sourceCommit'],
  ['github_workflow_ref', 'buildConfigUri'],
  ['github_workflow_sha', 'buildConfigCommit'],
]);
const MEMBERS: Readonly<Record<string, keyof FulcioClaims>> = {
  event_name: 'event',
  repository_id: 'sourceRepositoryId',
  repository_owner_id: 'sourceOwnerId',
  runner_environment: 'runnerEnvironment',
};
