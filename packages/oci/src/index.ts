/**
 * Images in registries: references with every rule of their normalisation, and a client of the OCI distribution
 * specification over any `fetch`, which believes no byte whose digest it has not checked.
 *
 * @packageDocumentation
 */
export type { BlobOptions, Progress, UploadedBlob, UploadOptions } from './blobs.js';
export type { ByteSource } from './byte-source.js';
export { createRegistryClient, type RegistryClient } from './client.js';
export type { Clock } from './clock.js';
export {
  credentialKeys,
  parseAuthFile,
  type AuthFile,
  type CredentialHelper,
  type CredentialOptions,
  type RegistryCredentials,
} from './credentials.js';
export { decompressLayer, type DecompressLayerOptions, type Decompressor } from './decompress.js';
export { parseDescriptor, type Descriptor, type Platform } from './descriptor.js';
export { OciError, type OciErrorCode, type OciErrorOptions } from './errors.js';
export { openLayout, type BlobName, type ImageLayout, type LayoutFiles } from './layout.js';
export {
  EMPTY_CONTENT,
  EMPTY_DESCRIPTOR,
  encodeIndex,
  encodeManifest,
  isIndex,
  parseIndex,
  parseManifest,
  selectPlatform,
  type ImageIndex,
  type ImageManifest,
} from './manifest.js';
export type { GetManifestOptions, PutManifestOptions, RegistryManifest } from './manifests.js';
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
export { pullManifest, type PulledManifest } from './pull.js';
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
export {
  referrersTag,
  type AttachedReferrer,
  type AttachReferrerOptions,
  type ListReferrersOptions,
} from './referrers.js';
export type { CallOptions, RegistryClientOptions, RetryOptions } from './transport.js';
export type { NextManifest, NextOf, UpdateManifestOptions } from './update-manifest.js';
