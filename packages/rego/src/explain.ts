/**
 * Why a decision is what it is: the rules that were tried, and of each clause that did not hold the line at which it ended.
 *
 * @module
 */
import type { Expression, Rule, Span } from './ast.js';
import type { Observer, Seen } from './compile/observer.js';
import type { DocumentNode } from './documents.js';
import type { Place } from './errors.js';
import { literalText, type Value } from './values.js';

/** Why a query gave what it gave. */
export interface Explanation {
  /** What was asked. */
  readonly query: string;
  /** Its value; `undefined` when it has none. */
  readonly value: Value | undefined;
  /** The rules that were tried for it, in order. A rule that was tried before is not tried again. */
  readonly rules: readonly RuleExplanation[];
  /** The line of the query at which it ended, when it has no solution. */
  readonly failure: LineExplanation | undefined;
  /** Whether more was tried than is told: at most 10 000 clauses are. */
  readonly isCut: boolean;
}

/** What became of the rules of one name. */
export interface RuleExplanation {
  /** Such as `data.policy.allow`. */
  readonly name: string;
  /** What a function was called with. */
  readonly args: readonly Value[] | undefined;
  /** The value; `undefined` when there is none. */
  readonly value: Value | undefined;
  /** Whether the value is that of `default`, as no clause held. */
  readonly isDefault: boolean;
  /** The clauses that were tried, in order; each body of `else` is one. */
  readonly clauses: readonly ClauseExplanation[];
}

/** What became of one clause. */
export interface ClauseExplanation {
  /** Where it is. */
  readonly place: Place;
  /** Its first line. */
  readonly text: string;
  /** Whether it gave a value. */
  readonly held: boolean;
  /** The line that was false or undefined first, on the way that came furthest. */
  readonly failure: LineExplanation | undefined;
  /** The rules that its lines asked for. */
  readonly rules: readonly RuleExplanation[];
}

/** A line that did not hold. */
export interface LineExplanation {
  /** Where it is. */
  readonly place: Place;
  /** As it is written. */
  readonly text: string;
  /** Its value was false; it had none; two sides were not equal; what is negated held. */
  readonly reason: 'false' | 'undefined' | 'unequal' | 'negated';
  /** The parts of the line, and the values that they had. */
  readonly saw: readonly { readonly text: string; readonly value: Value | undefined }[];
  /** How often it was tried, with other values each time. Told are those of the first. */
  readonly tries: number;
  /** The line within it that failed, such as one of `every`. */
  readonly inner: LineExplanation | undefined;
}

/** Put an explanation into words, a line for each step. */
export function explanationText(explanation: Explanation): string {
  const lines = [`${explanation.query} ${valueText(explanation.value)}`];
  for (const rule of explanation.rules) tellRule(rule, '  ', lines);
  if (explanation.failure !== undefined) tellLine(explanation.failure, '  ', lines);
  if (explanation.isCut) lines.push('  … and more');
  return `${lines.join('\n')}\n`;
}

function tellRule(
  { name, args, value, isDefault, clauses }: RuleExplanation,
  indent: string,
  lines: string[],
): void {
  const call = args === undefined ? '' : `(${args.map(short).join(', ')})`;
  lines.push(`${indent}${name}${call} ${valueText(value)}${isDefault ? ', by default' : ''}`);
  for (const clause of clauses) {
    const { file, line } = clause.place;
    lines.push(`${indent}  ${clause.held ? '+' : '-'} ${file}:${line}  ${clause.text}`);
    for (const rule of clause.rules) tellRule(rule, `${indent}    `, lines);
    if (clause.failure !== undefined) tellLine(clause.failure, `${indent}    `, lines);
  }
}

function tellLine(
  { place, text, reason, saw, tries, inner }: LineExplanation,
  indent: string,
  lines: string[],
): void {
  const often = tries > 1 ? `, ${tries} times` : '';
  lines.push(`${indent}line ${place.line}: ${text}  ${REASONS[reason]}${often}`);
  for (const each of saw) lines.push(`${indent}  ${each.text} ${valueText(each.value)}`);
  if (inner !== undefined) tellLine(inner, `${indent}  `, lines);
}

function valueText(value: Value | undefined): string {
  return value === undefined ? 'is undefined' : `is ${short(value)}`;
}

