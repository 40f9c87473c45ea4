/**
 * What cosign does with keys: encrypted key files, simple signing payloads, signatures and attestations of images under the tags
 * `.sig` and `.att`, signed and verified byte for byte as cosign has them.
 *
 * @packageDocumentation
 */
export {
  attachAttestation,
  attestImage,
  type AttachAttestationOptions,
  type AttestedImageLayer,
  type AttestImageOptions,
} from './attest-image.js';
export {
  CosignError,
  cosignExitCode,
  type CosignErrorCode,
  type CosignErrorOptions,
  type Finding,
} from './errors.js';
export {
  decryptPrivateKey,
  encryptPrivateKey,
  parseKeyFile,
  type EncryptOptions,
  type KeyFile,
  type KeyFileLabel,
  type Password,
  type ScryptN,
} from './key-file.js';
export {
  bundleHint,
  cosignSigner,
  generateCosignKeyPair,
  importCosignKeyPair,
  parseCosignPublicKey,
  type CosignKeyPair,
  type GenerateKeyPairOptions,
  type ImportKeyPairOptions,
} from './key-pair.js';
export type { AttestationOptions, VerifiedAttestation } from './open-attestation.js';
export { PREDICATE_TYPES, predicateTypeOf } from './predicate-types.js';
export type { SignatureRegistry } from './registry.js';
export { signImage, type SignedImage, type SignImageOptions } from './sign-image.js';
export {
  ATOMIC_SIGNATURE_TYPE,
  checkSimpleSigning,
  COSIGN_SIGNATURE_TYPE,
  dockerReference,
  parseSimpleSigning,
  simpleSigningPayload,
  type ClaimCheck,
  type SimpleSigning,
  type SimpleSigningClaims,
  type SimpleSigningInput,
  type SimpleSigningOptions,
} from './simple-signing.js';
export {
  appendLayer,
  attestationTag,
  buildAttestationLayer,
  buildSignatureLayer,
  DSSE_MEDIA_TYPE,
  MAX_LAYERS,
  parseSignatureManifest,
  PREDICATE_TYPE_ANNOTATION,
  SIGNATURE_ANNOTATION,
  signatureTag,
  SIMPLE_SIGNING_MEDIA_TYPE,
  type EncodedSignatureManifest,
  type LayerWithBlob,
  type SignatureLayer,
  type SignatureManifest,
} from './tag-layout.js';
export {
  verifyImageAttestations,
  type AttestedImage,
  type VerifyImageAttestationsOptions,
} from './verify-attestation.js';
export { verifyBlobAttestation, type VerifyBlobAttestationOptions } from './verify-blob-attestation.js';
export {
  verifyImageSignatures,
  verifySignatureLayer,
  type VerifiedImage,
  type VerifiedSignature,
  type VerifyImageOptions,
} from './verify-image.js';
export type { SignatureHash } from './verify-signature.js';
