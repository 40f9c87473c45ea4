import type { TektonRun } from './run.js';
import { objectsAt, textAt } from './access.js';

/**
 * Defects of Tekton Chains that change what is signed. Each is off unless asked for.
 *
 * - `emptyImageId`: a step that never started, which has no image id, makes the run unsignable. Off: its image is no material
 * - `gitWithoutUrl`: a task that reports a commit and no URL has the source `git+.git`. Off: it has none
 */
export type TektonDefect = 'emptyImageId' | 'gitWithoutUrl';

/** Every {@link TektonDefect}: the bytes of Tekton Chains, to the last. */
export const TEKTON_DEFECTS: readonly TektonDefect[] = ['emptyImageId', 'gitWithoutUrl'];

/** The steps and sidecars of runs whose image is not known, because they never started: the places of their image ids. */
export function missingImageIds(runs: readonly TektonRun[]): readonly string[] {
  return runs.flatMap((run) =>
    ['steps', 'sidecars'].flatMap((place) =>
      objectsAt(run.json, 'status', place).flatMap((state, index) =>
        textAt(state, 'imageID') === '' ? [`${run.name}: /status/${place}/${index}/imageID`] : [],
      ),
    ),
  );
}
