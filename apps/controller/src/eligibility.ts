import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { ANNOTATION_PREFIX, type StoredRun } from './run-source.js';

/** What to do with a run now, and why. */
export type Decision =
  | { readonly outcome: 'sign'; readonly children: readonly StoredRun[]; readonly missing: readonly string[] }
  | { readonly outcome: 'not-done' | 'already-reconciled' }
  | { readonly outcome: 'wait-for-children'; readonly waitingFor: string };

/** Whether the run is Tekton's own to sign, by `spec.managedBy`. */
export function isManaged(run: StoredRun, others: readonly string[]): boolean {
  const spec = member(run.run.json, 'spec');
  const managedBy = isJsonObject(spec) ? (spec['managedBy'] ?? '') : '';
  return managedBy === '' || managedBy === 'tekton.dev/pipeline' || others.includes(String(managedBy));
}

/**
 * Decide about a run.
 *
 * @param run - the run
 * @param find - finds a TaskRun of the same namespace by name
 * @param absent - `wait` for a TaskRun that is not there, or take it as `deleted` and sign without it
 */
export function decide(
  run: StoredRun,
  find: (name: string) => StoredRun | undefined,
  absent: 'wait' | 'deleted',
): Decision {
  if (!isDone(run.run.json)) return { outcome: 'not-done' };
  if (isReconciled(run)) return { outcome: 'already-reconciled' };
  const children: StoredRun[] = [];
  const missing: string[] = [];
  for (const name of run.run.kind === 'PipelineRun' ? childTaskRuns(run.run.json) : []) {
    const child = find(name);
    if (child === undefined && absent === 'deleted') missing.push(name);
    else if (child === undefined || !isComplete(child.run.json) || !isReconciled(child)) {
      return { outcome: 'wait-for-children', waitingFor: name };
    } else children.push(child);
  }
  return { outcome: 'sign', children, missing };
}

/** Whether a run was signed, or given up. */
export function isReconciled({ annotations }: StoredRun): boolean {
  const signed = annotations[`${ANNOTATION_PREFIX}signed`];
  return signed === 'true' || signed === 'failed';
}

function isDone(json: JsonObject): boolean {
  const conditions = member(json, 'status', 'conditions');
  const succeeded = Array.isArray(conditions)
    ? conditions.find((condition) => isJsonObject(condition) && condition['type'] === 'Succeeded')
    : undefined;
  return isJsonObject(succeeded) && (succeeded['status'] === 'True' || succeeded['status'] === 'False');
}

function isComplete(json: JsonObject): boolean {
  const time = member(json, 'status', 'completionTime');
  return typeof time === 'string' && time !== '';
}

/** Custom runs are not waited for: nobody signs them. */
function childTaskRuns(json: JsonObject): readonly string[] {
  const references = member(json, 'status', 'childReferences');
  if (!Array.isArray(references)) return [];
  return references
    .filter(isJsonObject)
    .filter(({ kind }) => kind === undefined || kind === 'TaskRun')
    .map(({ name }) => String(name));
}

function member(json: JsonObject, ...path: readonly string[]): JsonValue | undefined {
  let found: JsonValue | undefined = json;
  for (const name of path) found = isJsonObject(found) ? found[name] : undefined;
  return found;
}
