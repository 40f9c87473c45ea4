/**
 * Which lines of policies their tests run.
 *
 * @packageDocumentation
 */
import type { Expression, Rule, Span } from './ast.js';
import { listeners, type Observer } from './compile/observer.js';
import type { DocumentNode } from './documents.js';

/** What of a file was run. */
export interface FileCoverage {
  /** Lines with a rule's head or a line of a body that held or was tried at least once, from 1. */
  readonly covered: readonly number[];
  /** Lines with one that never was. */
  readonly notCovered: readonly number[];
  /** Covered lines of all, in percent. */
  readonly coverage: number;
}

/** Collects which lines of a policy are run, over any number of evaluations. */
export class Coverage {
  readonly #lines: Map<string, Map<number, boolean>> = new Map();

  /** Begin with nothing. */
  constructor() {
    const observer = new LineObserver(this.#lines);
    listeners.set(this, (rules) => {
      observer.expectRules(rules());
      return observer;
    });
  }

  /** What was run of each file, by name. */
  files(): Readonly<Record<string, FileCoverage>> {
    return Object.fromEntries(
      [...this.#lines].map(([file, lines]): [string, FileCoverage] => {
        const sorted = [...lines].sort(([a], [b]) => a - b);
        const covered = sorted.filter(([, is]) => is).map(([line]) => line);
        const notCovered = sorted.filter(([, is]) => !is).map(([line]) => line);
        return [file, { covered, notCovered, coverage: percent(covered.length, lines.size) }];
      }),
    );
  }

  /** Covered lines of all files, in percent. */
  get coverage(): number {
    const all = [...this.#lines.values()].flatMap((lines) => [...lines.values()]);
    return percent(all.filter(Boolean).length, all.length);
  }
}

/** Listens for a collection of lines; rules that are expected and not run are not covered. */
class LineObserver implements Observer {
  readonly #lines: Map<string, Map<number, boolean>>;
  readonly #current: Span[] = [];

  constructor(lines: Map<string, Map<number, boolean>>) {
    this.#lines = lines;
  }

  expectRules(rules: readonly Rule[]): void {
    for (const rule of rules) {
      if (!rule.head.isChained) this.#mark(rule.place, false);
      const bodies = [rule.body, ...rule.otherwise.map(({ body }) => body)];
      for (const line of bodies.flat()) this.#expectLine(line);
      for (const { place } of rule.otherwise) this.#mark(place, false);
    }
  }

  #expectLine(line: Expression): void {
    this.#mark(line.place, false);
    const { what } = line;
    if (what.kind === 'every' || what.kind === 'body') for (const each of what.body) this.#expectLine(each);
  }

  #mark({ file, line }: Span, isCovered: boolean): void {
    if (file === 'query' || file === '') return;
    const lines = this.#lines.get(file) ?? new Map<number, boolean>();
    this.#lines.set(file, lines);
    lines.set(line, isCovered || lines.get(line) === true);
  }

  enterRules(_node: DocumentNode): void {}

  leaveRules(node: DocumentNode, _value: unknown, isDefault: boolean): void {
    if (!isDefault) return;
    for (const rule of node.rules) if (rule.isDefault) this.#mark(rule.place, true);
  }

  enterClause(_rule: Rule, place: Span): void {
    this.#current.push(place);
  }

  leaveClause(held: boolean): void {
    const place = this.#current.pop();
    if (held && place !== undefined) this.#mark(place, true);
  }

  enterLine(line: Expression): void {
    this.#mark(line.place, true);
  }

  passLine(_line: Expression): void {}

  stopLine(_line: Expression): void {}

  failLine(_line: Expression): void {}
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : Math.round((part / whole) * 10_000) / 100;
}
