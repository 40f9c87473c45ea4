/**
 * The table by which firmware checks a kernel that was measured with it (tianocore/edk2 OvmfPkg/AmdSev/BlobVerifierLibSevHashes).
 *
 * @module
 */
import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { sha2 } from '@sealwright/crypto';
import { guidBytes } from './firmware.js';

/** What is booted directly. */
export interface SnpKernel {
  /** The kernel. */
  readonly kernel: Uint8Array;
  /** The initial RAM disk; an empty one is measured when there is none. */
  readonly initrd?: Uint8Array;
  /** The command line, as given to the hypervisor; nothing is trimmed. */
  readonly commandLine?: string;
}

/** Size of the table, padding included. */
export const KERNEL_HASHES_BYTES = 176;

/** Write the table. */
export function encodeKernelHashes({ kernel, initrd, commandLine = '' }: SnpKernel): Bytes {
  const text = concatBytes(encodeUtf8(commandLine), Uint8Array.of(0));
  return concatBytes(
    HEADER,
    Uint8Array.of(168, 0),
    entry(COMMAND_LINE, text),
    entry(INITRD, initrd ?? new Uint8Array(0)),
    entry(KERNEL, kernel),
    new Uint8Array(8),
  );
}

function entry(guid: Uint8Array, contents: Uint8Array): Bytes {
  return concatBytes(guid, Uint8Array.of(50, 0), sha2('sha256', contents));
}

const HEADER = guidBytes('9438d606-4f22-4cc9-b479-a793d411fd21');
const COMMAND_LINE = guidBytes('97d02dd8-bd20-4c94-aa78-e7714d36ab2a');
const INITRD = guidBytes('44baf731-3a2f-4bd7-9af1-41e29169781d');
const KERNEL = guidBytes('4de79437-abd2-427f-b835-d5b172d2045b');
