import type { DigestSet } from '../digest-set.js';
import { type Checks, some } from './check.js';
import { compileGlob, type WorkBudget } from './glob.js';
import type { Artifacts, Link, Step } from './model.js';
import { cleanPath } from './path.js';
import { type ArtifactRule, encodeRule, type MatchRule } from './rule.js';

type Files = ReadonlyMap<string, DigestSet>;

/** The files of a link, by clean path. */
export interface LinkFiles {
  readonly materials: Files;
  readonly products: Files;
}

/** The files of a link, ready for rules. */
export function linkFiles(link: Pick<Link, 'materials' | 'products'>): LinkFiles {
  const clean = (artifacts: Artifacts): Files =>
    new Map(Object.entries(artifacts).map(([path, digests]) => [cleanPath(path), digests]));
  return { materials: clean(link.materials), products: clean(link.products) };
}

/** Run the rules of a step or inspection over its files: in order, over a queue that rules consume. Every rule is a check. */
export function applyRules(
  item: Pick<Step, 'name' | 'expectedMaterials' | 'expectedProducts'>,
  files: LinkFiles,
  others: ReadonlyMap<string, LinkFiles>,
  budget: WorkBudget,
  checks: Checks,
): void {
  for (const side of ['materials', 'products'] as const) {
    const queue = new Set(files[side].keys());
    for (const rule of side === 'materials' ? item.expectedMaterials : item.expectedProducts) {
      budget.spend(1);
      const expected = `${side}: ${encodeRule(rule).join(' ')}`;
      if (rule.type === 'REQUIRE') {
        const there = queue.has(rule.pattern);
        checks.add('rule', item.name, there, { expected, actual: there ? 'it is there' : 'it is not there' });
        continue;
      }
      const hit = selected(rule, queue, { side, files, others, budget });
      if (rule.type === 'DISALLOW') {
        checks.add('rule', item.name, hit.length === 0, { expected, actual: `left over: ${some(hit)}` });
        continue;
      }
      for (const path of hit) queue.delete(path);
      checks.add('rule', item.name, 'pass', { expected, actual: `accounts for: ${some(hit)}` });
    }
  }
}

interface Surroundings {
  readonly side: 'materials' | 'products';
  readonly files: LinkFiles;
  readonly others: ReadonlyMap<string, LinkFiles>;
  readonly budget: WorkBudget;
}

function selected(rule: ArtifactRule, queue: ReadonlySet<string>, around: Surroundings): string[] {
  if (rule.type === 'MATCH') return linked(rule, queue, around);
  const { materials, products } = around.files;
  return matching(rule.pattern, queue, around.budget).filter((path) => {
    const [before, after] = [materials.get(path), products.get(path)];
    if (rule.type === 'CREATE') return before === undefined && after !== undefined;
    if (rule.type === 'DELETE') return before !== undefined && after === undefined;
    if (rule.type !== 'MODIFY') return true;
    return before !== undefined && after !== undefined && !sameDigests(before, after);
  });
}

function linked(rule: MatchRule, queue: ReadonlySet<string>, around: Surroundings): string[] {
  const { side, files, others, budget } = around;
  const other = others.get(rule.from)?.[rule.with === 'MATERIALS' ? 'materials' : 'products'];
  if (other === undefined) return [];
  const [source, destination] = [folder(rule.sourcePrefix), folder(rule.destinationPrefix)];
  const below = new Map<string, string>();
  for (const path of queue) {
    budget.spend(1);
    if (path.startsWith(source)) below.set(path.slice(source.length), path);
  }
  const result: string[] = [];
  for (const path of matching(rule.pattern, new Set(below.keys()), budget)) {
    const full = below.get(path) ?? '';
    const [here, there] = [files[side].get(full), other.get(cleanPath(destination + path))];
    if (here !== undefined && there !== undefined && sameDigests(here, there)) result.push(full);
  }
  return result;
}

function matching(pattern: string, queue: ReadonlySet<string>, budget: WorkBudget): string[] {
  const { literal, matches } = compileGlob(cleanPath(pattern));
  if (literal !== undefined) return queue.has(literal) ? [literal] : [];
  budget.spend(queue.size);
  return [...queue].filter((path) => matches(path, budget));
}

function folder(prefix: string): string {
  const clean = cleanPath(prefix);
  if (clean === '.') return '';
  return clean.endsWith('/') ? clean : `${clean}/`;
}

/** Every algorithm of either must agree. */
export function sameDigests(a: DigestSet, b: DigestSet): boolean {
  const names = Object.keys(a);
  return (
    names.length > 0 &&
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && a[name] === b[name])
  );
}

/** Whether two links tell of the same files. */
export function sameFiles(a: LinkFiles, b: LinkFiles): boolean {
  return (['materials', 'products'] as const).every(
    (side) =>
      a[side].size === b[side].size &&
      [...a[side]].every(([path, digests]) => sameDigests(digests, b[side].get(path) ?? {})),
  );
}
