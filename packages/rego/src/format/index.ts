/**
 * The one way to write a policy: that of `opa fmt`.
 *
 * @packageDocumentation
 */
import type { Import, Module } from '../ast.js';
import { parseModule, type RegoVersion } from '../parser.js';
import { ModuleWriter } from './modules.js';

/** How to format. */
export interface FormatOptions {
  /** The dialect of a module that does not say. Default `v1`. */
  readonly version?: RegoVersion;
  /** Leave out imports of `rego.v1` and of keywords that v1 has. Default `false`. */
  readonly dropKeywordImports?: boolean;
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
 *
 * @example
 * ```ts
 * console.log(formatPolicy('package p\nallow if{input.a==1}').split('\n').join('|')); // package p||allow if input.a == 1|
 * ```
 */
export function formatPolicy(text: string, options: FormatOptions = {}): string {
  const source = text.replace(/^\ufeff/, '');
  const version = options.version ?? 'v1';
  const module = parseModule(source, options.file ?? 'policy.rego', version);
  const kept = options.dropKeywordImports === true ? withoutOld(module) : module;
  return new ModuleWriter(source, kept, version).text();
}

function withoutOld(module: Module): Module {
  const isOld = ({ path: [root, , keyword], path }: Import): boolean =>
    path.join('.') === 'rego.v1' || (root === 'future' && !LATER.has(keyword ?? ''));
  return { ...module, keywordImports: module.keywordImports.filter((each) => !isOld(each)) };
}

/** Keywords that v1 does not have of itself. */
const LATER: ReadonlySet<string> = new Set(['and', 'not', 'or']);

export { RegoError, type Place, type RegoErrorCode } from '../errors.js';
export type { RegoVersion } from '../parser.js';
