import { RegoDecimal, RegoObject, RegoSet } from '@sealwright/rego';

/**
 * JSON with every digit of numbers, which `JSON.stringify` does not know.
 *
 * @param value - JSON, `bigint` and values of Rego
 * @param indent - blanks of each level; without it all is on one line
 */
export function jsonText(value: unknown, indent = 0, level = 0): string {
  if (value instanceof RegoSet) return jsonText(value.items(), indent, level);
  if (value instanceof RegoDecimal || typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) {
    return wrapped(
      '[',
      value.map((item) => jsonText(item, indent, level + 1)),
      ']',
      indent,
      level,
    );
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members: readonly (readonly [unknown, unknown])[] =
    value instanceof RegoObject
      ? value.entries()
      : Object.entries(value).filter(([, item]) => item !== undefined);
  const parts = members.map(([name, item]) => {
    const key = JSON.stringify(typeof name === 'string' ? name : jsonText(name));
    return `${key}:${indent > 0 ? ' ' : ''}${jsonText(item, indent, level + 1)}`;
  });
  return wrapped('{', parts, '}', indent, level);
}

function wrapped(
  open: string,
  parts: readonly string[],
  close: string,
  indent: number,
  level: number,
): string {
  if (indent === 0 || parts.length === 0) return `${open}${parts.join(',')}${close}`;
  const inner = ' '.repeat(indent * (level + 1));
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${' '.repeat(indent * level)}${close}`;
}
