import { CommandError } from './failure.js';

/**
 * For flags that may be given more than once.
 *
 * @param read - a value
 */
export function collect<T>(read: (text: string) => T): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, read(text)];
}

/**
 * For flags of cosign that may be given more than once and also take several values with commas between them.
 *
 * @param text - of a flag
 * @param before - those before it
 */
export function collectList(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...commaList(text)];
}

/**
 * What stands between commas, as in a line of CSV: in double quotes a comma parts nothing, and two of them are one.
 *
 * @param text - of a flag
 * @throws {@link CommandError}
 */
export function commaList(text: string): readonly string[] {
  const values: string[] = [];
  let rest = text;
  for (;;) {
    const [value, after] = rest.startsWith('"') ? quotedValue(rest) : plainValue(rest);
    values.push(value);
    if (after === undefined) return values;
    rest = after;
  }
}

function plainValue(text: string): readonly [string, string?] {
  const end = text.indexOf(',');
  return end < 0 ? [text] : [text.slice(0, end), text.slice(end + 1)];
}

function quotedValue(text: string): readonly [string, string?] {
  let end = text.indexOf('"', 1);
  while (text[end + 1] === '"' && end > 0) end = text.indexOf('"', end + 2);
  const after = text.slice(end + 1);
  if (end < 0 || !(after === '' || after.startsWith(',')))
    throw new CommandError(`a value in double quotes ends with one: ${text}`);
  const value = text.slice(1, end).replaceAll('""', '"');
  return after === '' ? [value] : [value, after.slice(1)];
}

/**
 * For flags such as `--parameter name=value`, more than once.
 *
 * @param flag - as it is written
 */
export function pairs(
  flag: string,
): (text: string, before?: Readonly<Record<string, string>>) => Readonly<Record<string, string>> {
  return (text, before = {}) => {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandError(`${flag} is name=value, not ${JSON.stringify(text)}`);
    return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  };
}

/**
 * A digest as flags have it: `algorithm:hex`.
 *
 * @param text - of a flag
 * @returns the parts, `undefined` when it is none
 */
export function digestPair(text: string): readonly [algorithm: string, hex: string] | undefined {
  const at = text.indexOf(':');
  return at < 1 || at === text.length - 1 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}
