/**
 * The digest with which the firmware of the processor vouches for what a guest was launched from (publication 56860, section 8.17).
 *
 * @module
 */
import { type Bytes, concatBytes } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { SnpReportError } from '../errors.js';
import { type FirmwareImage, type MetadataSection, readFirmware } from './firmware.js';
import { encodeKernelHashes, KERNEL_HASHES_BYTES, type SnpKernel } from './kernel-hashes.js';
import { LaunchDigest, PAGE, PAGE_BYTES } from './launch-digest.js';
import { BOOT_ADDRESS, encodeSvsmVmsa, encodeVmsa, type SnpMonitor } from './vmsa.js';

/** What a guest is launched from. */
export interface SnpLaunch {
  /** The firmware image. With `firmwareHash` its last pages suffice: only what it says about itself is read. */
  readonly firmware: Uint8Array;
  /** From {@link measureSnpFirmware}, instead of measuring the image again. */
  readonly firmwareHash?: Uint8Array;
  /** How many processors, 1 to 4096. */
  readonly vcpus: number;
  /** CPUID(1).EAX of a processor, from `snpVcpuSignature`. Matters for QEMU only. */
  readonly vcpuSignature?: number;
  /** Who launches the guest. Default `qemu`. */
  readonly monitor?: SnpMonitor;
  /** SEV_FEATURES. Default 1; 0x21 where the host's kernel turns debug swap on, the usual cause of a measurement that differs. */
  readonly guestFeatures?: bigint;
  /** What is booted directly, when something is. */
  readonly kernel?: SnpKernel;
  /** An SVSM below the firmware. */
  readonly svsm?: {
    /** Its image. */
    readonly image: Uint8Array;
    /** Size of the variable store between it and the firmware, in bytes. */
    readonly variableStore: number;
  };
}

/**
 * Compute the measurement of a guest.
 *
 * @param launch - what it is launched from
 * @returns 48 bytes, to compare with `measurement` of a report
 * @throws `SnpReportError` `ERR_SNP_FIRMWARE_MALFORMED`, `ERR_SNP_UNKNOWN_METADATA_SECTION`, `ERR_SNP_KERNEL_HASHES_UNSUPPORTED` or
 *   `ERR_SNP_RESET_BLOCK_MISSING`.
 *
 * @example
 * ```ts
 * const vcpuSignature = snpVcpuSignature('EPYC-Milan');
 * const measurement = measureSnpLaunch({ firmware, vcpus: 2, vcpuSignature, kernel: { kernel, initrd, commandLine } });
 * console.log(measurement.length);
 * ```
 */
export function measureSnpLaunch(launch: SnpLaunch): Bytes {
  const { firmware: bytes, firmwareHash, kernel, monitor = 'qemu', svsm } = launch;
  mustBeCount(launch.vcpus);
  const firmware = readFirmware(bytes);
  if (firmwareHash !== undefined && firmwareHash.byteLength !== 48)
    throw new TypeError('a firmware hash has 48 bytes');
  const state = new LaunchDigest(firmwareHash ?? measureSnpFirmware(bytes));
  if (svsm !== undefined) {
    if (kernel !== undefined || monitor !== 'qemu')
      throw new TypeError('an SVSM is launched by QEMU and boots no kernel directly');
    return measureSvsm(state, launch, firmware, svsm);
  }
  if (kernel !== undefined && !firmware.sections.some(({ type }) => type === SECTION.kernelHashes))
    throw unsupported();
  for (const section of firmware.sections) measureSection(state, section, firmware, launch);
  if (monitor === 'ec2')
    for (const { type, address } of firmware.sections)
      if (type === SECTION.cpuid) state.pages(PAGE.cpuid, address, PAGE_BYTES);
  const [first, other] = processors(firmware, launch, launch.guestFeatures ?? 1n);
  measureVmsas(state, launch.vcpus, first, other);
  return state.value;
}

/**
 * Measure a firmware image alone: what is the same for every guest that it launches.
 *
 * @param firmware - the whole image
 * @returns 48 bytes, for `firmwareHash` of {@link SnpLaunch}
 */
export function measureSnpFirmware(firmware: Uint8Array): Bytes {
  const state = new LaunchDigest();
  state.contents(FOUR_GIB - firmware.byteLength, readFirmware(firmware).bytes);
  return state.value;
}

/**
 * Compute the measurement of a guest of the older generations.
 *
 * @param mode - `sev`, or `seves` where the processors' registers are measured too
 * @param launch - what it is launched from; its `firmwareHash` and guest features do not matter
 * @returns 32 bytes
 * @throws `SnpReportError` as {@link measureSnpLaunch} does.
 */
