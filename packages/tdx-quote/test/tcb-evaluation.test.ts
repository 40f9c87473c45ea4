/** TCB evaluation against the rules of the specification, written out once more without regard to anything else. */
import type { JsonObject, JsonValue } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import type { PckFacts, TcbStatus, TdReportBody } from '../src/index.js';
import { TdxQuoteError } from '../src/index.js';
import { checkQe, readQeIdentity } from '../src/qe-identity.js';
import type { SgxReportBody } from '../src/sgx-report-body.js';
import { evaluateTcb } from '../src/tcb-evaluation.js';
import { readTcbInfo } from '../src/tcb-info.js';
import { checkTdxModule } from '../src/tdx-module.js';
import { randomOf } from './mutate.fixture.js';

interface Level {
  readonly sgx: readonly number[];
  readonly pceSvn: number;
  readonly tdx: readonly number[];
  readonly status: TcbStatus;
  readonly advisories: readonly string[];
}
interface Isv {
  readonly svn: number;
  readonly status: TcbStatus;
  readonly advisories: readonly string[];
}
interface Platform {
  readonly tee: 'tdx' | 'sgx';
  readonly components: readonly number[];
  readonly pceSvn: number;
  readonly svn: readonly number[];
  readonly svn2: readonly number[] | undefined;
  readonly qeSvn: number;
}
interface World {
  readonly levels: readonly Level[];
  readonly modules: readonly { readonly id: string; readonly levels: readonly Isv[] }[];
  readonly qe: readonly Isv[];
  readonly platform: Platform;
}

const PUBLISHED = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const;
const FINE: ReadonlySet<string> = new Set(PUBLISHED.slice(0, 4));

/** The rules of section 3.1, one after the other. */
function evaluate({ levels, modules, qe, platform }: World): JsonObject | string {
  const { svn2, tee } = platform;
  const [minor = 0, major = 0] = platform.svn;
  const sorted = [...levels].sort(
    (a, b) => compare(b.sgx, a.sgx) || b.pceSvn - a.pceSvn || compare(b.tdx, a.tdx),
  );
  const matching = sorted.filter(
    (level) =>
      level.sgx.every((least, at) => (platform.components[at] ?? 0) >= least) &&
      platform.pceSvn >= level.pceSvn,
  );
  const identity = (version: number) =>
    modules.find(({ id }) => id.toLowerCase() === `tdx_${version.toString(16).padStart(2, '0')}`);
  const own = major === 0 ? undefined : identity(major);
  if (tee === 'tdx' && major !== 0 && own === undefined) return 'TDX_MODULE_IDENTITY_NOT_FOUND';
  const qeLevel = highest(qe, platform.qeSvn);
  if (qeLevel === undefined) return 'QE_TCB_NOT_SUPPORTED';
  const sgx = matching[0];
  if (sgx === undefined) return 'TCB_NOT_SUPPORTED';
  if (tee === 'sgx')
    return { status: merge(sgx.status, qeLevel.status), advisoryIds: union(sgx, undefined, qeLevel) };
  const tdx = matching.find((level) =>
    level.tdx.every((least, at) => (major !== 0 && at < 2) || (platform.svn[at] ?? 0) >= least),
  );
  if (tdx === undefined) return 'TCB_NOT_SUPPORTED';
  const module = own && highest(own.levels, minor);
  if (own !== undefined && module === undefined) return 'TDX_MODULE_TCB_NOT_SUPPORTED';
  let status = merge(tdx.status, module?.status ?? 'UpToDate');
  if (
    svn2 !== undefined &&
    (status === 'OutOfDate' || status === 'OutOfDateConfigurationNeeded') &&
    FINE.has(sgx.status) &&
    module?.status === 'OutOfDate' &&
    qeLevel.status !== 'OutOfDate' &&
    qeLevel.status !== 'Revoked'
  ) {
    const [newest] = sorted;
    const [svn = 0, version = 0, loader = 0] = svn2;
    const running = version === 0 ? undefined : identity(version);
    if (version !== 0 && running === undefined) return 'TDX_MODULE_IDENTITY_NOT_FOUND';
    const least =
      running === undefined ? newest?.tdx[0] : Math.max(...running.levels.map((level) => level.svn));
    if (svn >= (least ?? 0) && loader >= (newest?.tdx[2] ?? 0))
      status =
        /Configuration/.test(sgx.status) || /Configuration/.test(status)
          ? 'TDRelaunchAdvisedConfigurationNeeded'
          : 'TDRelaunchAdvised';
  }
  return { status: merge(status, qeLevel.status), advisoryIds: union(tdx, module, qeLevel) };
}

