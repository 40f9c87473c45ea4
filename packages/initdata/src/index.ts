/**
 * Init-data of confidential guests: the document whose digest is bound into hardware evidence at launch, its annotation and
 * block device forms, and the registers it is bound to. The digest is always over the bytes as they are.
 *
 * @packageDocumentation
 */
export {
  decodeInitDataAnnotation,
  encodeInitDataAnnotation,
  INITDATA_ANNOTATION,
  LEGACY_INITDATA_ANNOTATION,
  type AnnotationOptions,
} from './annotation.js';
export { blockImage, parseBlockImage } from './block-image.js';
export { buildInitData } from './build.js';
export { initDataClaims } from './claims.js';
export {
  initDataDigest,
  parseInitData,
  type InitData,
  type InitDataAlgorithm,
  type InitDataDocument,
  type ParseOptions,
} from './document.js';
export { InitDataError, type InitDataErrorCode } from './errors.js';
export { fitDigest, pcr8, REGISTER_BYTES, type BoundTee } from './registers.js';