function short(value: Value): string {
  const text = literalText(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

/** A line that is being tried. */
interface OpenLine {
  readonly line: Expression;
  passed: boolean;
  inner: LineExplanation | undefined;
}

/** A clause or query that is being tried. */
interface OpenClause {
  readonly rule: Rule | undefined;
  readonly place: Span | undefined;
  readonly lines: OpenLine[];
  readonly rules: RuleExplanation[];
  failure: { line: LineExplanation; readonly depth: number } | undefined;
}

interface OpenRules {
  readonly name: string;
  readonly args: readonly Value[] | undefined;
  readonly clauses: ClauseExplanation[];
}

/** Listens to an evaluation. */
export class Explainer implements Observer {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #clauses: OpenClause[] = [
    { rule: undefined, place: undefined, lines: [], rules: [], failure: undefined },
  ];
  readonly #open: OpenRules[] = [];
  #count = 0;

  constructor(sources: ReadonlyMap<string, string>) {
    this.#sources = sources;
  }

  /** What was heard. */
  explanation(query: string, value: Value | undefined, hasSolution: boolean): Explanation {
    const [top] = this.#clauses;
    const failure = hasSolution ? undefined : top?.failure?.line;
    return { query, value, rules: top?.rules ?? [], failure, isCut: this.#count > MAX_CLAUSES };
  }

  enterRules(node: DocumentNode, args: readonly Value[] | undefined): void {
    this.#open.push({ name: `data.${node.path.join('.')}`, args, clauses: [] });
  }

  leaveRules(_node: DocumentNode, value: Value | undefined, isDefault: boolean): void {
    const open = this.#open.pop();
    if (open !== undefined && this.#count <= MAX_CLAUSES)
      this.#clauses.at(-1)?.rules.push({ ...open, value, isDefault });
  }

  enterClause(rule: Rule, place: Span): void {
    this.#count += 1;
    this.#clauses.push({ rule, place, lines: [], rules: [], failure: undefined });
  }

  leaveClause(held: boolean): void {
    const clause = this.#clauses.pop();
    if (clause?.place === undefined || this.#count > MAX_CLAUSES) return;
    this.#open.at(-1)?.clauses.push({
      place: placeOf(clause.place),
      text: firstLine(this.#text(clause.place)),
      held,
      failure: held ? undefined : clause.failure?.line,
      rules: clause.rules,
    });
  }

  enterLine(line: Expression): void {
    this.#clauses.at(-1)?.lines.push({ line, passed: false, inner: undefined });
  }

  passLine(line: Expression): void {
    const lines = this.#clauses.at(-1)?.lines ?? [];
    const open = lines[lastOf(lines, line)];
    if (open !== undefined) open.passed = true;
  }

  stopLine(line: Expression): void {
    const lines = this.#clauses.at(-1)?.lines ?? [];
    const at = lastOf(lines, line);
    if (at >= 0) lines.splice(at);
  }

  failLine(line: Expression, held: boolean, look: () => readonly Seen[]): void {
    const clause = this.#clauses.at(-1);
    if (clause === undefined) return;
    const at = lastOf(clause.lines, line);
    if (at < 0) return;
    const [own] = clause.lines.splice(at);
    if (held || own === undefined || this.#count > MAX_CLAUSES) return;
    const before = clause.lines.at(-1);
    if (before !== undefined && !before.passed) {
      before.inner ??= this.#told(line, look, own.inner);
      return;
    }
    const { failure } = clause;
    if (failure === undefined || failure.depth < at)
      clause.failure = { depth: at, line: this.#told(line, look, own.inner) };
    else if (failure.depth === at) failure.line = { ...failure.line, tries: failure.line.tries + 1 };
  }

  #told(line: Expression, look: () => readonly Seen[], inner: LineExplanation | undefined): LineExplanation {
    const seen = look();
    const whole = this.#text(line.place);
    const saw = seen
      .map(({ place, value }) => ({ text: this.#text(place), value }))
      .filter(
        ({ text }, index, all) => text !== whole && all.findIndex((each) => each.text === text) === index,
      );
    return {
      place: placeOf(line.place),
      text: firstLine(whole),
      reason: reasonOf(line, seen),
      saw,
      tries: 1,
      inner,
    };
  }

  #text({ file, from, to }: Span): string {
    return (this.#sources.get(file) ?? '').slice(from, to);
  }
}

function reasonOf({ negated, what }: Expression, seen: readonly Seen[]): LineExplanation['reason'] {
  if (negated) return 'negated';
  if (what.kind === 'unify') return seen.some(({ value }) => value === undefined) ? 'undefined' : 'unequal';
  if (what.kind === 'every' || what.kind === 'logic' || what.kind === 'body') return 'false';
  if (what.kind !== 'term') return 'undefined';
  const [first] = seen;
  return first?.value === false || what.term.kind === 'scalar' ? 'false' : 'undefined';
}

function lastOf(lines: readonly OpenLine[], line: Expression): number {
  let at = lines.length - 1;
  while (at >= 0 && lines[at]?.line !== line) at -= 1;
  return at;
}

function placeOf({ file, line, column }: Span): Place {
  return { file, line, column };
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : `${text.slice(0, end).trimEnd()} …`;
}

const REASONS: Readonly<Record<LineExplanation['reason'], string>> = {
  false: 'was false',
  undefined: 'was undefined',
  unequal: 'was not equal',
  negated: 'held, and is negated',
};
const MAX_CLAUSES = 10_000;
const MAX_TEXT = 200;
