/**
 * The demands of a policy as functions of a report.
 *
 * @module
 */
import { type Bytes, decodeHex, encodeHex, equalBytes } from '@sealwright/bytes';
import { decodeSnpGuestPolicy, decodeSnpPlatformInfo } from './flags.js';
import type { SnpFirmwareVersion } from './parse.js';
import type { SnpMinimumTcb, SnpPolicy } from './policy.js';
import { isZero } from './signature.js';
import { decodeSnpTcb, type SnpTcb } from './tcb.js';
import type { VerifiedSnpReport } from './verify.js';

/** One demand. */
export interface Rule {
  readonly name: string;
  readonly expected: string;
  readonly met: (report: VerifiedSnpReport) => boolean;
  readonly actual: (report: VerifiedSnpReport) => string;
}

/** A demand on one value. */
export function rule<T>(
  name: string,
  expected: string,
  read: (report: VerifiedSnpReport) => T,
  met: (value: T, report: VerifiedSnpReport) => boolean,
  show: (value: T) => string = String,
): Rule {
  return {
    name,
    expected,
    met: (report) => met(read(report), report),
    actual: (report) => show(read(report)),
  };
}

/** Demands on the guest policy. */
export function guestRules({ guestPolicy: given = {} }: SnpPolicy): Rule[] {
  const { minAbi } = given;
  const flags = flagRules('guestPolicy', ({ policy }) => decodeSnpGuestPolicy(policy), [
    [given.allowDebug !== true, false, 'debug'],
    [given.allowMigrateMa !== true, false, 'migrateMa'],
    [given.allowSmt === false, false, 'smt'],
    [given.allowCxl === false, false, 'cxlAllow', 'cxl'],
    [given.requireSingleSocket, true, 'singleSocket'],
    [given.requireAes256Xts, true, 'memAes256Xts'],
    [given.requireRaplDisabled, true, 'raplDis'],
    [given.requireCiphertextHiding, true, 'ciphertextHidingDram'],
    [given.requirePageSwapDisabled, true, 'pageSwapDisable'],
  ]);
  if (minAbi === undefined) return flags;
  const abi = ({ policy }: VerifiedSnpReport): number => Number(policy & 0xffffn);
  const least = readVersion(minAbi);
  return [rule('guestPolicy.minAbi', `at least ${minAbi}`, abi, atLeast(least), showVersion), ...flags];
}

/** Demands on the platform. */
export function platformRules({ platformInfo: given = {} }: SnpPolicy): Rule[] {
  return flagRules('platformInfo', ({ platformInfo }) => decodeSnpPlatformInfo(platformInfo), [
    [given.allowSmt === false, false, 'smtEnabled'],
    [given.allowTsme === false, false, 'tsmeEnabled'],
    [given.allowTio === false, false, 'tioEnabled'],
    [given.requireEcc, true, 'eccEnabled'],
    [given.requireRaplDisabled, true, 'raplDisabled'],
    [given.requireCiphertextHiding, true, 'ciphertextHidingDramEnabled'],
    [given.requireAliasCheck, true, 'aliasCheckComplete'],
    [given.requireIommuWriteSafe, true, 'iommuWriteSafe'],
  ]);
}

/** Those of some demands on flags that are made. */
function flagRules<Name extends string>(
  of: string,
  read: (report: VerifiedSnpReport) => Readonly<Record<Name, boolean>>,
  flags: readonly (readonly [made: boolean | undefined, on: boolean, name: Name, short?: string])[],
): Rule[] {
  return flags
    .filter(([made]) => made === true)
    .map(([, on, name, short = name]) =>
      rule(
        `${of}.${short}`,
        onOff(on),
        (report) => read(report)[name],
        (found) => found === on,
        onOff,
      ),
    );
}

/** Demands on what the guest and its host put into the report, and on who signed. */
export function contentRules(policy: SnpPolicy): Rule[] {
  const list: Rule[] = [];
  for (const [name, size] of EXACT) {
    const text = policy[name];
    if (text !== undefined) list.push(oneOf(name, [text], size, (report) => report[name]));
  }
  const { measurements, chipIds, vmpl, minGuestSvn, signers, cspIds } = policy;
  if (measurements !== undefined)
    list.push(oneOf('measurement', measurements, 48, (report) => report.measurement));
  if (chipIds !== undefined) list.push(oneOf('chipId', chipIds, 64, (report) => report.chipId, true));
  if (vmpl !== undefined) {
    const wanted = readNumber(vmpl, 'vmpl');
    list.push(
      rule(
        'vmpl',
        String(wanted),
        (report) => report.vmpl,
        (found) => found === wanted,
      ),
    );
  }
  if (minGuestSvn !== undefined) {
    const least = readNumber(minGuestSvn, 'minGuestSvn');
    list.push(rule('guestSvn', `at least ${least}`, (report) => report.guestSvn, atLeast(least)));
  }
  if (signers !== undefined)
    list.push(
      rule(
        'signer',
        signers.join(' or '),
        (report) => report.signer,
        (found) => signers.includes(found),
      ),
    );
  if (cspIds !== undefined) {
    const met = (found = ''): boolean => cspIds.some((wanted) => isCsp(found, wanted));
    list.push(
      rule(
        'cspId',
        cspIds.join(' or '),
        (report) => report.cspId,
        met,
        (found = 'none') => found,
      ),
    );
  }
  return list;
}

