/**
 * Images in registries: references with every rule of their normalisation, and a client of the OCI distribution
 * specification over any `fetch`, which believes no byte whose digest it has not checked.
 *
 * @packageDocumentation
 */
export {
  createRegistryClient,
  type BlobOptions,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryCredentials,
  type RegistryManifest,
} from './client.js';
export { OciError, type OciErrorCode } from './errors.js';
export { formatReference, parseReference, referenceScopes, type ImageReference } from './reference.js';
