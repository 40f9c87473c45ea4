import type { TektonDefect } from './compat.js';
import type { TektonFormat } from './format.js';
import type { TektonRun } from './run.js';

/** The options of a format with their defaults filled in. */
export interface Settings {
  readonly format: TektonFormat;
  readonly builderId: string;
  readonly buildType: string;
  readonly taskRuns: readonly TektonRun[];
  readonly deepInspection: boolean;
  readonly compat: ReadonlySet<TektonDefect>;
}