export function measureSevLaunch(mode: 'sev' | 'seves', launch: SnpLaunch): Bytes {
  mustBeCount(launch.vcpus);
  const firmware = readFirmware(launch.firmware);
  const parts: Uint8Array[] = [firmware.bytes];
  if (launch.kernel !== undefined) {
    // Builds without such a place have the entry too, with an address of zero.
    if ((firmware.hashTable ?? 0) === 0) throw unsupported();
    parts.push(encodeKernelHashes(launch.kernel));
  }
  if (mode === 'seves') {
    const [first, other] = processors(firmware, launch, 0n);
    parts.push(first, ...Array.from({ length: launch.vcpus - 1 }, () => other));
  }
  return sha2('sha256', concatBytes(...parts));
}

function measureSection(
  state: LaunchDigest,
  { type, address, size }: MetadataSection,
  firmware: FirmwareImage,
  { kernel, monitor = 'qemu' }: SnpLaunch,
): void {
  switch (type) {
    case SECTION.memory:
      return state.pages(monitor === 'gce' ? PAGE.unmeasured : PAGE.zero, address, size);
    case SECTION.secrets:
      return state.pages(PAGE.secrets, address, PAGE_BYTES);
    case SECTION.cpuid: // EC2 measures it after all others
      return monitor === 'ec2' ? undefined : state.pages(PAGE.cpuid, address, PAGE_BYTES);
    case SECTION.svsmCallingArea:
      return state.pages(PAGE.zero, address, size);
    case SECTION.kernelHashes:
      if (kernel === undefined) return state.pages(PAGE.zero, address, size);
      return state.contents(address, hashPage(firmware, kernel));
    default:
      throw new SnpReportError('ERR_SNP_UNKNOWN_METADATA_SECTION', `a metadata section of type ${type}`);
  }
}

/** The table stands in its page where the firmware will look for it. */
function hashPage({ hashTable }: FirmwareImage, kernel: SnpKernel): Bytes {
  const offset = hashTable === undefined ? PAGE_BYTES : hashTable % PAGE_BYTES;
  if (offset + KERNEL_HASHES_BYTES > PAGE_BYTES) throw unsupported();
  const page = new Uint8Array(PAGE_BYTES);
  page.set(encodeKernelHashes(kernel), offset);
  return page;
}

function processors(
  { resetAddress }: FirmwareImage,
  { monitor = 'qemu', vcpuSignature: signature = 0 }: SnpLaunch,
  features: bigint,
): [first: Bytes, other: Bytes] {
  if (resetAddress === undefined)
    throw new SnpReportError('ERR_SNP_RESET_BLOCK_MISSING', 'the firmware has no SEV-ES reset block');
  const page = (start: number): Bytes => encodeVmsa({ start, monitor, signature, features });
  return [page(BOOT_ADDRESS), page(resetAddress)];
}

function measureSvsm(
  state: LaunchDigest,
  launch: SnpLaunch,
  firmware: FirmwareImage,
  { image, variableStore }: NonNullable<SnpLaunch['svsm']>,
): Bytes {
  const svsm = readFirmware(image);
  const start = FOUR_GIB - firmware.bytes.byteLength - variableStore - image.byteLength;
  if (svsm.svsmEntry === undefined || start < 0)
    throw new SnpReportError('ERR_SNP_FIRMWARE_MALFORMED', 'the image of the SVSM has no entry, or no room');
  state.contents(start, svsm.bytes);
  for (const section of svsm.sections) measureSection(state, section, svsm, launch);
  const page = encodeSvsmVmsa(BigInt(start) + BigInt(svsm.svsmEntry), launch.vcpuSignature ?? 0);
  measureVmsas(state, launch.vcpus, page, page);
  return state.value;
}

function measureVmsas(state: LaunchDigest, vcpus: number, first: Bytes, other: Bytes): void {
  const [firstDigest, otherDigest] = [sha2('sha384', first), sha2('sha384', other)];
  for (let index = 0; index < vcpus; index += 1)
    state.page(PAGE.vmsa, VMSA_ADDRESS, index === 0 ? firstDigest : otherDigest);
}

function mustBeCount(vcpus: number): void {
  if (!Number.isInteger(vcpus) || vcpus < 1 || vcpus > 4096)
    throw new TypeError('a guest has 1 to 4096 processors');
}

function unsupported(): SnpReportError {
  return new SnpReportError(
    'ERR_SNP_KERNEL_HASHES_UNSUPPORTED',
    'the firmware has no place for kernel hashes',
  );
}

const SECTION = { memory: 1, secrets: 2, cpuid: 3, svsmCallingArea: 4, kernelHashes: 0x10 } as const;
const FOUR_GIB = 0x1_0000_0000;
const VMSA_ADDRESS = 0xffff_ffff_f000n;
