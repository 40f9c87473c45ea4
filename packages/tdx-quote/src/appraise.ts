/**
 * Is a verified quote good enough: every demand of a policy, each with its own answer.
 *
 * @module
 */
import { type Bytes, BytesError, decodeHex, encodeHex, equalBytes } from '@sealwright/bytes';
import { memoryOrder, tdAttributes } from './attributes.js';
import { millisecondsOf } from './members.js';
import type { TdxPolicy } from './policy.js';
import type { TdQuote } from './quote.js';
import { describeShortfall } from './tcb-evaluation.js';
import type { TdReportBody } from './td-report-body.js';
import type { VerifiedQuote } from './verify.js';

/** One demand of a policy and whether it is met. */
export interface TdxCheck {
  /** Name of the demand, such as `tdAttributes.debug`. */
  readonly name: string;
  /** Whether it is met. */
  readonly ok: boolean;
  /** What was demanded, for people. */
  readonly expected: string;
  /** What was found, for people. */
  readonly actual: string;
}

/** The answer of an appraisal. */
export interface TdxVerdict {
  /** Whether every check is met. */
  readonly ok: boolean;
  /** Every check made, in the order made. */
  readonly checks: readonly TdxCheck[];
  /** Names of those that are not met, sorted. */
  readonly failures: readonly string[];
  /** What is too low on the platform, and by how much, in words; empty on a platform that is up to date. */
  readonly shortfalls: readonly string[];
  /** Advisories that apply to the platform. */
  readonly advisoryIds: readonly string[];
}

/** What an appraisal looks at. */
export type AppraisedQuote = Pick<VerifiedQuote<TdQuote>, 'body' | 'tcb' | 'pck' | 'collateral' | 'qeReport'>;

/**
 * Appraise a verified quote about a trust domain.
 *
 * @param quote - from `verifyQuote`
 * @param policy - what to demand; read before the quote is looked at
 * @throws `TypeError` for a policy with hex of a wrong size, a malformed date, or a period of grace without a time.
 *
 * @example
 * ```ts
 * const verdict = appraiseQuote(verified, { mrTds: [firmware], reportData: nonce });
 * if (!verdict.ok) console.log(verdict.failures, verdict.shortfalls);
 * ```
 */
export function appraiseQuote(quote: VerifiedQuote<TdQuote>, policy: TdxPolicy): TdxVerdict {
  const checks = rules({ ...policy }).map(([name, expected, look]): TdxCheck => ({
    name,
    expected,
    ...look(quote),
  }));
  const failures = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return {
    ok: failures.length === 0,
    checks,
    failures: [...failures].sort(),
    shortfalls: quote.tcb.shortfalls.map(describeShortfall),
    advisoryIds: quote.tcb.advisoryIds,
  };
}

type Look = (quote: AppraisedQuote) => { readonly ok: boolean; readonly actual: string };
type Rule = readonly [name: string, expected: string, look: Look];

/** Every demand as a function; whatever is malformed in a policy shows while this list is made. */
function rules(policy: TdxPolicy): Rule[] {
  return [
    ...statusRules(policy),
    ...platformRules(policy),
    ...attributeRules(policy),
    ...registerRules(policy),
    ...versionRules(policy),
  ];
}

