import type { JsonObject, JsonValue } from '@sealwright/json';
import { listAt, maybeObjectAt, objectsAt, textAt } from './access.js';
import { type Child, childrenOf, withoutDocker } from './children.js';
import { invocation } from './invocation.js';
import { materialsOf } from './materials.js';
import { normalise } from './normalise.js';
import type { TektonRun } from './run.js';
import { runAfter } from './run-after.js';
import type { Settings } from './settings.js';
import { utcTime } from './utc-time.js';

/** The predicate of provenance 0.2 for a run: the format that Chains calls `slsa/v1`. */
export function predicateV02(run: TektonRun, settings: Settings): JsonObject {
  const materials = materialsOf(run, settings).map(({ uri, digest }): JsonValue => ({
    ...(Object.keys(digest).length === 0 ? {} : { digest: { ...digest } }),
    ...(uri === '' ? {} : { uri }),
  }));
  return {
    buildConfig:
      run.kind === 'TaskRun' ? { steps: stepsByName(run.json) } : { tasks: tasksOf(run, settings) },
    buildType: `tekton.dev/v1/${run.kind}`,
    builder: { id: settings.builderId },
    invocation: invocation(run.json, run.kind),
    ...(materials.length === 0 ? {} : { materials }),
    metadata: metadataOf(run.json),
  };
}

function metadataOf(json: JsonObject): JsonObject {
  const [started, finished] = [timeAt(json, 'startTime'), timeAt(json, 'completionTime')];
  return {
    ...(started === null ? {} : { buildStartedOn: started }),
    ...(finished === null ? {} : { buildFinishedOn: finished }),
    completeness: { environment: false, materials: false, parameters: false },
    reproducible: textAt(json, 'metadata', 'labels', 'chains.tekton.dev/reproducible') === 'true',
  };
}

function stepsByName(json: JsonObject): JsonObject[] {
  const specs = objectsAt(json, 'status', 'taskSpec', 'steps');
  return objectsAt(json, 'status', 'steps').map((state) =>
    stepOf(specs.find((spec) => textAt(spec, 'name') === textAt(state, 'name')) ?? {}, state),
  );
}

function stepOf(spec: JsonObject, state: JsonObject): JsonObject {
  const command = (listAt(spec, 'command') ?? []).join(' ');
  const args = listAt(spec, 'args');
  return {
    annotations: null,
    arguments: args === undefined ? null : args.map((each) => each ?? ''),
    entryPoint: textAt(spec, 'script') || command,
    environment: {
      container: textAt(state, 'name'),
      image: `oci://${withoutDocker(textAt(state, 'imageID'))}`,
    },
  };
}

/** `null` when the cluster did not record the pipeline. */
function tasksOf(run: TektonRun, settings: Settings): JsonValue {
  if (maybeObjectAt(run.json, 'status', 'pipelineSpec') === undefined) return null;
  const account = textAt(run.json, 'spec', 'taskRunTemplate', 'serviceAccountName');
  const children = childrenOf(run, settings.taskRuns);
  const last = [...children].reverse().find((child) => !child.isFinally);
  return children.filter(isComplete).map((child) => taskOf(child, last, account));
}

/** Chains leaves out a child whose steps it cannot pair with the specification. */
function isComplete({ run }: Child): boolean {
  const specs = objectsAt(run, 'status', 'taskSpec', 'steps');
  const states = objectsAt(run, 'status', 'steps');
  return (
    textAt(run, 'status', 'completionTime') !== '' &&
    maybeObjectAt(run, 'status', 'taskSpec') !== undefined &&
    specs.length === states.length &&
    specs.every(
      (spec, index) => textAt(spec, 'name') === '' || !textAt(states[index], 'name').startsWith('unnamed-'),
    )
  );
}

function taskOf({ task, isFinally, run }: Child, last: Child | undefined, account: string): JsonObject {
  const states = objectsAt(run, 'status', 'steps');
  const steps = objectsAt(run, 'status', 'taskSpec', 'steps').map((spec, index) =>
    stepOf(spec, states[index] ?? {}),
  );
  const named = runAfter(task);
  const after =
    named.length === 0 && isFinally && last !== undefined ? [textAt(last.task, 'name')] : [...named];
  const results = normalise(maybeObjectAt(run, 'status')?.['results'], '[]tekton.TaskRunResult');
  const state = STATES.get(textAt(objectsAt(run, 'status', 'conditions')[0], 'status'));
  const name = textAt(task, 'name');
  return {
    ...(name === '' ? {} : { name }),
    ...(after.length === 0 ? {} : { after }),
    ref: normalise(task['taskRef'], 'tekton.TaskRef'),
    startedOn: timeAt(run, 'startTime') ?? ZERO_TIME,
    finishedOn: timeAt(run, 'completionTime') ?? ZERO_TIME,
    ...(account === '' ? {} : { serviceAccountName: account }),
    ...(state === undefined ? {} : { status: state }),
    ...(steps.length === 0 ? {} : { steps }),
    invocation: invocation(run, 'TaskRun'),
    ...(Array.isArray(results) && results.length > 0 ? { results } : {}),
  };
}

function timeAt(json: JsonObject, name: string): JsonValue {
  return utcTime(textAt(json, 'status', name)) ?? null;
}

/** How Go writes a time that is not set. */
const ZERO_TIME = '0001-01-01T00:00:00Z';

const STATES: ReadonlyMap<string, string> = new Map([
  ['True', 'Succeeded'],
  ['False', 'Failed'],
  ['Unknown', 'Running'],
]);
