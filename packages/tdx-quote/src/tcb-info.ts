/**
 * TCB info, version 3: which security versions of a platform count as what (Intel provisioning certification service, version 4).
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { isJsonObject, type JsonValue } from '@sealwright/json';
import { type DocumentHead, readHead } from './document.js';
import type { Members } from './members.js';
import { isPublishedStatus, type TcbStatus } from './tcb-status.js';

/** What a level says of those who reach it. */
export interface TcbStanding {
  /** The status. */
  readonly status: TcbStatus;
  /** Since when, RFC 3339 in UTC. */
  readonly tcbDate: string;
  /** Advisories that apply. */
  readonly advisoryIds: readonly string[];
}

/** A level of a platform. */
export interface TcbLevel extends TcbStanding {
  /** 16 security versions, and what they are of. */
  readonly sgx: readonly TcbComponent[];
  /** Security version of the provisioning certification enclave. */
  readonly pceSvn: number;
  /** 16 security versions; empty in TCB info for SGX. */
  readonly tdx: readonly TcbComponent[];
}

/** A security version of a level. */
export interface TcbComponent {
  /** The least. */
  readonly svn: number;
  /** What it is of, such as `BIOS: Early Microcode Update`; `undefined` where the document does not say. */
  readonly name: string | undefined;
}

/** A level of an enclave or a TDX module. */
export interface IsvLevel extends TcbStanding {
  /** The least security version. */
  readonly isvSvn: number;
}

/** Who signed a TDX module, and with which attributes. */
export interface TdxModule {
  /** 48 bytes. */
  readonly mrSigner: Bytes;
  /** 8 bytes in memory order. */
  readonly attributes: Bytes;
  /** 8 bytes in memory order. */
  readonly attributesMask: Bytes;
}

/** A major version of the TDX module. */
export interface TdxModuleIdentity extends TdxModule {
  /** `TDX_` and two hexadecimal digits of the major version. */
  readonly id: string;
  /** Its levels, the highest first. */
  readonly levels: readonly IsvLevel[];
}

/** Decoded TCB info. */
export interface TcbInfo extends DocumentHead {
  /** 6 bytes that name the platforms it is for. */
  readonly fmspc: Bytes;
  /** 2 bytes that name the provisioning certification enclave. */
  readonly pceId: Bytes;
  /** What a module of major version 0 must be. */
  readonly tdxModule: TdxModule | undefined;
  /** What later modules must be. */
  readonly tdxModuleIdentities: readonly TdxModuleIdentity[];
  /** The levels, the highest first. */
  readonly levels: readonly TcbLevel[];
}

/** Read TCB info whose signature has been checked. */
export function readTcbInfo(value: JsonValue): TcbInfo {
  const { members, head } = readHead(value, 'TCB_INFO', 3);
  const isTdx = head.id === 'TDX';
  return {
    ...head,
    fmspc: members.hex('fmspc', 6),
    pceId: members.hex('pceId', 2),
    tdxModule:
      isTdx && members.get('tdxModule') !== undefined ? readModule(members.object('tdxModule')) : undefined,
    tdxModuleIdentities:
      isTdx && members.get('tdxModuleIdentities') !== undefined
        ? members.list('tdxModuleIdentities', 256).map(readIdentity)
        : [],
    levels: members
      .list('tcbLevels', 1024)
      .map((level) => readLevel(level, isTdx))
      .sort(byLevel),
  };
}

/** Read the levels of an enclave or module, the highest first. */
export function readIsvLevels(members: Members): IsvLevel[] {
  return members
    .list('tcbLevels', 1024)
    .map((level) => ({ isvSvn: level.object('tcb').integer('isvsvn', 0xffff), ...readStanding(level) }))
    .sort((a, b) => b.isvSvn - a.isvSvn);
}

function readModule(members: Members): TdxModule {
  return {
    mrSigner: members.hex('mrsigner', 48),
    attributes: members.hex('attributes', 8),
    attributesMask: members.hex('attributesMask', 8),
  };
}

function readIdentity(members: Members): TdxModuleIdentity {
  return { id: members.text('id'), ...readModule(members), levels: readIsvLevels(members) };
}

function readLevel(members: Members, isTdx: boolean): TcbLevel {
  const tcb = members.object('tcb');
  return {
    sgx: readComponents(tcb, 'sgxtcbcomponents'),
    pceSvn: tcb.integer('pcesvn', 0xffff),
    tdx: isTdx ? readComponents(tcb, 'tdxtcbcomponents') : [],
    ...readStanding(members),
  };
}

function readComponents(tcb: Members, name: string): TcbComponent[] {
  const components = tcb
    .items(name, 16)
    .map((value, index) => readComponent(value) ?? tcb.refuse(`${name}/${index}`, 'expected a component'));
  return components.length === 16 ? components : tcb.refuse(name, 'expected 16 components');
}

/** There are hundreds of them, so they are read without ado. */
function readComponent(value: JsonValue): TcbComponent | undefined {
  if (!isJsonObject(value)) return undefined;
  const { svn, category = '', type = '' } = value;
  if (typeof svn !== 'number' || !Number.isInteger(svn) || svn < 0 || svn > 0xff) return undefined;
  if (typeof category !== 'string' || typeof type !== 'string') return undefined;
  const name = category === '' || type === '' ? category + type : `${category}: ${type}`;
  return { svn, name: name === '' ? undefined : name };
}

function readStanding(members: Members): TcbStanding {
  const status = members.text('tcbStatus');
  if (!isPublishedStatus(status)) members.refuse('tcbStatus', 'expected a status that is known');
  return { status, tcbDate: members.moment('tcbDate'), advisoryIds: members.texts('advisoryIDs', 1024) };
}

/** Descending by SGX components, then the PCE, then TDX components: the order of the document means nothing. */
function byLevel(a: TcbLevel, b: TcbLevel): number {
  return byComponents(a.sgx, b.sgx) || b.pceSvn - a.pceSvn || byComponents(a.tdx, b.tdx);
}

function byComponents(a: readonly TcbComponent[], b: readonly TcbComponent[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const difference = (b[index]?.svn ?? 0) - (a[index]?.svn ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