function statusRules(policy: TdxPolicy): Rule[] {
  const accepted = [...(policy.acceptedTcbStatuses ?? ['UpToDate' as const])];
  const tcbGrace = grace(policy.tcbGraceSeconds, policy.at, 'tcbGraceSeconds');
  const collateralGrace = grace(policy.collateralGraceSeconds, policy.at, 'collateralGraceSeconds');
  const list: Rule[] = [
    [
      'tcbStatus',
      `one of ${accepted.join(', ')}`,
      ({ tcb }) => ({
        ok: accepted.includes(tcb.status) || (OUT_OF_DATE.has(tcb.status) && tcbGrace(tcbDate(tcb))),
        actual: [tcb.status, ...tcb.shortfalls.map(describeShortfall), ...tcb.advisoryIds].join('; '),
      }),
    ],
    [
      'collateralExpired',
      'current collateral',
      ({ collateral }) => ({
        ok: !collateral.expired || collateralGrace(millisecondsOf(collateral.earliestExpirationDate)),
        actual: collateral.expired ? `expired at ${collateral.earliestExpirationDate}` : 'current',
      }),
    ],
  ];
  const { allowedAdvisoryIds: allowed, minTcbEvaluationDataNumber: round, minTcbDate } = policy;
  if (allowed !== undefined) {
    const known = new Set(allowed);
    list.push([
      'advisoryIds',
      `only ${allowed.join(', ')}`,
      ({ tcb }) => ({ ok: tcb.advisoryIds.every((id) => known.has(id)), actual: tcb.advisoryIds.join(', ') }),
    ]);
  }
  if (round !== undefined)
    list.push(
      atLeast('tcbEvaluationDataNumber', round, ({ collateral }) => collateral.tcbEvaluationDataNumber),
    );
  if (minTcbDate !== undefined) {
    const oldest = millisecondsOf(minTcbDate);
    if (Number.isNaN(oldest)) throw new TypeError('minTcbDate is a moment such as 2025-03-12T00:00:00Z');
    list.push([
      'tcbDate',
      `from ${minTcbDate}`,
      ({ tcb }) => ({
        ok: tcbDate(tcb) >= oldest,
        actual: [tcb.tcbDate, tcb.module?.tcbDate].filter((date) => date !== undefined).join(', module '),
      }),
    ]);
  }
  return list;
}

function platformRules(policy: TdxPolicy): Rule[] {
  const list: Rule[] = [];
  const fmspcs = policy.fmspcs?.map((text) => readHex(text, 6, 'fmspcs'));
  if (fmspcs !== undefined) list.push(oneOf('fmspc', fmspcs, ({ pck }) => pck.fmspc));
  for (const [name, allowed] of [
    ['smtEnabled', policy.allowSmt],
    ['cachedKeys', policy.allowCachedKeys],
    ['dynamicPlatform', policy.allowDynamicPlatform],
  ] as const)
    if (allowed === false)
      list.push([
        name,
        'false',
        ({ pck }) => ({ ok: pck[name] === false, actual: String(pck[name] ?? 'unknown') }),
      ]);
  return list;
}

function attributeRules(policy: TdxPolicy): Rule[] {
  const list: Rule[] = [];
  const bit = (name: string, wanted: boolean, look: (body: TdReportBody) => boolean): void => {
    list.push([
      `tdAttributes.${name}`,
      String(wanted),
      ({ body }) => ({ ok: look(body) === wanted, actual: String(look(body)) }),
    ]);
  };
  if (policy.allowDebug !== true)
    bit('debug', false, (body) => tdAttributes(body.tdAttributes).underDebug !== 0);
  if (policy.requireSeptVeDisable === true)
    bit('septVeDisable', true, (body) => tdAttributes(body.tdAttributes).septVeDisable);
  for (const [name, allowed] of [
    ['protectionKeys', policy.allowProtectionKeys],
    ['keyLocker', policy.allowKeyLocker],
    ['perfmon', policy.allowPerfmon],
  ] as const)
    if (allowed === false) bit(name, false, (body) => tdAttributes(body.tdAttributes)[name]);
  for (const name of ['tdAttributes', 'xfam'] as const) {
    const text = policy[name];
    if (text === undefined) continue;
    const wanted = readHex(text, 8, name);
    list.push(oneOf(name, [wanted], ({ body }) => memoryOrder(body[name])));
  }
  if (policy.xfamAllowed !== undefined) {
    const allowed = new DataView(readHex(policy.xfamAllowed, 8, 'xfamAllowed').buffer).getBigUint64(0, true);
    list.push([
      'xfamAllowed',
      `within ${policy.xfamAllowed}`,
      ({ body }) => ({ ok: (body.xfam & ~allowed) === 0n, actual: encodeHex(memoryOrder(body.xfam)) }),
    ]);
  }
  return list;
}

