/**
 * The one way to write a policy: that of `opa fmt`.
 *
 * @packageDocumentation
 */
import { parseModule, type RegoVersion } from '../parser.js';
import { ModuleWriter } from './modules.js';

/** How to format. */
export interface FormatOptions {
  /** The dialect of a module that does not say. Default `v1`. */
  readonly version?: RegoVersion;
  /** Name of the file, for errors. */
  readonly file?: string;
}

/**
 * Write a policy as `opa fmt` does: tabs, one line for each expression, sorted imports, blank lines between rules. Comments stay with what
 * they stand at.
 *
 * @param text - a policy
 * @param options - its dialect
 * @throws {@link RegoError} `ERR_REGO_PARSE` for a text that is no policy.
 */
export function formatPolicy(text: string, options: FormatOptions = {}): string {
  const source = text.replace(/^\ufeff/, '');
  const module = parseModule(source, options.file ?? 'policy.rego', options.version ?? 'v1');
  return new ModuleWriter(source, module).text();
}

export { RegoError, type Place, type RegoErrorCode } from '../errors.js';
export type { RegoVersion } from '../parser.js';
