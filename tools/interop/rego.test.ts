import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS } from '../../packages/rego/src/functions/index.js';
import {
  parseJsonText,
  preparePolicy,
  RegoError,
  RegoObject,
  type Value,
} from '../../packages/rego/src/index.js';
import { equal, toText } from '../../packages/rego/src/values.js';
import { temporaryFolder } from './components.js';
import { findOpa, opaCases, runOpa } from './opa.js';
import { brokenModule } from './rego-broken.js';
import { missOf } from './rego-case.js';
import { compareFormats } from './rego-format.js';
import { RANDOM_INPUT, randomOf, randomRule } from './rego-random.js';
import { compareTrees } from './rego-trees.js';
import { type CheckedModules, compareVerdicts, type Verdicts } from './rego-verdicts.js';

const opa = findOpa();
const cases = opaCases();

describe('rego beside Open Policy Agent', () => {
  if (opa === undefined || cases.length === 0) {
    // oxlint-disable-next-line vitest/no-disabled-tests -- a program that cannot be had is named, not a failure
    it.skip('needs opa and its conformance cases, which cannot be had here', () => {});
    return;
  }

  it('answers its conformance cases', () => {
    const misses = cases.flatMap((vector) => {
      const miss = missOf(vector);
      return miss === undefined ? [] : [`${vector.version} ${vector.note}: ${miss}`];
    });
    const rate = 1 - misses.length / cases.length;
    console.log(
      `${cases.length - misses.length} of ${cases.length} cases agree, ${(rate * 100).toFixed(2)} %`,
    );
    expect(rate).toBeGreaterThan(0.98);
  });

  it('answers generated expressions as it does', async () => {
    const random = randomOf(20_261_121);
    const rules = Array.from({ length: 10_000 }, () => randomRule(random));
    const folder = await temporaryFolder();
    try {
      const [answers, own] = [await answersOfOpa(opa, folder.path, rules), answersOfOurs(rules)];
      const misses = rules.flatMap((rule, index) => {
        const [theirs, ours] = [answers.get(`r${index}`), own[index]];
        const isSame =
          theirs === undefined || ours === undefined ? theirs === ours : equal(theirs, asJson(ours));
        return isSame ? [] : [`r ${rule}\n  expected ${shown(theirs)}\n  found    ${shown(ours)}`];
      });
      console.log(`${rules.length - misses.length} of ${rules.length} generated expressions agree`);
      if (misses.length > 0) console.log(misses.slice(0, SHOWN).join('\n'));
      expect(misses.length).toBeLessThan(50);
    } finally {
      await folder.remove();
    }
  }, 600_000);

  it('formats modules as it does', async () => {
    const modules = new Set(cases.flatMap((each) => (each.version === 'v1' ? (each.modules ?? []) : [])));
    const folder = await temporaryFolder();
    try {
      const { total, misses } = await compareFormats(opa, folder.path, [...modules]);
      console.log(`${total - misses.length} of ${total} formatted modules agree`);
      for (const [, theirs, ours] of misses.slice(0, SHOWN)) console.log(`expected ${theirs}\nfound ${ours}`);
      expect(misses.length).toBeLessThan(total / 100);
    } finally {
      await folder.remove();
    }
  }, 600_000);

  it('reads modules into the same trees', async () => {
    const modules = new Set(cases.flatMap((each) => each.modules ?? []));
    const folder = await temporaryFolder();
    try {
      const { total, refused, misses } = await compareTrees(opa, folder.path, [...modules]);
      console.log(`${total - misses.length} of ${total} syntax trees agree; ${refused} refused by both`);
      for (const [text, theirs, ours] of misses.slice(0, SHOWN))
        console.log(`${text}\nexpected ${theirs}\nfound ${ours}`);
      expect(misses.length).toBeLessThan(total / 100);
    } finally {
      await folder.remove();
    }
  }, 600_000);

  it('checks the modules of its cases as it does', async () => {
    await expectVerdicts(opa, spread(distinct(cases)), 0.99);
  }, 1_200_000);

  it('checks broken modules as it does', async () => {
    const random = randomOf(Number(process.env['SEED'] ?? 20_261_122));
    const broken = distinct(cases).flatMap(({ version, modules }) => {
      if (version === 'v0' && random() > 0.2) return [];
      const at = Math.floor(random() * modules.length);
      const changed = modules.map((text, index) => (index === at ? brokenModule(text, random) : text));
      return changed[at] === modules[at] ? [] : [{ version, modules: changed }];
    });
    await expectVerdicts(opa, spread(broken), 0.98);
  }, 1_200_000);
});

