/**
 * Policies about images, parsed, matched, decided and explained: the policy file of containers/image (`sigstoreSigned`, `signedBy`), the
 * `verifyImages` rules of Kyverno, and `ClusterImagePolicy`. What is not understood refuses a policy; what cannot be checked does not hold.
 *
 * @packageDocumentation
 */
export {
  appraiseClusterImagePolicies,
  type AppraiseClusterOptions,
  type ClusterVerdict,
} from './appraise-cluster-policy.js';
export {
  appraiseKyvernoPolicy,
  kyvernoImageName,
  kyvernoRuleMatches,
  type AppraiseKyvernoOptions,
  type KyvernoVerdict,
} from './appraise-kyverno.js';
export { appraiseContainersPolicy, appraiseScope, type AppraisePolicyOptions } from './appraise-policy.js';
export {
  keyAuthority,
  type Authority,
  type AuthorityAnswer,
  type AuthorityRequest,
  type AuthoritySignature,
  type AuthoritySubject,
  type IdentityRule,
  type KeyAuthorityOptions,
  type KeySource,
  type LogRule,
  type TextRule,
} from './authority.js';
export type { Condition, ConditionGroup, ConditionOptions } from './conditions.js';
export type { ConditionOperator } from './operators.js';
export {
  parseClusterImagePolicy,
  type ClusterImagePolicy,
  type ContentInclusion,
  type ContentPolicy,
  type ParseClusterOptions,
  type PolicyAttestation,
  type PolicyAuthority,
} from './cluster-image-policy.js';
export {
  contentEvaluator,
  type ContentEvaluator,
  type ContentEvaluatorOptions,
  type CueAnswer,
  type CueEngine,
  type RegoEngine,
} from './content-evaluator.js';
export { CosignError, type CosignErrorCode, type CosignErrorOptions, type Finding } from '../errors.js';
export {
  readSigstoreBundles,
  readSigstoreSignatures,
  type ImageEvidence,
  type SigstoreSignature,
} from './evidence.js';
export type { DenyRule } from './deny.js';
export { matchImageGlob } from './glob.js';
export { matchIdentity, parseIdentity, type SignedIdentity } from './identity.js';
export { imagesOf, type WorkloadImage } from './kubernetes.js';
export { kyvernoMatchesObject, type KyvernoFilter, type KyvernoMatch } from './kyverno-match.js';
export {
  parseKyvernoPolicy,
  type Attestor,
  type AttestorSet,
  type KyvernoAttestation,
  type KyvernoPolicy,
  type VerifyImagesRule,
} from './kyverno.js';
export {
  lookasideFolder,
  lookasideFor,
  mergeLookasideConfigs,
  parseLookasideConfig,
  type LookasideConfig,
  type LookasideEntry,
} from './lookaside.js';
export {
  openPgpVerifier,
  type OpenPgpContent,
  type OpenPgpOptions,
  type OpenPgpVerifier,
} from './openpgp.js';
export {
  parseContainersPolicy,
  type ContainersPolicy,
  type FulcioRule,
  type PkiRule,
  type PolicyRequirement,
  type PolicySource,
} from './policy-file.js';
export { matchesResource, type LabelRule, type ResourceMatch } from './resource-match.js';
export type { SignatureRegistry } from '../registry.js';
export { scopeAmong, scopeFor, type PolicyScope } from './scope.js';
export { encodeSignatureFile, parseSignatureFile } from './signature-file.js';
export { sigstoreAuthority, type SigstoreAuthorityOptions } from './sigstore-authority.js';
export { transportScopes } from './transport.js';
export { parseTrustRoot, type NamedTrustRoot } from './trust-root.js';
export type { PolicyCheck, PolicyVerdict } from './verdict.js';
export type { SignatureHash } from '../verify-signature.js';
export { matchWildcard } from './wildcard.js';
