/**
 * Is a verified quote good enough: every demand of a policy, each with its own answer.
 *
 * @module
 */
import { type Bytes, decodeHex, encodeHex, equalBytes } from '@sealwright/bytes';
import { memoryOrder, tdAttributes } from './attributes.js';
import { millisecondsOf } from './members.js';
import type { TdxPolicy } from './policy.js';
import type { TdQuote } from './quote.js';
import { describeShortfall } from './tcb-evaluation.js';
import { isOutOfDate } from './tcb-status.js';
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
  // Whatever is malformed in a policy shows while this list is made.
  const checks = [...rules({ ...policy })].map(([name, expected, look]): TdxCheck => {
    const [ok, actual] = look(quote);
    return { name, ok, expected, actual };
  });
  const failures = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  return {
    ok: failures.length === 0,
    checks,
    failures: [...failures].sort(),
    shortfalls: quote.tcb.shortfalls.map(describeShortfall),
    advisoryIds: quote.tcb.advisoryIds,
  };
}

type Look = (quote: AppraisedQuote) => readonly [ok: boolean, actual: string];
type Rule = readonly [name: string, expected: string, look: Look];

/** Every demand as a function. */
function* rules(policy: TdxPolicy): Generator<Rule> {
  yield* statusRules(policy);
  yield* flagRules(policy);
  yield* valueRules(policy);
  yield* versionRules(policy);
}

function* statusRules(policy: TdxPolicy): Generator<Rule> {
  const { allowedAdvisoryIds: allowed, minTcbDate } = policy;
  const accepted = [...(policy.acceptedTcbStatuses ?? ['UpToDate' as const])];
  const tcbGrace = graceOf(policy, 'tcbGraceSeconds');
  yield [
    'tcbStatus',
    `one of ${accepted.join(', ')}`,
    ({ tcb }) => [
      accepted.includes(tcb.status) || (isOutOfDate(tcb.status) && tcbGrace(oldestDate(tcb))),
      [tcb.status, ...tcb.shortfalls.map(describeShortfall), ...tcb.advisoryIds].join('; '),
    ],
  ];
  const collateralGrace = graceOf(policy, 'collateralGraceSeconds');
  yield [
    'collateralExpired',
    'current collateral',
    ({ collateral: { expired, earliestExpirationDate: end } }) => [
      !expired || collateralGrace(millisecondsOf(end)),
      expired ? `expired at ${end}` : 'current',
    ],
  ];
  if (allowed !== undefined) {
    const known = new Set(allowed);
    yield [
      'advisoryIds',
      `only ${allowed.join(', ')}`,
      ({ tcb }) => [tcb.advisoryIds.every((id) => known.has(id)), tcb.advisoryIds.join(', ')],
    ];
  }
  if (minTcbDate !== undefined) {
    const oldest = millisecondsOf(minTcbDate);
    if (Number.isNaN(oldest)) throw new TypeError('minTcbDate is a moment such as 2025-03-12T00:00:00Z');
    yield [
      'tcbDate',
      `from ${minTcbDate}`,
      ({ tcb }) => [oldestDate(tcb) >= oldest, datesOf(tcb).join(', module ')],
    ];
  }
}

function* flagRules(policy: TdxPolicy): Generator<Rule> {
  for (const [name, allowed] of [
    ['smtEnabled', policy.allowSmt],
    ['cachedKeys', policy.allowCachedKeys],
    ['dynamicPlatform', policy.allowDynamicPlatform],
  ] as const)
    if (allowed === false) yield flag(name, false, ({ pck }) => pck[name]);
  for (const [name, wanted, isDemanded] of [
    ['debug', false, policy.allowDebug !== true],
    ['septVeDisable', true, policy.requireSeptVeDisable === true],
    ['protectionKeys', false, policy.allowProtectionKeys === false],
    ['keyLocker', false, policy.allowKeyLocker === false],
    ['perfmon', false, policy.allowPerfmon === false],
  ] as const)
    if (isDemanded)
      yield flag(`tdAttributes.${name}`, wanted, ({ body }) => {
        const attributes = tdAttributes(body.tdAttributes);
        return name === 'debug' ? attributes.underDebug !== 0 : attributes[name];
      });
}

function* valueRules(policy: TdxPolicy): Generator<Rule> {
  for (const [name, size, given, option] of valuesOf(policy)) {
    if (given === undefined) continue;
    const values = given.map((text) => readHex(text, size, option));
    yield [
      name,
      values.map(encodeHex).join(' or ') || 'nothing',
      ({ pck, body }) => {
        const found = name === 'fmspc' ? pck.fmspc : body[name];
        // A TD 1.0 body has no place to say that a service TD is bound.
        if (found === undefined) return [true, 'none'];
        const actual = typeof found === 'bigint' ? memoryOrder(found) : found;
        // Every value is compared, so that the time does not tell which one it was.
        return [values.filter((value) => equalBytes(value, actual)).length > 0, encodeHex(actual)];
      },
    ];
  }
  const { xfamAllowed } = policy;
  if (xfamAllowed === undefined) return;
  const allowed = new DataView(readHex(xfamAllowed, 8, 'xfamAllowed').buffer).getBigUint64(0, true);
  yield [
    'xfamAllowed',
    `within ${xfamAllowed}`,
    ({ body: { xfam } }) => [(xfam & ~allowed) === 0n, encodeHex(memoryOrder(xfam))],
  ];
}

