/**
 * The VMSA page: the registers with which a processor of the guest starts (AMD64 Architecture Programmer's Manual, volume 2,
 * table B-4), as each virtual machine monitor sets them.
 *
 * @module
 */
import type { Bytes } from '@sealwright/bytes';
import { PAGE_BYTES } from './launch-digest.js';

/** The virtual machine monitor that launches a guest. */
export type SnpMonitor = 'qemu' | 'ec2' | 'gce';

/** What a VMSA depends on. */
export interface VmsaInput {
  /** Where the processor starts. */
  readonly start: number;
  /** Who launches the guest. */
  readonly monitor: SnpMonitor;
  /** CPUID(1).EAX; QEMU hands it over in a register. */
  readonly signature: number;
  /** SEV_FEATURES. */
  readonly features: bigint;
}

/** Where the first processor starts. */
export const BOOT_ADDRESS = 0xffff_fff0;

/** Write the page of a processor that firmware starts in real mode. */
export function encodeVmsa({ start, monitor, signature, features }: VmsaInput): Bytes {
  const { bytes, view, segment } = emptyPage();
  const quirks = MONITORS[monitor];
  for (const at of [0x000, 0x030, 0x040, 0x050]) segment(at, 0, 0x93, 0xffff);
  const code = monitor === 'ec2' && start === BOOT_ADDRESS ? 0x9a : 0x9b;
  segment(0x010, 0xf000, code, 0xffff, (start & 0xffff_0000) >>> 0);
  segment(0x020, 0, quirks.stack, 0xffff);
  segment(0x090, 0, quirks.task, 0xffff);
  view.setBigUint64(0x158, 0x10n, true); // CR0
  view.setBigUint64(0x178, BigInt(start & 0xffff), true); // RIP
  view.setBigUint64(0x268, quirks.pat, true); // G_PAT
  view.setBigUint64(0x310, BigInt(monitor === 'qemu' ? signature : 0x600), true); // RDX
  view.setBigUint64(0x3b0, features, true); // SEV_FEATURES
  view.setUint32(0x408, quirks.mxcsr, true);
  view.setUint16(0x410, quirks.fcw, true);
  return bytes;
}

/** Write the page of a processor that an SVSM starts in protected mode. */
export function encodeSvsmVmsa(start: bigint, signature: number): Bytes {
  const { bytes, view, segment } = emptyPage();
  for (const at of [0x000, 0x020, 0x030, 0x040]) segment(at, 0x10, 0xc93, 0xffff_ffff);
  segment(0x010, 0x08, 0xc9b, 0xffff_ffff);
  segment(0x050, 0, 0x93, 0xffff);
  segment(0x090, 0, MONITORS.qemu.task, 0xffff);
  view.setBigUint64(0x158, 0x11n, true); // CR0
  view.setBigUint64(0x178, start, true); // RIP
  view.setBigUint64(0x268, MONITORS.qemu.pat, true); // G_PAT
  view.setBigUint64(0x310, BigInt(signature), true); // RDX
  view.setBigUint64(0x3b0, 1n, true); // SEV_FEATURES
  view.setUint32(0x408, MONITORS.qemu.mxcsr, true);
  return bytes;
}

type Segment = (at: number, selector: number, attributes: number, limit: number, base?: number) => void;

/** A page with what is the same everywhere. */
function emptyPage(): { bytes: Bytes; view: DataView; segment: Segment } {
  const bytes = new Uint8Array(PAGE_BYTES);
  const view = new DataView(bytes.buffer);
  const segment: Segment = (at, selector, attributes, limit, base = 0) => {
    view.setUint16(at, selector, true);
    view.setUint16(at + 0x02, attributes, true);
    view.setUint32(at + 0x04, limit, true);
    view.setBigUint64(at + 0x08, BigInt(base), true);
  };
  segment(0x060, 0, 0, 0xffff); // GDTR
  segment(0x070, 0, 0x82, 0xffff); // LDTR
  segment(0x080, 0, 0, 0xffff); // IDTR
  view.setBigUint64(0x0d0, 0x1000n, true); // EFER
  view.setBigUint64(0x148, 0x40n, true); // CR4
  view.setBigUint64(0x160, 0x400n, true); // DR7
  view.setBigUint64(0x168, 0xffff_0ff0n, true); // DR6
  view.setBigUint64(0x170, 0x2n, true); // RFLAGS
  view.setBigUint64(0x3e8, 0x1n, true); // XCR0
  return { bytes, view, segment };
}

const MONITORS = {
  qemu: { stack: 0x93, task: 0x8b, pat: 0x0007_0406_0007_0406n, mxcsr: 0x1f80, fcw: 0x37f },
  ec2: { stack: 0x92, task: 0x83, pat: 0x0007_0406_0007_0406n, mxcsr: 0, fcw: 0 },
  gce: { stack: 0x93, task: 0x8b, pat: 0x0000_0000_0007_0106n, mxcsr: 0, fcw: 0 },
} as const;
