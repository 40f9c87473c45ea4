/**
 * Sealed secrets of Confidential Containers: a text that stands in for a secret in untrusted places and is exchanged for it
 * inside the TEE. No files, no network, no environment: keys and providers are given.
 *
 * @packageDocumentation
 */
export { SealedSecretError, type SealedSecretErrorCode } from './errors.js';
export {
  looksSealed,
  parseSealedSecret,
  SEALED_PREFIX,
  type SealedSecret,
  type SealedSecretHeader,
} from './parse.js';
export {
  encodePayload,
  parsePayload,
  type EnvelopePayload,
  type SealedSecretPayload,
  type VaultPayload,
  type WrapType,
} from './payload.js';
export { dangerouslySealUnsigned, sealSecret, type SealSigner } from './seal.js';
export {
  dangerouslyUnsealUnverified,
  unsealSecret,
  type EnvelopeProvider,
  type Providers,
  type UnsealOptions,
  type VaultProvider,
} from './unseal.js';
export {
  verifySealedSecret,
  type KeyResolver,
  type VerifiedSealedSecret,
  type VerifyOptions,
} from './verify.js';
