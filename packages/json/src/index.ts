/**
 * JSON for hostile input and for signed output: parsing that is strict, bounded and says where, and the two exact
 * texts that protocols sign (RFC 8785 and what Go writes).
 *
 * @packageDocumentation
 */
export { canonicalJson } from './canonical.js';
export { compareCodePoints } from './code-points.js';
export { JsonError, type JsonErrorCode } from './errors.js';
export { goJson, goJsonOrdered } from './go.js';
export { parseJson, type JsonOptions } from './parse.js';
export { jsonPointer } from './pointer.js';
export { isJsonObject, type JsonObject, type JsonValue } from './value.js';
