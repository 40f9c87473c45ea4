import type { Body, Expression, Term } from '../ast.js';
import { shown } from '../patterns.js';
import type { Frame, Run } from '../runtime.js';
import type { Value } from '../values.js';
import type { Bound, Code, Target } from './code.js';
import { LineCompiler } from './lines.js';

/** One way to make every line of a query hold. */
export interface Found {
  readonly values: readonly Value[];
  readonly bindings: readonly (readonly [string, Value])[];
}

/**
 * Make code of a query.
 *
 * @param body - its lines in the order in which they are tried
 * @param lines - the same lines as they are written, for the values
 * @param target - what code is made for
 */
export function compileQuery(
  body: Body,
  lines: readonly Expression[],
  target: Target,
): (run: Run) => readonly Found[] {
  return new QueryCompiler(target).query(body, lines);
}

class QueryCompiler extends LineCompiler {
  readonly #values = new Map<number, number>();

  query(body: Body, lines: readonly Expression[]): (run: Run) => readonly Found[] {
    for (const { what, negated, place } of lines)
      if (what.kind === 'term' && !negated && !(what.term.kind === 'call' && what.term.output === true))
        this.#values.set(place.from, this.fresh());
    const found: Found[][] = [[]];
    const code = this.body(body, new Set(), (bound) => {
      const slots = lines.map(({ place }) => this.#values.get(place.from));
      // variables as they are written; those without a name are left out
      const named = [...bound]
        .filter((name) => !name.startsWith('$'))
        .map((name) => [shown(name), this.slot(name)] as const);
      return (frame) => {
        found.at(-1)?.push(foundIn(frame, slots, named));
        return false;
      };
    });
    return (run) => {
      found.push([]);
      const frame: Frame = { run, slots: [], take: () => false };
      try {
        code(frame);
        return found.at(-1) ?? [];
      } finally {
        found.pop();
      }
    };
  }

  protected override test(): undefined {
    return undefined;
  }

  /** A line that is a term has a value of its own, which may be false. */
  protected override truth(line: Expression, term: Term, bound: Bound, then: (bound: Bound) => Code): Code {
    const slot = this.#values.get(line.place.from);
    if (slot === undefined || (term.kind === 'call' && term.output === true))
      return super.truth(line, term, bound, then);
    return this.term(term, bound, (get, known) => {
      const next = then(known);
      return (frame) => {
        const value = get(frame);
        if (value === undefined) return false;
        frame.slots[slot] = value;
        return next(frame);
      };
    });
  }
}

function foundIn(
  { slots }: Frame,
  lines: readonly (number | undefined)[],
  named: readonly (readonly [string, number])[],
): Found {
  // oxlint-disable typescript/no-unsafe-type-assertion -- values of lines and of bound variables
  const values = lines.map((slot) => (slot === undefined ? true : (slots[slot] as Value)));
  const bindings = named.map(([name, slot]) => [name, slots[slot] as Value] as const);
  // oxlint-enable typescript/no-unsafe-type-assertion
  return { values, bindings };
}
