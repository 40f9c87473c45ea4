/**
 * Classic in-toto: layouts say what must have happened to a piece of software and who may say so, links say what happened.
 * Parse, sign, verify; nothing is ever run.
 *
 * @packageDocumentation
 */
export { canonicalMetadata } from './canonical.js';
export type { LayoutCheck, LayoutCheckKind } from './check.js';
export { LINK_PREDICATE, LINK_PREDICATE_V1, linkFromStatement } from './convert.js';
export { encodeLayout, encodeLink } from './encode.js';
export { InTotoError } from '../errors.js';
export { linkFileName, parseLinkFileName } from './file-name.js';
export { layoutKey, layoutKeyId, verifierFromLayoutKey, type LayoutKey } from './key.js';
export type { LayoutEvidence, LinkFile } from './link-file.js';
export {
  parseMetadata,
  type MetadataOptions,
  type MetadataSignature,
  type SignedLayout,
  type SignedLink,
  type SignedMetadata,
} from './metadata.js';
export {
  LAYOUT_LIMITS,
  type Artifacts,
  type CertConstraint,
  type Inspection,
  type Layout,
  type LayoutLimits,
  type Link,
  type Step,
} from './model.js';
export { substituteParameters } from './parameters.js';
export { encodeRule, parseRule, type ArtifactRule, type MatchRule, type PatternRule } from './rule.js';
export { signLayout, signLink, type MetadataSigner, type SignMetadataOptions } from './sign.js';
export {
  verifyLayout,
  type LayoutVerdict,
  type PendingInspection,
  type VerifyLayoutOptions,
} from './verify.js';
