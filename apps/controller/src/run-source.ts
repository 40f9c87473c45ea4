import type { TektonRun } from '@sealwright/slsa/tekton';

/** A run where it is kept. */
export interface StoredRun {
  /** The run. */
  readonly run: TektonRun;
  /** Its namespace; empty when it has none. */
  readonly namespace: string;
  /** Its annotations. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Where runs come from, and where what was found out about them goes. */
export interface RunSource {
  /** All runs as they are now. What cannot be read is left out, and told to the log. */
  list(): Promise<readonly StoredRun[]>;
  /**
   * Add annotations to a run: all of them or none. Those with the prefix of Chains that are there stay.
   *
   * @param run - which
   * @param added - names, all with the prefix, and values
   */
  annotate(run: StoredRun, added: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Call back when something may have changed.
   *
   * @param changed - called any number of times
   * @returns ends it
   */
  watch(changed: () => void): () => void;
}

/** In front of every annotation that is written. */
export const ANNOTATION_PREFIX = 'chains.tekton.dev/';

/** Annotations cannot be written under other names. */
export function checkAnnotationNames(added: Readonly<Record<string, string>>): void {
  const wrong = Object.keys(added).find((name) => !name.startsWith(ANNOTATION_PREFIX));
  if (wrong === undefined) return;
  throw new TypeError(
    `invalid annotation key "${wrong}": all annotations must have prefix "${ANNOTATION_PREFIX}"`,
  );
}
