import { applyRules, linkFiles, type LinkFiles } from './apply-rules.js';
import type { Checks } from './check.js';
import type { WorkBudget } from './glob.js';
import type { Inspection, Link } from './model.js';

/** Check what inspections gave; those without a link are pending, and never run here. */
export function inspect(
  inspections: readonly Inspection[],
  links: Readonly<Record<string, Link>>,
  steps: ReadonlyMap<string, LinkFiles>,
  budget: WorkBudget,
  checks: Checks,
): Inspection[] {
  const pending: Inspection[] = [];
  const given = inspections.flatMap((inspection) => {
    const link = Object.hasOwn(links, inspection.name) ? links[inspection.name] : undefined;
    if (link !== undefined) return [{ inspection, link, files: linkFiles(link) }];
    pending.push(inspection);
    checks.add('inspection', inspection.name, 'pending', {
      expected: `run by the caller: ${inspection.run.join(' ')}`,
      actual: 'not run',
    });
    return [];
  });
  const all = new Map([...steps, ...given.map(({ inspection, files }) => [inspection.name, files] as const)]);
  for (const { inspection, link, files } of given) {
    const status = link.byproducts['return-value'];
    checks.add('inspection', inspection.name, status === 0, {
      expected: 'return value 0',
      actual: `return value ${typeof status === 'number' ? status : 'unknown'}`,
    });
    applyRules(inspection, files, all, budget, checks);
  }
  return pending;
}
