/**
 * Is a verified report good enough: every demand of a policy, each with its own answer.
 *
 * @module
 */
import { type Bytes, decodeHex, equalBytes } from '@sealwright/bytes';
import type { SnpFirmwareVersion } from './parse.js';
import type { SnpMinimumTcb, SnpPolicy } from './policy.js';
import { decodeSnpTcb, type SnpTcb } from './tcb.js';
import type { VerifiedSnpReport } from './verify.js';

/** One demand of a policy and whether it is met. */
export interface SnpCheck {
  /** Name of the demand, such as `guestPolicy.debug`. */
  readonly name: string;
  /** Whether it is met. */
  readonly ok: boolean;
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
 */
export function appraiseSnpReport(report: VerifiedSnpReport, policy: SnpPolicy): SnpVerdict {
  const checks = rules(policy).map(([name, met]): SnpCheck => ({ name, ok: met(report) }));
  const failures = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return { ok: failures.length === 0, checks, failures: [...failures].sort() };
}

type Rule = readonly [name: string, met: (report: VerifiedSnpReport) => boolean];

/** Every demand as a function; whatever is malformed in a policy shows while this list is made. */
function rules(policy: SnpPolicy): Rule[] {
  return [
    ...guestRules(policy),
    ...platformRules(policy),
    ...contentRules(policy),
    ...firmwareRules(policy),
    ...keyRules(policy),
    ...mitigation('launchMitVector', policy.minLaunchMitigations),
    ...mitigation('currentMitVector', policy.minCurrentMitigations),
  ];
}

function guestRules({ guestPolicy: given = {} }: SnpPolicy): Rule[] {
  const bit = (name: string, at: bigint, wanted: boolean): Rule => [
    `guestPolicy.${name}`,
    ({ policy }) => ((policy >> at) & 1n) === (wanted ? 1n : 0n),
  ];
  const abi = given.minAbi === undefined ? undefined : readVersion(given.minAbi);
  const list: Rule[] = [];
  if (abi !== undefined) list.push(['guestPolicy.minAbi', ({ policy }) => Number(policy & 0xffffn) >= abi]);
  if (given.allowDebug !== true) list.push(bit('debug', 19n, false));
  if (given.allowMigrateMa !== true) list.push(bit('migrateMa', 18n, false));
  if (given.allowSmt === false) list.push(bit('smt', 16n, false));
  if (given.allowCxl === false) list.push(bit('cxl', 21n, false));
  if (given.requireSingleSocket === true) list.push(bit('singleSocket', 20n, true));
  if (given.requireAes256Xts === true) list.push(bit('memAes256Xts', 22n, true));
  if (given.requireRaplDisabled === true) list.push(bit('raplDis', 23n, true));
  if (given.requireCiphertextHiding === true) list.push(bit('ciphertextHidingDram', 24n, true));
  if (given.requirePageSwapDisabled === true) list.push(bit('pageSwapDisable', 25n, true));
  return list;
}

function platformRules({ platformInfo: given = {} }: SnpPolicy): Rule[] {
  const bit = (name: string, at: bigint, wanted: boolean): Rule => [
    `platformInfo.${name}`,
    ({ platformInfo }) => ((platformInfo >> at) & 1n) === (wanted ? 1n : 0n),
  ];
  const list: Rule[] = [];
  if (given.allowSmt === false) list.push(bit('smtEnabled', 0n, false));
  if (given.allowTsme === false) list.push(bit('tsmeEnabled', 1n, false));
  if (given.allowTio === false) list.push(bit('tioEnabled', 7n, false));
  if (given.requireEcc === true) list.push(bit('eccEnabled', 2n, true));
  if (given.requireRaplDisabled === true) list.push(bit('raplDisabled', 3n, true));
  if (given.requireCiphertextHiding === true) list.push(bit('ciphertextHidingDramEnabled', 4n, true));
  if (given.requireAliasCheck === true) list.push(bit('aliasCheckComplete', 5n, true));
  if (given.requireIommuWriteSafe === true) list.push(bit('iommuWriteSafe', 6n, true));
  return list;
}

function contentRules(policy: SnpPolicy): Rule[] {
  const list: Rule[] = [];
  const exact = {
    reportData: 64,
    hostData: 32,
    familyId: 16,
    imageId: 16,
    reportId: 32,
    reportIdMa: 32,
  } as const;
  for (const name of Object.keys(exact) as (keyof typeof exact)[]) {
    const text = policy[name];
    if (text === undefined) continue;
    const wanted = readHex(text, exact[name], name);
    list.push([name, (report) => equalBytes(report[name], wanted)]);
  }
  const measurements = policy.measurements?.map((text) => readHex(text, 48, 'measurements'));
  if (measurements !== undefined)
    list.push(['measurement', (report) => isOneOf(report.measurement, measurements)]);
  const chipIds = policy.chipIds?.map((text) => readHex(text, 64, 'chipIds'));
  if (chipIds !== undefined) list.push(['chipId', (report) => isOneOf(report.chipId, chipIds)]);
  const { vmpl, minGuestSvn } = policy;
  if (vmpl !== undefined) {
    const wanted = readNumber(vmpl, 'vmpl');
    list.push(['vmpl', (report) => report.vmpl === wanted]);
  }
  if (minGuestSvn !== undefined) {
    const least = readNumber(minGuestSvn, 'minGuestSvn');
    list.push(['guestSvn', (report) => report.guestSvn >= least]);
  }
  return list;
}

function firmwareRules(policy: SnpPolicy): Rule[] {
  const list: Rule[] = [
    ['tcbOrder', (report) => isAtLeast(tcb(report, 'currentTcb'), tcb(report, 'reportedTcb'))],
  ];
  const least = {
    reportedTcb: policy.minReportedTcb,
    launchTcb: policy.minLaunchTcb,
    committedTcb: policy.minCommittedTcb,
    currentTcb: policy.minCurrentTcb,
  };
  for (const name of Object.keys(least) as (keyof typeof least)[]) {
    const wanted = least[name];
    if (wanted === undefined) continue;
    for (const part of PARTS) readNumber(wanted[part] ?? 0, name);
    list.push([name, (report) => isAtLeast(tcb(report, name), wanted)]);
  }
  const { minBuild, minVersion, permitProvisionalFirmware: provisional = false } = policy;
  if (minBuild !== undefined) {
    const wanted = readNumber(minBuild, 'minBuild');
    list.push(['build', ({ current }) => current.build >= wanted]);
  }
  if (minVersion !== undefined) {
    const wanted = readVersion(minVersion);
    list.push(['version', ({ current }) => current.major * 0x100 + current.minor >= wanted]);
  }
  list.push([
    'provisionalFirmware',
    (report) => {
      const [current, committed] = [tcb(report, 'currentTcb'), tcb(report, 'committedTcb')];
      const [now, then] = [asNumber(report.current), asNumber(report.committed)];
      if (!isAtLeast(current, committed) || now < then) return false;
      return provisional || (isAtLeast(committed, current) && now === then);
    },
  ]);
  return list;
}

function keyRules(policy: SnpPolicy): Rule[] {
  const { trustedIdKeyDigests: ids, trustedAuthorKeyDigests: authors, requireAuthorKey = false } = policy;
  const trustedIds = (ids ?? []).map((text) => readHex(text, 48, 'trustedIdKeyDigests'));
  const trustedAuthors = (authors ?? []).map((text) => readHex(text, 48, 'trustedAuthorKeyDigests'));
  if (policy.requireIdBlock !== true && !requireAuthorKey && ids === undefined && authors === undefined)
    return [];
  const author = (report: VerifiedSnpReport): boolean =>
    report.authorKeyEnabled &&
    isKey(report.idKeyDigest) &&
    isListedKey(report.authorKeyDigest, trustedAuthors);
  const idKey: Rule = ['idKey', (report) => author(report) || isListedKey(report.idKeyDigest, trustedIds)];
  return requireAuthorKey ? [['authorKey', author], idKey] : [idKey];
}

function mitigation(name: 'launchMitVector' | 'currentMitVector', text: string | undefined): Rule[] {
  if (text === undefined) return [];
  if (!/^0x[0-9a-f]{1,16}$/i.test(text))
    throw new TypeError(`${name}: expected 0x and at most 16 hex digits`);
  const wanted = BigInt(text);
  return [[name, (report) => ((report[name] ?? 0n) & wanted) === wanted]];
}

function tcb(
  report: VerifiedSnpReport,
  name: 'currentTcb' | 'reportedTcb' | 'launchTcb' | 'committedTcb',
): SnpTcb {
  return decodeSnpTcb(report[name], report.product);
}

function isAtLeast(value: SnpTcb, least: SnpMinimumTcb): boolean {
  return PARTS.every((part) => (value[part] ?? 0) >= (least[part] ?? 0));
}

function asNumber({ major, minor, build }: SnpFirmwareVersion): number {
  return major * 0x1_0000 + minor * 0x100 + build;
}

function isOneOf(value: Bytes, list: readonly Bytes[]): boolean {
  return list.some((item) => equalBytes(value, item));
}

/** A zero digest is the absence of a key and never a trusted one. */
function isListedKey(digest: Bytes, list: readonly Bytes[]): boolean {
  return isKey(digest) && isOneOf(digest, list);
}

function isKey(digest: Bytes): boolean {
  return digest.some((byte) => byte !== 0);
}

function readHex(text: string, size: number, name: string): Bytes {
  if (text.length !== size * 2 || !/^[0-9a-f]*$/i.test(text))
    throw new TypeError(`${name}: expected ${size} bytes in hex`);
  return decodeHex(text);
}

function readNumber(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${name}: expected a whole number`);
  return value;
}

function readVersion(text: string): number {
  const [major = Number.NaN, minor = Number.NaN] = text.split('.').map(Number);
  if (!/^[0-9]{1,3}\.[0-9]{1,3}$/.test(text) || major > 0xff || minor > 0xff)
    throw new TypeError('expected a version such as 1.55');
  return major * 0x100 + minor;
}

const PARTS = ['fmc', 'bootloader', 'tee', 'snp', 'microcode'] as const;