function registerRules(policy: TdxPolicy): Rule[] {
  const list: Rule[] = [];
  for (const [name, option] of REGISTERS) {
    const values = policy[option]?.map((text) => readHex(text, 48, option));
    if (values !== undefined) list.push(oneOf(name, values, ({ body }) => body[name]));
  }
  if (policy.reportData !== undefined)
    list.push(
      oneOf('reportData', [readHex(policy.reportData, 64, 'reportData')], ({ body }) => body.reportData),
    );
  const services = (policy.mrServiceTds ?? ['00'.repeat(48)]).map((text) =>
    readHex(text, 48, 'mrServiceTds'),
  );
  const service = oneOf('mrServiceTd', services, ({ body }) => body.mrServiceTd ?? new Uint8Array(48));
  // A TD 1.0 body has no place to say that a service TD is bound.
  list.push([
    service[0],
    service[1],
    (quote) => (quote.body.mrServiceTd === undefined ? { ok: true, actual: 'none' } : service[2](quote)),
  ]);
  return list;
}

function versionRules(policy: TdxPolicy): Rule[] {
  const list: Rule[] = [];
  if (policy.minTeeTcbSvn !== undefined) {
    const least = readHex(policy.minTeeTcbSvn, 16, 'minTeeTcbSvn');
    list.push([
      'teeTcbSvn',
      `at least ${encodeHex(least)}, byte by byte`,
      ({ body }) => ({
        ok: least.every((svn, index) => (body.teeTcbSvn[index] ?? 0) >= svn),
        actual: encodeHex(body.teeTcbSvn),
      }),
    ]);
  }
  if (policy.minQeSvn !== undefined)
    list.push(atLeast('qeSvn', policy.minQeSvn, ({ qeReport }) => qeReport.isvSvn));
  if (policy.minPceSvn !== undefined) list.push(atLeast('pceSvn', policy.minPceSvn, ({ pck }) => pck.pceSvn));
  return list;
}

function oneOf(name: string, values: readonly Bytes[], look: (quote: AppraisedQuote) => Uint8Array): Rule {
  return [
    name,
    values.length === 0 ? 'nothing' : values.map(encodeHex).join(' or '),
    (quote) => {
      const actual = look(quote);
      // Every value is compared, so that the time does not tell which one it was.
      const hits = values.filter((value) => equalBytes(value, actual));
      return { ok: hits.length > 0, actual: encodeHex(actual) };
    },
  ];
}

function atLeast(name: string, least: number, look: (quote: AppraisedQuote) => number): Rule {
  if (!Number.isSafeInteger(least) || least < 0) throw new TypeError(`the least ${name} is a whole number`);
  return [
    name,
    `at least ${least}`,
    (quote) => {
      const actual = look(quote);
      return {
        ok: actual >= least,
        actual: actual >= least ? String(actual) : `${actual}, ${least - actual} too low`,
      };
    },
  ];
}

/** Whether a moment plus the seconds of grace has not passed; never without grace. */
function grace(seconds: number | undefined, at: Date | undefined, name: string): (from: number) => boolean {
  if (seconds === undefined) return () => false;
  const now = at?.getTime();
  if (!Number.isSafeInteger(seconds) || seconds < 0)
    throw new TypeError(`${name} is a whole number of seconds`);
  if (now === undefined || Number.isNaN(now)) throw new TypeError(`${name} needs the time as \`at\``);
  return (from) => now <= from + seconds * 1000;
}

/** The older of the dates of platform and module. */
function tcbDate({ tcbDate: platform, module }: AppraisedQuote['tcb']): number {
  const dates = [platform, module?.tcbDate].filter((date) => date !== undefined);
  return Math.min(...dates.map(millisecondsOf));
}

function readHex(text: string, size: number, name: string): Bytes {
  try {
    const bytes = decodeHex(text);
    if (bytes.byteLength === size) return bytes;
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
  }
  throw new TypeError(`${name} takes ${size} bytes in hex`);
}

const OUT_OF_DATE: ReadonlySet<string> = new Set(['OutOfDate', 'OutOfDateConfigurationNeeded']);
const REGISTERS = [
  ['mrTd', 'mrTds'],
  ['mrSeam', 'mrSeams'],
  ['mrConfigId', 'mrConfigIds'],
  ['mrOwner', 'mrOwners'],
  ['mrOwnerConfig', 'mrOwnerConfigs'],
  ['rtmr0', 'rtmr0s'],
  ['rtmr1', 'rtmr1s'],
  ['rtmr2', 'rtmr2s'],
  ['rtmr3', 'rtmr3s'],
] as const;
