import { InTotoError } from '../errors.js';
import type { Verifier } from '../verifier.js';
import { agreed, type Evidence, type StepEvidence } from './agree.js';
import { applyRules, linkFiles, type LinkFiles } from './apply-rules.js';
import { Checks, type LayoutCheck, some } from './check.js';
import { evidenceFor, type EvidenceContext } from './evidence.js';
import { WorkBudget } from './glob.js';
import { inspect } from './inspect.js';
import type { LayoutEvidence } from './link-file.js';
import { parseMetadata, type SignedLayout } from './metadata.js';
import { type Inspection, LAYOUT_LIMITS, type LayoutLimits, type Link } from './model.js';
import { substituteParameters } from './parameters.js';
import { signersOf } from './signatures.js';

/** Whom to trust, when, and with what evidence. */
export interface VerifyLayoutOptions extends LayoutEvidence {
  /** Keys that must all have signed the layout; at least one. */
  readonly keys: readonly Verifier[];
  /** The moment to judge expiry at. */
  readonly time: Date;
  /** Values for `{name}` in commands and rules. None unless given; sublayouts get none. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Intermediate certificates in PEM beside those of the layout. None unless given. */
  readonly intermediates?: readonly string[];
  /** Whether a layout holds although inspections were not run. Default `false`. */
  readonly dangerouslySkipInspections?: boolean;
  /** Caps other than {@link LAYOUT_LIMITS}. */
  readonly limits?: Partial<LayoutLimits>;
}

/** An inspection that nobody ran. */
export interface PendingInspection {
  /** The steps that lead to its sublayout; empty for the layout itself. */
  readonly layout: readonly string[];
  /** What to run, and what it may find. */
  readonly inspection: Inspection;
}

/** How a layout held. */
export interface LayoutVerdict {
  /** Whether nothing failed and, unless that was allowed, no inspection is pending. */
  readonly ok: boolean;
  /** Every check, in the order of verification. */
  readonly checks: readonly LayoutCheck[];
  /** Inspections that nobody ran. */
  readonly inspections: readonly PendingInspection[];
  /** Materials of the first step and products of the last; only when `ok`. */
  readonly summary: Link | undefined;
}

/**
 * Verify what was found against a layout: its signatures and expiry, the signatures of links up to each threshold, sublayouts,
 * artifact rules. No command is ever run: run the inspections yourself, and give their links.
 *
 * @param input - the layout: JSON text, or UTF-8
 * @param options - whom to trust, when, and the evidence
 * @throws {@link InTotoError} for a layout that cannot be read, or work over a cap.
 * @throws `TypeError` without keys or a valid time.
 *
 * @example
 * ```ts
 * const verdict = await verifyLayout(layout, { keys: [owner], time: new Date('2029-01-01'), links: [] });
 * console.log(verdict.ok); // false: the step has no link
 * ```
 */
export async function verifyLayout(
  input: string | Uint8Array,
  options: VerifyLayoutOptions,
): Promise<LayoutVerdict> {
  if (options.keys.length === 0) throw new TypeError('a layout is verified with at least one key');
  if (Number.isNaN(options.time.getTime())) throw new TypeError('the time is a valid date');
  const limits = { ...LAYOUT_LIMITS, ...options.limits };
  const signed = mustBeLayout(input, limits);
  const checks = new Checks();
  const run = new LayoutRun(options, limits);
  const summary = await run.verify(signed, options, { name: '', keys: options.keys, checks });
  const failed = checks.list.some(({ outcome }) => outcome === 'fail');
  const waits = run.pending.length > 0 && options.dangerouslySkipInspections !== true;
  const ok = !failed && !waits;
  return { ok, checks: checks.list, inspections: run.pending, summary: ok ? summary : undefined };
}

interface LayoutPlace {
  readonly name: string;
  readonly keys: readonly Verifier[];
  readonly checks: Checks;
}

class LayoutRun {
  readonly pending: PendingInspection[] = [];
  readonly #options: VerifyLayoutOptions;
  readonly #limits: LayoutLimits;
  readonly #budget: WorkBudget;

