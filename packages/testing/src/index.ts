/**
 * Whole fakes for tests and the demo: an OCI registry and a Sigstore in memory, finished Tekton runs. Deterministic, in process, no network.
 *
 * @packageDocumentation
 */
export { createRegistry, type Registry, type RegistryOptions } from './registry.js';
export { pushTestImage, type TestImage } from './image.js';
export { pipelineRun, taskRun, type RunOptions } from './runs.js';
export { createSigstore, type FakeIdentity, type FakeSigstore } from './sigstore/sigstore.js';
export type { FakeLog } from './sigstore/logs.js';
export {
  authorityExtension,
  type CertificateInput,
  extension,
  makeCertificate,
  nameOf,
  purposeExtension,
} from './sigstore/certificates.js';