function merge(status: TcbStatus, part: TcbStatus): TcbStatus {
  if (status === 'Revoked' || part === 'Revoked') return 'Revoked';
  if (part !== 'OutOfDate') return status;
  const worse: Partial<Record<TcbStatus, TcbStatus>> = {
    UpToDate: 'OutOfDate',
    SWHardeningNeeded: 'OutOfDate',
    ConfigurationNeeded: 'OutOfDateConfigurationNeeded',
    ConfigurationAndSWHardeningNeeded: 'OutOfDateConfigurationNeeded',
  };
  return worse[status] ?? status;
}

function highest(levels: readonly Isv[], svn: number): Isv | undefined {
  return [...levels].sort((a, b) => b.svn - a.svn).find((level) => level.svn <= svn);
}

function union(...levels: readonly ({ readonly advisories: readonly string[] } | undefined)[]): string[] {
  return [...new Set(levels.flatMap((level) => level?.advisories ?? []))];
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

/** What the package makes of the same. */
function found({ levels, modules, qe, platform }: World): JsonObject | string {
  const { tee, svn, svn2 } = platform;
  const head = {
    issueDate: '2025-01-01T00:00:00Z',
    nextUpdate: '2025-02-01T00:00:00Z',
    tcbEvaluationDataNumber: 1,
  };
  const standing = ({ status, advisories }: Omit<Isv, 'svn'>) => ({
    tcbDate: '2024-01-01T00:00:00Z',
    tcbStatus: status,
    ...(advisories.length > 0 && { advisoryIDs: [...advisories] }),
  });
  const isv = (list: readonly Isv[]): JsonValue[] =>
    list.map((level) => ({ tcb: { isvsvn: level.svn }, ...standing(level) }));
  const components = (list: readonly number[]): JsonValue[] => list.map((each) => ({ svn: each }));
  const module = { mrsigner: '00'.repeat(48), attributes: '00'.repeat(8), attributesMask: 'FF'.repeat(8) };
  const info = readTcbInfo({
    ...head,
    id: tee.toUpperCase(),
    version: 3,
    fmspc: '00'.repeat(6),
    pceId: '0000',
    tdxModule: module,
    tdxModuleIdentities: modules.map(({ id, levels: list }) => ({ id, ...module, tcbLevels: isv(list) })),
    tcbLevels: levels.map((level) => ({
      tcb: {
        sgxtcbcomponents: components(level.sgx),
        pcesvn: level.pceSvn,
        ...(tee === 'tdx' && { tdxtcbcomponents: components(level.tdx) }),
      },
      ...standing(level),
    })),
  });
  const identity = readQeIdentity({
    ...head,
    id: 'TD_QE',
    version: 2,
    miscselect: '00'.repeat(4),
    miscselectMask: '00'.repeat(4),
    attributes: '00'.repeat(16),
    attributesMask: '00'.repeat(16),
    mrsigner: '00'.repeat(32),
    isvprodid: 1,
    tcbLevels: isv(qe),
  });
  const report = {
    mrSigner: new Uint8Array(32),
    isvProdId: 1,
    isvSvn: platform.qeSvn,
    raw: new Uint8Array(384),
  };
  const body = {
    teeTcbSvn: Uint8Array.from(svn),
    teeTcbSvn2: svn2 && Uint8Array.from(svn2),
    mrSignerSeam: new Uint8Array(48),
    seamAttributes: 0n,
  } as TdReportBody;
  const pck = { componentSvns: platform.components, pceSvn: platform.pceSvn } as PckFacts;
  try {
    const td = tee === 'tdx' ? body : undefined;
    const own = td && checkTdxModule(td, info);
    const level = checkQe(report as SgxReportBody, identity);
    const enclave = { qeLevels: identity.levels, qeSvn: platform.qeSvn };
    const { status, advisoryIds, shortfalls } = evaluateTcb(
      { pck, body: td, module: own, qe: level, ...enclave },
      info,
    );
    for (const { actual, needed } of shortfalls) expect(actual).toBeLessThan(needed);
    return { status, advisoryIds: [...advisoryIds] };
  } catch (error) {
    if (!(error instanceof TdxQuoteError)) throw error;
    return error.code.slice('ERR_TDX_'.length);
  }
}

/** Few versions and small numbers, so that all of them meet. */
function worldOf(random: (most: number) => number): World {
  const status = (): TcbStatus => PUBLISHED[random(8) % 7] ?? 'UpToDate';
  const advisories = (): string[] => Array.from({ length: random(3) }, () => `INTEL-SA-${random(4)}`);
  const components = (): number[] => [random(3), random(2), random(3), ...Array<number>(13).fill(0)];
  const isv = (most: number): Isv[] =>
    [0, 1, 2, 3]
      .filter(() => random(3) > 0)
      .sort(() => random(3) - 1)
      .slice(0, most)
      .map((svn) => ({
        svn,
        status: (['UpToDate', 'OutOfDate', 'Revoked'] as const)[random(5) % 3] ?? 'UpToDate',
        advisories: advisories(),
      }));
  const tee = random(6) === 0 ? 'sgx' : 'tdx';
  const levels = Array.from({ length: random(5) }, () => ({
    sgx: components(),
    pceSvn: random(3),
    tdx: tee === 'tdx' ? components() : [],
    status: status(),
    advisories: advisories(),
  }));
  return {
    // Levels that are the same in every version would leave their order open.
    levels: levels.filter(
      (level, at) =>
        levels.findIndex(
          (other) =>
            compare(other.sgx, level.sgx) === 0 &&
            other.pceSvn === level.pceSvn &&
            compare(other.tdx, level.tdx) === 0,
        ) === at,
    ),
    modules: ['TDX_01', 'tdx_02', 'TDX_0a'].filter(() => random(4) > 0).map((id) => ({ id, levels: isv(4) })),
    qe: isv(3),
    platform: {
      tee,
      components: [2, random(3), 2, ...Array<number>(13).fill(0)],
      pceSvn: random(4),
      svn: [random(4), [0, 1, 1, 2, 10][random(5)] ?? 0, random(3), ...Array<number>(13).fill(0)],
      svn2:
        random(2) === 0
          ? undefined
          : [random(4), [0, 1, 2, 10][random(4)] ?? 0, random(4), ...Array<number>(13).fill(0)],
      qeSvn: random(4),
    },
  };
}

describe('TCB evaluation', () => {
  it('agrees with the rules written out, in worlds of every kind', () => {
    const random = randomOf(11);
    const seen = new Map<string, number>();
    for (let turn = 0; turn < 10_000; turn += 1) {
      const world = worldOf(random);
      const wanted = evaluate(world);
      // An identity without levels has no newest one to compare with.
      if (world.modules.some(({ levels }) => levels.length === 0)) continue;
      if (JSON.stringify(found(world)) !== JSON.stringify(wanted))
        expect([world, found(world)]).toEqual([world, wanted]);
      const name = typeof wanted === 'string' ? wanted : String(wanted['status']);
      seen.set(name, (seen.get(name) ?? 0) + 1);
    }
    const kinds = [...PUBLISHED, 'TDRelaunchAdvised', 'TDRelaunchAdvisedConfigurationNeeded'];
    const refusals = ['TCB_NOT_SUPPORTED', 'QE_TCB_NOT_SUPPORTED', 'TDX_MODULE_TCB_NOT_SUPPORTED'];
    for (const name of [...kinds, ...refusals, 'TDX_MODULE_IDENTITY_NOT_FOUND'])
      expect([name, (seen.get(name) ?? 0) > 10]).toEqual([name, true]);
  });
});
