import type { Body, Module } from './ast.js';
import { RegoError } from './errors.js';
import { ModuleParser } from './syntax/modules.js';
import { tokenize } from './syntax/lexer.js';

/** The dialect of a module that does not say: v1 has `if`, `contains`, `in` and `every` as keywords, v0 only by import. */
export type RegoVersion = 'v0' | 'v1';

/** Read a policy's file. */
export function parseModule(
  source: string,
  file: string,
  version: RegoVersion,
  limits: TextLimits = TEXT_LIMITS,
  isRegorus = false,
): Module {
  checkLimits(source, file, limits);
  const { tokens, comments } = tokenize(source.replace(/^\ufeff/, ''), file);
  const huge = isRegorus
    ? tokens.find(({ kind, text }) => kind === 'number' && Number(text) === Infinity)
    : undefined;
  if (huge !== undefined)
    throw new RegoError('ERR_REGO_PARSE', 'the number is out of range', { place: huge.place });
  return new ModuleParser(tokens, comments, version === 'v1', isRegorus).module();
}

/** Caps of a policy's text. */
export interface TextLimits {
  /** In UTF-16 code units. */
  readonly size: number;
  /** How many. */
  readonly lines: number;
  /** Of the longest line. */
  readonly columns: number;
}

/** The caps that hold unless others are given: 4 MiB, 100 000 lines, 65 536 columns. */
export const TEXT_LIMITS: TextLimits = { size: 4 << 20, lines: 100_000, columns: 65_536 };

function checkLimits(source: string, file: string, limits: TextLimits): void {
  const fail = (message: string, line: number): never => {
    throw new RegoError('ERR_REGO_LIMIT', message, { place: { file, line, column: 1 } });
  };
  if (source.length > limits.size) fail(`a policy has at most ${limits.size} characters`, 1);
  const lines = source.split('\n');
  if (lines.length > limits.lines) fail(`a policy has at most ${limits.lines} lines`, limits.lines);
  const long = lines.findIndex((line) => line.length > limits.columns);
  if (long >= 0) fail(`a line has at most ${limits.columns} characters`, long + 1);
}

/** Read a query: expressions with `;` or lines between. */
export function parseQuery(source: string): Body {
  checkLimits(source, 'query', TEXT_LIMITS);
  const { tokens, comments } = tokenize(source, 'query');
  return new ModuleParser(tokens, comments, true).query();
}
