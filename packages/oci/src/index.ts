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
  type RegistryManifest,
} from './client.js';
export {
  credentialKeys,
  parseAuthFile,
  type AuthFile,
  type CredentialHelper,
  type CredentialOptions,
  type RegistryCredentials,
} from './credentials.js';
export { OciError, type OciErrorCode, type OciErrorOptions } from './errors.js';
export {
  DOCKER_INDEX,
  DOCKER_MANIFEST,
  encryptedMediaType,
  OCI_CONFIG,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_MANIFEST,
  parseLayerMediaType,
  type LayerCompression,
  type LayerMediaType,
} from './media-types.js';
export {
  formatReference,
  namesRegistry,
  parseReference,
  referenceScopes,
  type ImageReference,
  type ReferenceOptions,
} from './reference.js';
export {
  parseRegistriesConfig,
  pullAttempts,
  type MirrorUse,
  type PullAttempt,
  type PullAttemptKind,
  type PullOptions,
  type RegistriesConfig,
  type RegistryMirror,
  type RegistryRule,
} from './registries.js';
