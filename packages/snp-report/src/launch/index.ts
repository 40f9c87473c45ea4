/**
 * What a guest is launched from, and what its report will say about that: launch measurements of QEMU, EC2, GCE and SVSM
 * guests, and ID blocks.
 *
 * @packageDocumentation
 */
export {
  encodeSnpIdBlock,
  parseSnpIdBlock,
  signSnpIdBlock,
  snpIdAuthDigests,
  verifySnpIdBlock,
  type SignedSnpIdBlock,
  type SnpIdBlock,
  type VerifiedSnpIdBlock,
} from './id-block.js';
export { snpKeyDigest } from '../key-digest.js';
export type { SnpKernel } from './kernel-hashes.js';
export { measureSevLaunch, measureSnpFirmware, measureSnpLaunch, type SnpLaunch } from './measure.js';
export { SNP_VCPU_TYPES, snpVcpuSignature, type SnpVcpuModel } from './vcpu-type.js';
export type { SnpMonitor } from './vmsa.js';