type Values = readonly [
  name: (typeof LISTS)[number][0] | (typeof SINGLES)[number][0],
  size: number,
  given: readonly string[] | undefined,
  option: string,
];

/** What is compared, with which values. */
function valuesOf(policy: TdxPolicy): Values[] {
  const all = { ...policy, mrServiceTds: policy.mrServiceTds ?? ['00'.repeat(48)] };
  return [
    ...LISTS.map(([name, size]): Values => [name, size, all[`${name}s`], `${name}s`]),
    ...SINGLES.map(([name, size]): Values => {
      const value = policy[name];
      return [name, size, value === undefined ? undefined : [value], name];
    }),
  ];
}

function* versionRules({ minTeeTcbSvn, ...policy }: TdxPolicy): Generator<Rule> {
  if (minTeeTcbSvn !== undefined) {
    const least = readHex(minTeeTcbSvn, 16, 'minTeeTcbSvn');
    yield [
      'teeTcbSvn',
      `at least ${encodeHex(least)}, byte by byte`,
      ({ body: { teeTcbSvn } }) => [
        least.every((svn, index) => (teeTcbSvn[index] ?? 0) >= svn),
        encodeHex(teeTcbSvn),
      ],
    ];
  }
  for (const [name, least, look] of [
    [
      'tcbEvaluationDataNumber',
      policy.minTcbEvaluationDataNumber,
      ({ collateral }: AppraisedQuote) => collateral.tcbEvaluationDataNumber,
    ],
    ['qeSvn', policy.minQeSvn, ({ qeReport }: AppraisedQuote) => qeReport.isvSvn],
    ['pceSvn', policy.minPceSvn, ({ pck }: AppraisedQuote) => pck.pceSvn],
  ] as const) {
    if (least === undefined) continue;
    mustBeWhole(least, `the least ${name}`);
    yield [
      name,
      `at least ${least}`,
      (quote) => {
        const actual = look(quote);
        return actual >= least ? [true, `${actual}`] : [false, `${actual}, ${least - actual} too low`];
      },
    ];
  }
}

function flag(name: string, wanted: boolean, look: (quote: AppraisedQuote) => boolean | undefined): Rule {
  return [
    name,
    `${wanted}`,
    (quote) => {
      const actual = look(quote);
      return [actual === wanted, `${actual ?? 'unknown'}`];
    },
  ];
}

/** Whether a moment plus the seconds of grace has not passed; never without grace. */
function graceOf(
  { at, ...policy }: TdxPolicy,
  name: 'tcbGraceSeconds' | 'collateralGraceSeconds',
): (from: number) => boolean {
  const seconds = policy[name];
  if (seconds === undefined) return () => false;
  mustBeWhole(seconds, name);
  const now = at?.getTime() ?? Number.NaN;
  if (Number.isNaN(now)) throw new TypeError(`${name} needs the time as \`at\``);
  return (from) => now <= from + seconds * 1000;
}

function mustBeWhole(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`${name} is a whole number`);
}

/** The dates of platform and module. */
function datesOf({ tcbDate, module }: AppraisedQuote['tcb']): string[] {
  return module === undefined ? [tcbDate] : [tcbDate, module.tcbDate];
}

function oldestDate(tcb: AppraisedQuote['tcb']): number {
  return Math.min(...datesOf(tcb).map(millisecondsOf));
}

function readHex(text: string, size: number, name: string): Bytes {
  if (text.length !== 2 * size || !/^[0-9a-f]*$/i.test(text))
    throw new TypeError(`${name} takes ${size} bytes in hex`);
  return decodeHex(text);
}

/** What is compared with any of several values, and its size in bytes. The option has its name in the plural. */
const LISTS = [
  ['fmspc', 6],
  ['mrTd', 48],
  ['mrSeam', 48],
  ['mrConfigId', 48],
  ['mrOwner', 48],
  ['mrOwnerConfig', 48],
  ['rtmr0', 48],
  ['rtmr1', 48],
  ['rtmr2', 48],
  ['rtmr3', 48],
  ['mrServiceTd', 48],
] as const;
/** What is compared with one value. */
const SINGLES = [
  ['tdAttributes', 8],
  ['xfam', 8],
  ['reportData', 64],
] as const;
