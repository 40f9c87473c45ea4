import type { JsonObject } from '@sealwright/json';
import { SlsaError } from '../errors.js';
import { maybeObjectAt, objectAt, objectsAt, textAt, textsAt } from './access.js';
import { gitOf, type Result, resultsOf } from './hints.js';
import type { Entry } from './merge.js';
import { paramValue } from './param-value.js';
import type { TektonRun } from './run.js';
import type { Settings } from './settings.js';

/** A child of a pipeline run, with the pipeline task that it belongs to. */
export interface Child {
  readonly task: JsonObject;
  readonly isFinally: boolean;
  readonly run: JsonObject;
}

/** All children in the order of the pipeline's tasks, `finally` last. None without the pipeline's specification. */
export function childrenOf(run: TektonRun, taskRuns: readonly TektonRun[]): readonly Child[] {
  const spec = maybeObjectAt(run.json, 'status', 'pipelineSpec');
  return ['tasks', 'finally'].flatMap((place) =>
    objectsAt(spec, place).flatMap((task) =>
      taskRuns
        .filter(
          ({ json }) =>
            textAt(json, 'metadata', 'labels', 'tekton.dev/pipelineTask') === textAt(task, 'name'),
        )
        .map(({ json }) => ({ task, isFinally: place === 'finally', run: json })),
    ),
  );
}

/** The children that have a completion time. */
export function completedChildren(run: TektonRun, taskRuns: readonly TektonRun[]): readonly Child[] {
  return childrenOf(run, taskRuns).filter((child) => textAt(child.run, 'status', 'completionTime') !== '');
}

/** The images of a TaskRun's steps, then of its sidecars. */
export function stepImages(json: JsonObject, settings: Settings): readonly Entry[] {
  return ['steps', 'sidecars'].flatMap((place) =>
    objectsAt(json, 'status', place)
      .map((state) => textAt(state, 'imageID'))
      .filter((id) => id !== '' || settings.compat.has('emptyImageId'))
      .map(imageEntry),
  );
}

/** Where a run's specification came from, when the cluster recorded it. */
export function refSourceOf(holder: JsonObject): JsonObject | undefined {
  return maybeObjectAt(holder, 'provenance', 'refSource');
}

/** A recorded origin as an entry. */
export function refSourceEntry(source: JsonObject): Entry {
  return { uri: textAt(source, 'uri'), digest: textsAt(source, 'digest') };
}

/** The git source of a run: defaults of its parameters, then its parameters, then its results. */
export function gitOfRun(
  json: JsonObject,
  kind: 'TaskRun' | 'PipelineRun',
  settings: Settings,
): readonly Entry[] {
  const specName = kind === 'PipelineRun' ? 'pipelineSpec' : 'taskSpec';
  const defaults = objectsAt(json, 'status', specName, 'params').flatMap((param): Result[] =>
    param['default'] === undefined || param['default'] === null
      ? []
      : [{ name: textAt(param, 'name'), value: paramValue(param['default']) }],
  );
  const params = objectsAt(json, 'spec', 'params').map((param) => ({
    name: textAt(param, 'name'),
    value: paramValue(param['value']),
  }));
  return gitOf(
    [defaults, params, resultsOf(objectAt(json, 'status'))],
    kind === 'PipelineRun' || !settings.compat.has('gitWithoutUrl'),
  );
}

function imageEntry(imageId: string): Entry {
  const [name, digest, ...more] = imageId.split('@', 3);
  if (name === undefined || digest === undefined || more.length > 0) {
    throw new SlsaError('ERR_SLSA_IMAGE_ID', `expected imageID ${imageId} to be separable by @`);
  }
  const [algorithm, hex, ...rest] = digest.split(':', 3);
  if (algorithm === undefined || hex === undefined || rest.length > 0) {
    throw new SlsaError('ERR_SLSA_IMAGE_ID', `expected imageID ${imageId} to be separable by @ and :`);
  }
  return { uri: `oci://${withoutDocker(name)}`, digest: { [algorithm]: hex } };
}

/** Old runtimes put `docker-pullable://` in front of image ids. */
export function withoutDocker(imageId: string): string {
  return imageId.startsWith('docker-pullable://') ? imageId.slice('docker-pullable://'.length) : imageId;
}
