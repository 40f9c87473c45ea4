/** What a check of a layout is about. */
export type LayoutCheckKind =
  | 'layout-signature'
  | 'expiry'
  | 'file'
  | 'certificate'
  | 'threshold'
  | 'sublayout'
  | 'agreement'
  | 'command'
  | 'rule'
  | 'inspection';

/** One check, and how it went. */
export interface LayoutCheck {
  /** What it is about. */
  readonly kind: LayoutCheckKind;
  /** The steps that lead to the sublayout it belongs to; empty for the layout itself. */
  readonly layout: readonly string[];
  /** The step, inspection or key. */
  readonly item: string;
  /**
   * `pass` and `fail` decide; `warn` is for people: a command that differs, a file that does not count; `pending` is an inspection
   * that nobody ran.
   */
  readonly outcome: 'pass' | 'fail' | 'warn' | 'pending';
  /** What was wanted. */
  readonly expected: string;
  /** What was found. */
  readonly actual: string;
}

/** Collects checks of one layout and those below it. */
export class Checks {
  readonly list: LayoutCheck[];
  readonly layout: readonly string[];

  /** Into a list, for one layout. */
  constructor(list: LayoutCheck[] = [], layout: readonly string[] = []) {
    this.list = list;
    this.layout = layout;
  }

  add(
    kind: LayoutCheckKind,
    item: string,
    outcome: LayoutCheck['outcome'] | boolean,
    said: { expected: string; actual: string },
  ): void {
    const how = typeof outcome === 'string' ? outcome : outcome ? 'pass' : 'fail';
    this.list.push({ kind, layout: this.layout, item, outcome: how, ...said });
  }

  below(step: string): Checks {
    return new Checks(this.list, [...this.layout, step]);
  }

  get depth(): number {
    return this.layout.length;
  }
}

/** A list for people, cut where it gets long. */
export function some(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

const SHOWN = 8;
