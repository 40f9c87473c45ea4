/**
 * What the bits of attributes mean: of trust domains, of enclaves, and of the processor features that either may use.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';

/** Attributes of a trust domain (TDX module specification, TD_ATTRIBUTES). */
export interface TdAttributes {
  /** Bits 7 to 0, the group "TD under debug". Any of them means that the host can look inside. */
  readonly underDebug: number;
  /** Bit 0: the host may debug the TD. */
  readonly debug: boolean;
  /** Bit 28: a pending page gives no exception that the host could use to confuse the guest. */
  readonly septVeDisable: boolean;
  /** Bit 30: supervisor protection keys. */
  readonly protectionKeys: boolean;
  /** Bit 31: key locker. */
  readonly keyLocker: boolean;
  /** Bit 63: performance monitoring. */
  readonly perfmon: boolean;
  /** The bits that have no name here, in place. */
  readonly unknown: bigint;
}

/**
 * Name the attributes of a trust domain.
 *
 * @param bits - `TDATTRIBUTES`
 */
export function tdAttributes(bits: bigint): TdAttributes {
  const bit = (at: bigint): boolean => ((bits >> at) & 1n) === 1n;
  return {
    underDebug: Number(bits & 0xffn),
    debug: bit(0n),
    septVeDisable: bit(28n),
    protectionKeys: bit(30n),
    keyLocker: bit(31n),
    perfmon: bit(63n),
    unknown: bits & ~TD_KNOWN & ALL,
  };
}

/** Attributes of an enclave (SGX, ATTRIBUTES.FLAGS). */
export interface SgxAttributes {
  /** Bit 0: the enclave was initialised. */
  readonly initialised: boolean;
  /** Bit 1: the host may look inside. */
  readonly debug: boolean;
  /** Bit 2: 64-bit mode. */
  readonly mode64: boolean;
  /** Bit 4: may use the provisioning key. */
  readonly provisionKey: boolean;
  /** Bit 5: may use the launch token key. */
  readonly launchTokenKey: boolean;
  /** Bit 6: control-flow enforcement. */
  readonly cet: boolean;
  /** Bit 7: key separation and sharing. */
  readonly keySeparation: boolean;
  /** Bit 10: is told of asynchronous exits. */
  readonly exitNotify: boolean;
}

/**
 * Name the attributes of an enclave.
 *
 * @param flags - `ATTRIBUTES.FLAGS`
 */
export function sgxAttributes(flags: bigint): SgxAttributes {
  const bit = (at: bigint): boolean => ((flags >> at) & 1n) === 1n;
  return {
    initialised: bit(0n),
    debug: bit(1n),
    mode64: bit(2n),
    provisionKey: bit(4n),
    launchTokenKey: bit(5n),
    cet: bit(6n),
    keySeparation: bit(7n),
    exitNotify: bit(10n),
  };
}

/**
 * Name the processor features of a mask, as `XFAM` and `XFRM` have it (layout of XCR0 and IA32_XSS).
 *
 * @param bits - the mask
 * @returns lower-case names from the lowest bit up; `bit 24` for one without a name here
 */
export function xfamFeatures(bits: bigint): string[] {
  const names: string[] = [];
  for (let at = 0; at < 64; at += 1)
    if (((bits >> BigInt(at)) & 1n) === 1n) names.push(FEATURES[at] ?? `bit ${at}`);
  return names;
}

/** The eight bytes of a mask in memory order. */
export function memoryOrder(bits: bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, bits, true);
  return bytes;
}

const ALL = 0xffff_ffff_ffff_ffffn;
const TD_KNOWN = 0xffn | (1n << 28n) | (1n << 30n) | (1n << 31n) | (1n << 63n);
const FEATURES: readonly string[] = [
  'x87',
  'sse',
  'avx',
  'mpx-bounds',
  'mpx-config',
  'avx512-opmask',
  'avx512-high256',
  'avx512-high16',
  'processor-trace',
  'user-protection-keys',
  'pasid',
  'cet-user',
  'cet-supervisor',
  'hardware-duty-cycling',
  'user-interrupts',
  'last-branch-records',
  'hardware-p-states',
  'amx-tile-config',
  'amx-tile-data',
  'apx',
];
