/**
 * MRTD out of a firmware image.
 *
 * @packageDocumentation
 */
export { computeMrtd, matchMrtd, type MrtdOptions, type MrtdOrder } from './measure.js';
export { readTdvfSections, type TdvfSection } from './tdvf.js';
export { TdxQuoteError, type TdxQuoteErrorCode } from '../errors.js';