  constructor(options: VerifyLayoutOptions, limits: LayoutLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#budget = new WorkBudget(limits.maxMatchSteps);
  }

  /** Nothing of a layout is believed before its signatures hold. */
  async verify(
    signed: SignedLayout,
    found: LayoutEvidence,
    { name, keys, checks }: LayoutPlace,
  ): Promise<Link | undefined> {
    if (!(await this.#signedByAll(signed, keys, checks))) return undefined;
    this.#checkExpiry(signed, checks);
    const parameters = checks.depth === 0 ? (this.#options.parameters ?? {}) : {};
    const layout = substituteParameters(signed.layout, parameters);
    const context: EvidenceContext = { ...this.#options, layout, limits: this.#limits, checks };
    const reduced = new Map<string, Link>();
    for (const step of layout.steps) {
      const evidence = await evidenceFor(step, found.links, context);
      const link = agreed(step, await this.#resolve(evidence, checks), checks);
      if (link !== undefined) reduced.set(step.name, link);
    }
    const files = new Map([...reduced].map(([step, link]) => [step, linkFiles(link)] as const));
    for (const step of layout.steps) this.#checkRules(step, files, checks);
    const pending = inspect(layout.inspections, found.inspectionLinks ?? {}, files, this.#budget, checks);
    for (const inspection of pending) this.pending.push({ layout: checks.layout, inspection });
    const first = reduced.get(layout.steps[0]?.name ?? '');
    const last = reduced.get(layout.steps.at(-1)?.name ?? '');
    return {
      name,
      command: last?.command ?? [],
      materials: first?.materials ?? {},
      products: last?.products ?? {},
      byproducts: last?.byproducts ?? {},
      environment: {},
    };
  }

  async #signedByAll(signed: SignedLayout, keys: readonly Verifier[], checks: Checks): Promise<boolean> {
    let all = true;
    for (const key of keys) {
      const holds = (await signersOf(signed, [key])).length > 0;
      all &&= holds;
      const actual = holds ? 'signed' : 'no valid signature';
      checks.add('layout-signature', key.keyid ?? key.identity, holds, {
        expected: 'signed by this key',
        actual,
      });
    }
    return all;
  }

  /** Whole seconds count. */
  #checkExpiry({ layout }: SignedLayout, checks: Checks): void {
    const { time } = this.#options;
    const expires = Date.parse(`${layout.expires.slice(0, 19)}Z`);
    checks.add('expiry', 'layout', time.getTime() <= expires, {
      expected: `not after ${layout.expires}`,
      actual: time.toISOString(),
    });
  }

  /** Put a summary link in the place of each sublayout. */
  async #resolve(evidence: readonly Evidence[], checks: Checks): Promise<StepEvidence[]> {
    const result: StepEvidence[] = [];
    for (const { step, file, content, functionaries } of evidence) {
      if (content.type === 'link') {
        result.push({ link: content.link, functionaries, isSummary: false });
        continue;
      }
      const below = checks.below(step);
      const fits = below.depth <= this.#limits.maxSublayouts;
      checks.add('sublayout', step, fits, {
        expected: `at most ${this.#limits.maxSublayouts} layouts below the first`,
        actual: `${below.depth}`,
      });
      if (!fits) continue;
      const found = { ...file, links: file.links ?? [] };
      const link = await this.verify(content, found, { name: step, keys: functionaries, checks: below });
      if (link !== undefined) result.push({ link, functionaries, isSummary: true });
    }
    return result;
  }

  #checkRules(
    step: Parameters<typeof applyRules>[0],
    files: ReadonlyMap<string, LinkFiles>,
    checks: Checks,
  ): void {
    const own = files.get(step.name);
    if (own !== undefined) applyRules(step, own, files, this.#budget, checks);
    else
      checks.add('rule', step.name, 'fail', { expected: 'a link to apply the rules to', actual: some([]) });
  }
}

function mustBeLayout(input: string | Uint8Array, limits: LayoutLimits): SignedLayout {
  const signed = parseMetadata(input, { limits });
  if (signed.type === 'layout') return signed;
  throw new InTotoError('LAYOUT_UNSUPPORTED_TYPE', 'expected a layout, found a link');
}
