import { encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { goJson, type JsonObject } from '@sealwright/json';
import { objectAt, objectsAt, textAt } from './access.js';
import { completedChildren } from './children.js';
import { resourceDescriptor } from './dependencies.js';
import { isHint, type Result, resultsOf } from './hints.js';
import type { TektonRun } from './run.js';
import type { Settings } from './settings.js';

/** The results of a run that provenance 1 lists as byproducts. */
export function byproductsOf(run: TektonRun, settings: Settings): readonly JsonObject[] {
  const results = resultsOf(objectAt(run.json, 'status'));
  const kind = run.kind === 'TaskRun' ? 'taskRunResults' : 'pipelineRunResults';
  if (settings.format !== 'slsa/v2alpha4') return results.map((result) => byproduct(kind, result));
  if (run.kind === 'TaskRun') return ofTaskRun(run.json);
  const children = settings.deepInspection ? completedChildren(run, settings.taskRuns) : [];
  return [...unhinted(`${kind}/${run.name}`, results), ...children.flatMap((child) => ofTaskRun(child.run))];
}

function ofTaskRun(json: JsonObject): readonly JsonObject[] {
  const name = textAt(json, 'metadata', 'name');
  return [
    ...unhinted(`taskRunResults/${name}`, resultsOf(objectAt(json, 'status'))),
    ...unhinted(`stepResults/${name}`, objectsAt(json, 'status', 'steps').flatMap(resultsOf)),
  ];
}

function unhinted(prefix: string, results: readonly Result[]): readonly JsonObject[] {
  return results.filter((result) => !isHint(result)).map((result) => byproduct(prefix, result));
}

function byproduct(prefix: string, { name, value }: Result): JsonObject {
  const content = encodeBase64(encodeUtf8(goJson(value)));
  return resourceDescriptor({ content, mediaType: 'application/json', name: `${prefix}/${name}` });
}