/** Demands on versions and mitigations of the firmware. */
export function firmwareRules(policy: SnpPolicy): Rule[] {
  const list: Rule[] = [
    rule(
      'tcbOrder',
      'reported at or below current',
      (report) => [tcb(report, 'reportedTcb'), tcb(report, 'currentTcb')] as const,
      ([reported, current]) => isAtLeast(current, reported),
      ([reported, current]) => `${showTcb(reported)}; current ${showTcb(current)}`,
    ),
  ];
  for (const [name, wanted] of [
    ['reportedTcb', policy.minReportedTcb],
    ['launchTcb', policy.minLaunchTcb],
    ['committedTcb', policy.minCommittedTcb],
    ['currentTcb', policy.minCurrentTcb],
  ] as const) {
    if (wanted === undefined) continue;
    for (const part of PARTS) readNumber(wanted[part] ?? 0, name);
    const met = (found: SnpTcb): boolean => isAtLeast(found, wanted);
    list.push(rule(name, `at least ${showTcb(wanted)}`, (report) => tcb(report, name), met, showTcb));
  }
  const { minBuild, minVersion, permitProvisionalFirmware = false } = policy;
  if (minBuild !== undefined) {
    const least = readNumber(minBuild, 'minBuild');
    list.push(rule('build', `at least ${least}`, ({ current }) => current.build, atLeast(least)));
  }
  if (minVersion !== undefined) {
    const least = readVersion(minVersion);
    const found = ({ current: { major, minor } }: VerifiedSnpReport): number => major * 0x100 + minor;
    list.push(rule('version', `at least ${minVersion}`, found, atLeast(least), showVersion));
  }
  list.push(
    provisional(permitProvisionalFirmware),
    ...mitigation('launchMitVector', policy.minLaunchMitigations),
    ...mitigation('currentMitVector', policy.minCurrentMitigations),
  );
  return list;
}

/** Firmware that can still be rolled back is provisional: what is committed is older than what runs. */
function provisional(permitted: boolean): Rule {
  return rule(
    'provisionalFirmware',
    permitted ? 'committed at or below current' : 'committed equal to current',
    (report) => report,
    (report) => {
      const [current, committed] = [tcb(report, 'currentTcb'), tcb(report, 'committedTcb')];
      const [now, then] = [asNumber(report.current), asNumber(report.committed)];
      if (!isAtLeast(current, committed) || now < then) return false;
      return permitted || (isAtLeast(committed, current) && now === then);
    },
    (report) =>
      `committed ${showFirmware(report.committed)}, ${showTcb(tcb(report, 'committedTcb'))}; ` +
      `current ${showFirmware(report.current)}, ${showTcb(tcb(report, 'currentTcb'))}`,
  );
}

function mitigation(name: 'launchMitVector' | 'currentMitVector', text: string | undefined): Rule[] {
  if (text === undefined) return [];
  if (!/^0x[0-9a-f]{1,16}$/i.test(text))
    throw new TypeError(`${name}: expected 0x and at most 16 hex digits`);
  const wanted = BigInt(text);
  const met = (found = 0n): boolean => (found & wanted) === wanted;
  const show = (found: bigint | undefined): string =>
    found === undefined ? 'none' : `0x${found.toString(16)}`;
  return [rule(name, `the bits ${text}`, (report) => report[name], met, show)];
}

/** One of some byte strings; where zeros mean that there is nothing, they are none of them. */
export function oneOf(
  name: string,
  texts: readonly string[],
  size: number,
  read: (report: VerifiedSnpReport) => Bytes,
  zeroIsNone = false,
): Rule {
  const wanted = texts.map((text) => readHex(text, size, name));
  const met = (found: Bytes): boolean =>
    !(zeroIsNone && isZero(found)) && wanted.some((item) => equalBytes(item, found));
  return rule(name, texts.join(' or ') || 'none at all', read, met, encodeHex);
}

/** A text that begins with a star stands for whatever ends like it. */
function isCsp(found: string, wanted: string): boolean {
  return wanted.startsWith('*') ? found.endsWith(wanted.slice(1)) : found === wanted;
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

function atLeast(least: number): (found: number) => boolean {
  return (found) => found >= least;
}

function onOff(flag: boolean): string {
  return flag ? 'on' : 'off';
}

function showTcb(value: SnpMinimumTcb): string {
  const parts = PARTS.filter((part) => value[part] !== undefined);
  return parts.map((part) => `${part} ${value[part]}`).join(' ') || 'nothing';
}

function showVersion(version: number): string {
  return `${version >> 8}.${version & 0xff}`;
}

function showFirmware({ major, minor, build }: SnpFirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}

function asNumber({ major, minor, build }: SnpFirmwareVersion): number {
  return major * 0x1_0000 + minor * 0x100 + build;
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
const EXACT = [
  ['reportData', 64],
  ['hostData', 32],
  ['familyId', 16],
  ['imageId', 16],
  ['reportId', 32],
  ['reportIdMa', 32],
] as const;
