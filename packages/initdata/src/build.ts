import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import { type InitDataDocument, parseInitData } from './document.js';

/**
 * Write a document: version, algorithm, then the entries sorted by name; text of several lines as a literal block, so that
 * it can be read. Never write a document again that was measured: its digest would change.
 *
 * @param document - what it says; the version is `0.1.0` unless given
 * @throws {@link InitDataError} when it could not be read again.
 *
 * @example
 * ```ts
 * const toml = buildInitData({ algorithm: 'sha384', data: { 'policy.rego': 'package agent_policy\n' } });
 * console.log(parseInitData(toml).digest.length); // 48
 * ```
 */
export function buildInitData(
  document: Omit<InitDataDocument, 'version'> & { readonly version?: string },
): Bytes {
  const { version = '0.1.0', algorithm, data } = document;
  const entries = Object.keys(data)
    .sort()
    .map((name) => `${basic(name)} = ${value(data[name] ?? '')}\n`);
  const text = `version = ${basic(version)}\nalgorithm = ${basic(algorithm)}\n\n[data]\n${entries.join('')}`;
  return parseInitData(encodeUtf8(text), { versions: [version], algorithms: [algorithm] }).bytes;
}

function value(text: string): string {
  const literal = text.includes('\n') && !text.includes("'''") && !text.endsWith("'") && !hasControl(text);
  return literal ? `'''\n${text}'''` : basic(text);
}

/** A literal block holds tabs and line feeds; a carriage return would be read differently by different readers. */
function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09 && code !== 0x0a) || code === 0x7f) return true;
  }
  return false;
}

/** JSON's escapes are those of TOML's basic strings, but for DEL, which TOML wants escaped. */
function basic(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