async function expectVerdicts(
  program: string,
  sets: readonly CheckedModules[],
  least: number,
): Promise<void> {
  const folder = await temporaryFolder();
  try {
    const found: Verdicts = await compareVerdicts(program, folder.path, sets);
    const agreed = found.total - found.misses.length;
    console.log(
      `${agreed} of ${found.total} verdicts agree; of ${found.refused} refused by both ${found.sameLine} in the same line`,
    );
    if (found.misses.length > 0) console.log(found.misses.slice(0, SHOWN).join('\n'));
    expect(agreed / found.total).toBeGreaterThan(least);
  } finally {
    await folder.remove();
  }
}

/** The modules of cases, each set once. */
function distinct(all: typeof cases): readonly CheckedModules[] {
  const sets = all.flatMap(({ version, modules = [] }) => (modules.length > 0 ? [{ version, modules }] : []));
  return [...new Map(sets.map((each) => [JSON.stringify(each), each])).values()];
}

/** As many sets as there is time for, evenly out of all: each is two runs of a program. */
function spread(sets: readonly CheckedModules[]): readonly CheckedModules[] {
  const step = Math.max(1, Math.floor(sets.length / CHECKED));
  return sets.filter((_, index) => index % step === 0);
}

const CHECKED = Number(process.env['CHECKED'] ?? 300);
const SHOWN = Number(process.env['SHOW'] ?? 5);

const HEAD = 'package generated\n\nid(x) := x';

/** The values of rules `r0`, `r1`, … below `data.generated`. */
async function answersOfOpa(program: string, folder: string, rules: readonly string[]): Promise<RegoObject> {
  await mkdir(folder, { recursive: true });
  const [policy, input] = [join(folder, 'policy.rego'), join(folder, 'input.json')];
  await writeFile(policy, policyOf(rules));
  await writeFile(input, JSON.stringify(RANDOM_INPUT));
  const { stdout, stderr } = await runOpa(program, [
    'eval',
    '-d',
    policy,
    '-i',
    input,
    '-f',
    'raw',
    'data.generated',
  ]);
  const value = stdout === '' ? undefined : parseJsonText(stdout);
  if (!(value instanceof RegoObject))
    throw new Error(`opa: ${stdout.slice(0, 2000)}${stderr.slice(0, 2000)}`);
  return value;
}

function answersOfOurs(rules: readonly string[]): readonly (Value | undefined)[] {
  const text = policyOf(rules);
  const policy = preparePolicy([{ file: 'policy.rego', text }], { functions: FUNCTIONS });
  return rules.map((_rule, index) => {
    try {
      return policy.value(`data.generated.r${index}`, {
        input: RANDOM_INPUT,
        strict: false,
        maxSteps: 100_000,
      });
    } catch (error) {
      if (error instanceof RegoError) return `error ${error.message}`;
      throw error;
    }
  });
}

function policyOf(rules: readonly string[]): string {
  return [HEAD, ...rules.map((rule, index) => `r${index} ${rule}`), ''].join('\n');
}

/** Sets as arrays, keys as text; numbers keep their digits. */
function asJson(value: Value): Value {
  return parseJsonText(toText(value));
}

function shown(value: Value | undefined): string {
  return value === undefined ? 'undefined' : toText(value);
}
