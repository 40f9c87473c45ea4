import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, type JsonObject } from '@sealwright/json';
import { objectAt, objectsAt, textAt } from './access.js';
import { type Child, completedChildren, refSourceEntry, refSourceOf, stepImages } from './children.js';
import { gitOf, inputsOf, resultsOf } from './hints.js';
import { pipelineInputs, taskInputs } from './materials.js';
import { type Entry, merged } from './merge.js';
import type { TektonRun } from './run.js';
import type { Settings } from './settings.js';
import { typedJson } from './typed-json.js';

/** The build type that records whole child runs, labels and annotations. */
export const SLSA_TEKTON_BUILD_TYPE = 'https://tekton.dev/chains/v2/slsa-tekton';

/** What a run was made from, as provenance 1 lists it. */
export function dependenciesOf(run: TektonRun, settings: Settings): readonly JsonObject[] {
  return run.kind === 'TaskRun' ? ofTaskRun(run.json, settings) : ofPipelineRun(run, settings);
}

interface Dependency {
  readonly name: string;
  readonly entry: Entry;
  readonly content?: string;
}

function ofTaskRun(json: JsonObject, settings: Settings): readonly JsonObject[] {
  const steps =
    settings.format === 'slsa/v2alpha4' ? [...stepInputs(json, settings), ...stepActions(json)] : [];
  const rest = [...unnamed(stepImages(json, settings)), ...steps, ...inputs(taskInputs(json, settings))];
  return [...origin('task', json), ...distinct(rest)].map(descriptor);
}

function ofPipelineRun(run: TektonRun, settings: Settings): readonly JsonObject[] {
  const children = completedChildren(run, settings.taskRuns);
  const withSteps = settings.format === 'slsa/v2alpha4';
  const deepSteps =
    withSteps && settings.deepInspection ? children.flatMap((child) => stepInputs(child.run, settings)) : [];
  return distinct([
    ...origin('pipeline', run.json),
    ...children.flatMap((child) => [
      ...pipelineTask(child, settings),
      ...(withSteps ? stepActions(child.run) : []),
      ...unnamed(stepImages(child.run, settings)),
    ]),
    ...deepSteps,
    ...inputs(pipelineInputs(run, settings)),
  ]).map(descriptor);
}

function pipelineTask({ run }: Child, settings: Settings): readonly Dependency[] {
  const source = origin('pipelineTask', run);
  if (settings.buildType !== SLSA_TEKTON_BUILD_TYPE) return source;
  const { kind: _kind, apiVersion: _apiVersion, ...stored } = run;
  const content = encodeBase64(encodeUtf8(typedJson(stored, 'tekton.TaskRun')));
  return [{ name: 'pipelineTask', entry: source[0]?.entry ?? { uri: '', digest: {} }, content }];
}

function origin(name: string, json: JsonObject): readonly Dependency[] {
  const source = refSourceOf(objectAt(json, 'status'));
  return source === undefined ? [] : [{ name, entry: refSourceEntry(source) }];
}

/** Git sources of each step, then the inputs of all steps. */
function stepInputs(json: JsonObject, settings: Settings): readonly Dependency[] {
  const results = objectsAt(json, 'status', 'steps').map(resultsOf);
  return inputs(
    merged(
      ...results.map((each) => gitOf([each], !settings.compat.has('gitWithoutUrl'))),
      inputsOf(results.flat()),
    ),
  );
}

function stepActions(json: JsonObject): readonly Dependency[] {
  return objectsAt(json, 'status', 'steps').flatMap((step) => {
    const source = refSourceOf(step);
    return source === undefined
      ? []
      : [{ name: `stepAction/${textAt(step, 'name')}`, entry: refSourceEntry(source) }];
  });
}

function unnamed(entries: readonly Entry[]): readonly Dependency[] {
  return entries.map((entry) => ({ name: '', entry }));
}

function inputs(entries: readonly Entry[]): readonly Dependency[] {
  return entries.map((entry) => ({ name: 'inputs/result', entry }));
}

/** The first of those that say the same stays, and each that says where a task, pipeline or step action came from. */
function distinct(dependencies: readonly Dependency[]): readonly Dependency[] {
  const seen = new Set<string>();
  return dependencies.filter(({ name, entry, content }) => {
    const digests = Object.entries(entry.digest).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([entry.uri, digests, content ?? null]);
    const repeated = seen.has(key);
    seen.add(key);
    return !repeated || name === 'task' || name === 'pipeline' || name.startsWith('stepAction/');
  });
}

function descriptor({ name, entry, content }: Dependency): JsonObject {
  return resourceDescriptor({ name, uri: entry.uri, digest: { ...entry.digest }, content: content ?? '' });
}

/** A resource descriptor without its empty members. */
export function resourceDescriptor(members: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== '' && !(isJsonObject(value) && Object.keys(value).length === 0),
    ),
  );
}
