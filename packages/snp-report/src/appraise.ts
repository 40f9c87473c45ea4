/**
 * Is a verified report good enough: every demand of a policy, each with its own answer.
 *
 * @module
 */
import { findSnpTableEntry, type SnpTableEntry } from './certificate-table.js';
import { keyRules } from './key-rules.js';
import type { SnpPolicy } from './policy.js';
import { contentRules, firmwareRules, guestRules, platformRules, type Rule } from './rules.js';
import type { VerifiedSnpReport } from './verify.js';

/** One demand of a policy and whether it is met. */
export interface SnpCheck {
  /** Name of the demand, such as `guestPolicy.debug`. */
  readonly name: string;
  /** Whether it is met. */
  readonly ok: boolean;
  /** What was demanded, for people. */
  readonly expected: string;
  /** What was found, for people. */
  readonly actual: string;
}

/** The answer of an appraisal. */
export interface SnpVerdict {
  /** Whether every check is met. */
  readonly ok: boolean;
  /** Every check made, in the order made. */
  readonly checks: readonly SnpCheck[];
  /** Names of those that are not met, sorted. */
  readonly failures: readonly string[];
}

/**
 * Appraise a verified report.
 *
 * @param report - from `verifySnpReport`
 * @param policy - what to demand; read before the report is looked at
 * @throws `TypeError` for a policy with hex of a wrong length or a malformed version.
 *
 * @example
 * ```ts
 * const { ok, failures } = appraiseSnpReport(verified, { measurements: [measurement], vmpl: 0 });
 * if (!ok) console.log(failures);
 * ```
 */
export function appraiseSnpReport(report: VerifiedSnpReport, policy: SnpPolicy): SnpVerdict {
  // Whatever is malformed in a policy shows while this list is made.
  const rules: readonly Rule[] = [
    ...guestRules(policy),
    ...platformRules(policy),
    ...contentRules(policy),
    ...firmwareRules(policy),
    ...keyRules(policy),
  ];
  return verdictOf(
    rules.map(({ name, expected, met, actual }) => ({
      name,
      ok: met(report),
      expected,
      actual: actual(report),
    })),
  );
}

/** Looks at one entry of a certificate table. */
export interface SnpTableHook {
  /** GUID of the entry. */
  readonly guid: string;
  /** Whether there has to be one. */
  readonly required: boolean;
  /**
   * Say whether the entry is as it should be.
   *
   * @param data - of the entry, which nobody has vouched for
   * @param report - the report that it came with
   */
  check(data: Uint8Array, report: VerifiedSnpReport): boolean | Promise<boolean>;
}

/**
 * Appraise what else came in the certificate table, such as an endorsement of the firmware.
 *
 * @param report - from `verifySnpReport`
 * @param entries - of the table
 * @param hooks - who looks at what
 */
export async function appraiseSnpTable(
  report: VerifiedSnpReport,
  entries: readonly SnpTableEntry[],
  hooks: readonly SnpTableHook[],
): Promise<SnpVerdict> {
  const checks: SnpCheck[] = [];
  for (const hook of hooks) {
    const data = findSnpTableEntry(entries, hook.guid);
    const ok = data === undefined ? !hook.required : await hook.check(data, report);
    const actual =
      data === undefined ? 'no entry' : `${data.byteLength} bytes, ${ok ? 'accepted' : 'refused'}`;
    checks.push({ name: hook.guid, ok, expected: hook.required ? 'an entry' : 'an entry or none', actual });
  }
  return verdictOf(checks);
}

function verdictOf(checks: readonly SnpCheck[]): SnpVerdict {
  const failures = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return { ok: failures.length === 0, checks, failures: [...failures].sort() };
}
