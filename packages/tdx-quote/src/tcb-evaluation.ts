/**
 * TCB evaluation: which level of the TCB info a platform reaches, and what that makes of it together with its module and its
 * quoting enclave.
 *
 * @module
 */
import { TdxQuoteError } from './errors.js';
import type { PckFacts } from './pck.js';
import type {
  IsvLevel,
  TcbComponent,
  TcbInfo,
  TcbLevel,
  TcbStanding,
  TdxModuleIdentity,
} from './tcb-info.js';
import { isCurrent, isOutOfDate, mergeTcbStatus, needsConfiguration, type TcbStatus } from './tcb-status.js';
import type { TdReportBody } from './td-report-body.js';
import { findTdxModuleIdentity, tdxModuleLevel } from './tdx-module.js';

/** A security version that is below that of a better level. */
export interface TcbShortfall {
  /** Of what: an SGX component, the PCE, a TDX component, the TDX module, or the quoting enclave. */
  readonly part: 'sgx' | 'pce' | 'tdx' | 'tdx-module' | 'qe';
  /** Which of the 16 components; `undefined` for the other parts. */
  readonly component: number | undefined;
  /** What the component is, where the TCB info says so. */
  readonly name: string | undefined;
  /** What the platform has. */
  readonly actual: number;
  /** What it would need. */
  readonly needed: number;
}

/** How up to date the platform of a quote is. */
export interface QuoteTcb {
  /** The merged status. */
  readonly status: TcbStatus;
  /** Advisories of platform, module and quoting enclave, in this order, without duplicates. */
  readonly advisoryIds: readonly string[];
  /** Date of the platform's level, RFC 3339 in UTC. */
  readonly tcbDate: string;
  /** The level that the SGX components and the PCE reach. */
  readonly sgx: TcbStanding;
  /** The level that the TDX components reach as well; `undefined` for SGX. */
  readonly tdx: TcbStanding | undefined;
  /** The level of the TDX module; `undefined` for SGX and for modules of major version 0. */
  readonly module: IsvLevel | undefined;
  /** The level of the quoting enclave. */
  readonly qe: IsvLevel;
  /** What keeps the platform from the best level that counts as up to date. Empty when nothing does. */
  readonly shortfalls: readonly TcbShortfall[];
}

/** What is evaluated. */
export interface TcbEvidence {
  /** From the PCK certificate. */
  readonly pck: PckFacts;
  /** Of a TDX quote; `undefined` for SGX. */
  readonly body: TdReportBody | undefined;
  /** Identity of the module; `undefined` for SGX and for modules of major version 0. */
  readonly module: TdxModuleIdentity | undefined;
  /** The level that the quoting enclave reached. */
  readonly qe: IsvLevel;
  /** The levels that quoting enclaves can reach, the highest first. */
  readonly qeLevels: readonly IsvLevel[];
  /** Security version of the quoting enclave. */
  readonly qeSvn: number;
}

/**
 * Evaluate.
 *
 * @param evidence - what the platform has
 * @param info - what counts as what
 */
export function evaluateTcb(evidence: TcbEvidence, info: TcbInfo): QuoteTcb {
  const { pck, body, qe } = evidence;
  const reached = info.levels.filter((level) => meetsSgx(pck, level));
  const sgx = reached[0];
  const tdx = body === undefined ? sgx : reached.find((level) => tdxShortfalls(body, level).length === 0);
  if (sgx === undefined || tdx === undefined) throw notSupported(evidence, info);
  const module = body === undefined ? undefined : tdxModuleLevel(body, evidence.module);
  let status = body === undefined ? sgx.status : mergeTcbStatus(tdx.status, module?.status ?? 'UpToDate');
  if (body !== undefined) status = adviseRelaunch(status, sgx.status, module, qe, body, info);
  status = mergeTcbStatus(status, qe.status);
  const levels = [tdx, module, qe];
  return {
    status,
    advisoryIds: [...new Set(levels.flatMap((level) => level?.advisoryIds ?? []))],
    tcbDate: tdx.tcbDate,
    sgx: standing(sgx),
    tdx: body === undefined ? undefined : standing(tdx),
    module,
    qe,
    shortfalls: status === 'UpToDate' ? [] : shortfallsOf(evidence, info),
  };
}

