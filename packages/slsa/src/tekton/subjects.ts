import { objectAt, objectsAt } from './access.js';
import { completedChildren } from './children.js';
import type { TektonFormat } from './format.js';
import { imageSubjects, outputSubjects, pairSubjects, type Result, resultsOf } from './hints.js';
import { type Entry, merged } from './merge.js';
import { parseRun, type TektonRun } from './run.js';

/** The subjects of a run in a format. */
export function subjectsOf(
  run: TektonRun,
  format: TektonFormat,
  options: { readonly taskRuns: readonly TektonRun[]; readonly deepInspection: boolean },
): readonly Entry[] {
  const own =
    run.kind === 'TaskRun'
      ? ofTaskRun(run, format)
      : merged(ofResults(resultsOf(objectAt(run.json, 'status')), format));
  if (run.kind === 'TaskRun' || !options.deepInspection) return own;
  const children = completedChildren(run, options.taskRuns);
  const theirs = children.map((child) => ofTaskRun(parseRun({ kind: 'TaskRun', ...child.run }), format));
  return format === 'slsa/v2alpha4' ? merged(own, ...theirs) : merged(...theirs, own);
}

function ofTaskRun(run: TektonRun, format: TektonFormat): readonly Entry[] {
  const steps = format === 'slsa/v2alpha4' ? objectsAt(run.json, 'status', 'steps') : [];
  return merged(
    ...steps.map((step) => ofResults(resultsOf(step), format)),
    ofResults(resultsOf(objectAt(run.json, 'status')), format),
  );
}

function ofResults(results: readonly Result[], format: TektonFormat): readonly Entry[] {
  if (format === 'slsa/v2alpha4') return merged(outputSubjects(results, true), imageSubjects(results));
  return merged(imageSubjects(results), pairSubjects(results), outputSubjects(results, false));
}
