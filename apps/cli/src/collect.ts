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
