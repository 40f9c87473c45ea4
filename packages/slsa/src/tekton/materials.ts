import type { JsonObject } from '@sealwright/json';
import { objectAt } from './access.js';
import { completedChildren, gitOfRun, refSourceEntry, refSourceOf, stepImages } from './children.js';
import { inputsOf, resultsOf } from './hints.js';
import { type Entry, merged } from './merge.js';
import type { TektonRun } from './run.js';
import type { Settings } from './settings.js';

/** What a run was made from, as provenance 0.2 lists it. */
export function materialsOf(run: TektonRun, settings: Settings): readonly Entry[] {
  if (run.kind === 'TaskRun') return merged(stepImages(run.json, settings), taskInputs(run.json, settings));
  const images = completedChildren(run, settings.taskRuns).map((child) =>
    merged(stepImages(child.run, settings), originOf(objectAt(child.run, 'status'))),
  );
  return merged(originOf(objectAt(run.json, 'status')), ...images, pipelineInputs(run, settings));
}

/** The sources that a TaskRun's parameters and results name. */
export function taskInputs(json: JsonObject, settings: Settings): readonly Entry[] {
  return merged(gitOfRun(json, 'TaskRun', settings), inputsOf(resultsOf(objectAt(json, 'status'))));
}

/** The sources that a PipelineRun's results and parameters name, and with deep inspection those of its children. */
export function pipelineInputs(run: TektonRun, settings: Settings): readonly Entry[] {
  const children = settings.deepInspection ? completedChildren(run, settings.taskRuns) : [];
  return merged(
    inputsOf(resultsOf(objectAt(run.json, 'status'))),
    ...children.map((child) => taskInputs(child.run, settings)),
    gitOfRun(run.json, 'PipelineRun', settings),
  );
}

function originOf(status: JsonObject): readonly Entry[] {
  const source = refSourceOf(status);
  return source === undefined ? [] : [refSourceEntry(source)];
}