/** Whether a TD that is out of date only because it was launched under an older module would be well after a relaunch. */
function adviseRelaunch(
  status: TcbStatus,
  sgx: TcbStatus,
  module: IsvLevel | undefined,
  qe: IsvLevel,
  { teeTcbSvn2 }: TdReportBody,
  info: TcbInfo,
): TcbStatus {
  const newest = info.levels[0];
  if (
    teeTcbSvn2 === undefined ||
    newest === undefined ||
    !isOutOfDate(status) ||
    !isCurrent(sgx) ||
    module?.status !== 'OutOfDate' ||
    qe.status === 'OutOfDate' ||
    qe.status === 'Revoked'
  )
    return status;
  const [svn = 0, version = 0, loader = 0] = teeTcbSvn2;
  const least = version === 0 ? newest.tdx[0]?.svn : findTdxModuleIdentity(info, version).levels[0]?.isvSvn;
  if (svn < (least ?? Number.POSITIVE_INFINITY) || loader < (newest.tdx[2]?.svn ?? 0)) return status;
  return needsConfiguration(sgx) || needsConfiguration(status)
    ? 'TDRelaunchAdvisedConfigurationNeeded'
    : 'TDRelaunchAdvised';
}

function meetsSgx(pck: PckFacts, level: TcbLevel): boolean {
  return (
    pck.pceSvn >= level.pceSvn && level.sgx.every(({ svn }, index) => (pck.componentSvns[index] ?? 0) >= svn)
  );
}

/** With a module of its own identity, components 0 and 1 are judged through that. */
function tdxShortfalls({ teeTcbSvn }: TdReportBody, level: TcbLevel): TcbShortfall[] {
  const from = teeTcbSvn[1] === 0 ? 0 : 2;
  return componentShortfalls('tdx', teeTcbSvn, level.tdx).filter(({ component = 0 }) => component >= from);
}

function shortfallsOf({ pck, body, module, qeLevels, qeSvn }: TcbEvidence, info: TcbInfo): TcbShortfall[] {
  const best = bestOf(info.levels);
  return [
    ...(best === undefined ? [] : platformShortfalls(pck, body, best)),
    ...lacking('tdx-module', body?.teeTcbSvn[0] ?? 0, bestOf(module?.levels ?? [])?.isvSvn),
    ...lacking('qe', qeSvn, bestOf(qeLevels)?.isvSvn),
  ];
}

/** The highest level that counts as up to date, else the highest. */
function bestOf<Level extends TcbStanding>(levels: readonly Level[]): Level | undefined {
  return levels.find(({ status }) => status === 'UpToDate') ?? levels[0];
}

function platformShortfalls(pck: PckFacts, body: TdReportBody | undefined, level: TcbLevel): TcbShortfall[] {
  return [
    ...componentShortfalls('sgx', pck.componentSvns, level.sgx),
    ...lacking('pce', pck.pceSvn, level.pceSvn),
    ...(body === undefined ? [] : tdxShortfalls(body, level)),
  ];
}

function componentShortfalls(
  part: 'sgx' | 'tdx',
  actual: ArrayLike<number>,
  needed: readonly TcbComponent[],
): TcbShortfall[] {
  return needed.flatMap(({ svn, name }, component) =>
    lacking(part, actual[component] ?? 0, svn, component, name),
  );
}

function lacking(
  part: TcbShortfall['part'],
  actual: number,
  needed = 0,
  component?: number,
  name?: string,
): TcbShortfall[] {
  return actual < needed ? [{ part, component, name, actual, needed }] : [];
}

/** Say which component is too low for the lowest level. */
function notSupported({ pck, body }: TcbEvidence, info: TcbInfo): TdxQuoteError {
  const lowest = info.levels.at(-1);
  const faults = lowest === undefined ? [] : platformShortfalls(pck, body, lowest).map(describeShortfall);
  const why = faults.length === 0 ? 'the TCB info has no level' : faults.join('; ');
  return new TdxQuoteError('ERR_TDX_TCB_NOT_SUPPORTED', `the platform reaches no level: ${why}`);
}

/** One shortfall in words, such as `SGX component 3 (BIOS) is 2, 1 below 3`. */
export function describeShortfall({ part, component, name, actual, needed }: TcbShortfall): string {
  const which = component === undefined ? PARTS[part] : `${PARTS[part]} component ${component}`;
  const called = name === undefined ? which : `${which} (${name})`;
  return `${called} is ${actual}, ${needed - actual} below ${needed}`;
}

function standing({ status, tcbDate, advisoryIds }: TcbStanding): TcbStanding {
  return { status, tcbDate, advisoryIds };
}

const PARTS = {
  sgx: 'SGX',
  pce: 'PCE',
  tdx: 'TDX',
  'tdx-module': 'TDX module',
  qe: 'quoting enclave',
} as const;
