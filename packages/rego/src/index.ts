/**
 * The Rego policy language: parse policies, see that they are sound, evaluate them.
 *
 * @packageDocumentation
 */
export type { CallContext, CallSite, HostFunction } from './builtins/builtin.js';
export { RegoDecimal } from './decimal.js';
export type { Coverage, FileCoverage } from './coverage.js';
export {
  explanationText,
  type ClauseExplanation,
  type Explanation,
  type LineExplanation,
  type RuleExplanation,
} from './explain.js';
export type { EvaluateOptions } from './evaluate.js';
export { RegoError, type Place, type RegoErrorCode } from './errors.js';
export { fromJson, toJson } from './json.js';
export { parseJsonText } from './json-text.js';
export { TEXT_LIMITS, type RegoVersion, type TextLimits } from './parser.js';
export {
  preparePolicy,
  type ModuleSource,
  type Policy,
  type PrepareOptions,
  type Solution,
} from './policy.js';
export type { Regex, RegexMatch } from './regex.js';
export { compare, RegoObject, RegoSet, type Value } from './values.js';
