import type { Link } from './model.js';

/** What was found beside a layout: the files of its steps, and what its inspections gave. */
export interface LayoutEvidence {
  /** Links and sublayouts. */
  readonly links: readonly LinkFile[];
  /** What inspections recorded, by name, when the caller ran them. None unless given. */
  readonly inspectionLinks?: Readonly<Record<string, Link>>;
}

/** One file that speaks for a step: a link, or a layout in its place, whose own files come with it. */
export interface LinkFile extends Partial<LayoutEvidence> {
  /** The step. A link must say the same name; a sublayout has none. */
  readonly step: string;
  /** The JSON: text, or UTF-8. */
  readonly content: string | Uint8Array;
}
