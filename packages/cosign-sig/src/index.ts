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
export { attachSignature, type AttachSignatureOptions } from './attach-signature.js';
export { attestationStatement, type AttestationClaim } from './attestation-statement.js';
export type { ArtifactInput } from './bundle/artifact.js';
export {
  createBundleVerifier,
  refusalOf,
  type BundleVerifier,
  type BundleVerifierOptions,
  type VerifiedBundle,
} from './bundle/bundle-verifier.js';
export { encodeBundle } from './bundle/encode-bundle.js';
export { encodeLegacyBundle, parseLegacyBundle } from './bundle/legacy-bundle.js';
export {
  BUNDLE_MEDIA_TYPE,
  BUNDLE_MEDIA_TYPES,
  parseBundle,
  type BundleContent,
  type BundleMaterial,
  type ParseBundleOptions,
  type SigstoreBundle,
} from './bundle/parse-bundle.js';
export type { VerificationPolicy } from './bundle/policy.js';
export {
  bundleSigner,
  keylessSigner,
  signBlob,
  signEnvelopeBundle,
  type BundleSigner,
  type SignBundleOptions,
  type SignedBundle,
} from './bundle/sign-bundle.js';
export type { SignatureVerdict, VerificationCheck, VerifiedCertificate } from './bundle/verdict.js';
export {
  CosignError,
  cosignExitCode,
  type CosignErrorCode,
  type CosignErrorOptions,
  type Finding,
} from './errors.js';
export {
  fulcioExtensionOid,
  fulcioExtensions,
  issuerOf,
  type FulcioExtensionName,
  type FulcioExtensions,
} from './fulcio/extensions.js';
export {
  whyNotIdentity,
  wildcard,
  type CertificateIdentity,
  type CertifiedSigner,
  type TextMatcher,
  type TextRule,
} from './fulcio/identity.js';
export {
  embeddedScts,
  parseDetachedSct,
  verifySct,
  type SignedCertificateTimestamp,
  type VerifiedSct,
} from './fulcio/sct.js';
export {
  BUNDLE_ANNOTATION,
  attestationEvidence,
  CERTIFICATE_ANNOTATION,
  CHAIN_ANNOTATION,
  signatureEvidence,
  TIMESTAMP_ANNOTATION,
  type AskedEvidence,
  type LayerMaterial,
} from './image/layer-evidence.js';
export {
  copySignedImage,
  type CopiedImage,
  type CopiedPart,
  type CopyImageOptions,
} from './image/copy-image.js';
export {
  openSavedImage,
  type SavedFiles,
  type SavedImage,
  type SavedImageRegistry,
} from './image/saved-image.js';
export { lookUpEntry, type LookUpEntryOptions } from './image/look-up-entry.js';
export { imagesIn } from './image/images-in.js';
export { encodeTimestampAnnotation, type LayerVouchers } from './image/layer-vouchers.js';
export type { ReferrersRegistry } from './image/referrers.js';
export { attachBundle, type AttachBundleOptions } from './image/attach-bundle.js';
export {
  signImageBundle,
  type ImageAttestation,
  type SignedImageBundle,
  type SignImageBundleOptions,
} from './image/sign-image-bundle.js';
export {
  SIGN_PREDICATE_TYPE,
  verifySignedImage,
  type SignedImageEvidence,
  type VerifiedSignedImage,
  type VerifySignedImageOptions,
} from './image/verify-signed-image.js';
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
export {
  parseCheckpoint,
  verifyCheckpoint,
  verifyCosignatures,
  type Checkpoint,
  type NoteSignature,
  type VerifiedCosignature,
  type Witness,
} from './log/checkpoint.js';
export {
  parseEntryBody,
  type LoggedDigest,
  type LoggedEntry,
  type LoggedSignature,
} from './log/entry-body.js';
export {
  encodeRekorBundle,
  parseLogEntryResponse,
  parseRekorBundle,
  type LogEntry,
  type LogInclusion,
  type NamedLogEntry,
} from './log/log-entry.js';
export { logIdOf, noteKeyId, witnessKeyId } from './log/log-id.js';
export {
  canonicalBody,
  proposeDsse,
  proposeHashedRekord,
  proposeIntoto,
  type ProposedEntry,
} from './log/proposed-entry.js';
export {
  consistencyFromTiles,
  inclusionFromTiles,
  parseEntryBundle,
  rootFromTiles,
  tilePath,
  type TileSource,
} from './log/tiles.js';
export {
  leafHash,
  nodeHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
  type ConsistencyProof,
  type InclusionProof,
} from './log/merkle.js';
export {
  verifyEntryId,
  verifyLogEntry,
  verifyPromise,
  verifyProof,
  type LogEntryOptions,
  type VerifiedLogEntry,
} from './log/verify-log-entry.js';
export { keyPairSecret, parseSecretReference, type SecretName } from './keys/kubernetes-secret.js';
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
  appendLayers,
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
export type { ServiceOptions } from './service/exchange.js';
export {
  fetchFulcioIssuers,
  fetchTrustBundle,
  readTokenClaims,
  requestCertificate,
  type FulcioIssuer,
  type IssuedCertificate,
  type TokenClaims,
} from './service/fulcio.js';
export {
  createRekorClient,
  type RekorClient,
  type RekorLogInfo,
  type RekorOptions,
  type RekorQuery,
  type RekorShard,
} from './service/rekor.js';
export {
  createRekorTilesClient,
  type HashedSignature,
  type RekorTilesClient,
  type RekorTilesOptions,
} from './service/rekor-tiles.js';
export { requestTimestamp } from './service/timestamp-authority.js';
export {
  environmentToken,
  fileToken,
  firstToken,
  githubToken,
  SIGSTORE_AUDIENCE,
  spiffeToken,
  TOKEN_FILE,
  type TokenProvider,
} from './service/token.js';
export {
  parseTimestampResponse,
  type SigningCertificateId,
  type Timestamp,
  type TimestampSigner,
} from './timestamp/parse-timestamp.js';
export {
  verifyTimestamp,
  type TimestampOptions,
  type VerifiedTimestamp,
} from './timestamp/verify-timestamp.js';
export {
  parseSigningConfig,
  selectServices,
  SIGNING_CONFIG_MEDIA_TYPE,
  type SelectServicesOptions,
  type ServiceSelection,
  type SigningConfig,
  type SigningService,
} from './trust/signing-config.js';
export {
  parseTrustedAuthority,
  parseTrustedRoot,
  trustedAuthority,
  trustedLog,
  TRUSTED_ROOT_MEDIA_TYPES,
  type TrustedAuthority,
  type TrustedLog,
  type TrustedRoot,
} from './trust/trusted-root.js';
export type { Validity } from './trust/validity.js';
export { sigstorePublicRoot, trustPinnedRoot, type PinnedTufRoot } from './tuf/pinned-root.js';
export {
  updateTuf,
  type TufOptions,
  type TufRepository,
  type TufState,
  type VerifiedRepository,
} from './tuf/update.js';
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
export { readCertificate, type ChainCertificate } from './x509/chain.js';
export { subjectNames, type CertificateUses, type SubjectName } from './x509/extensions.js';
export { type SignatureChecks, SignatureMemo } from './x509/signature-memo.js';
