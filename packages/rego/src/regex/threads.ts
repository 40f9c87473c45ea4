import type { Instruction } from './program.js';

/** A match: start and end of the whole and of each group, in UTF-16 code units; -1 for a group that took no part. */
export type RegexMatch = readonly (readonly [number, number])[];

interface Thread {
  readonly at: number;
  readonly saved: readonly number[];
}

/**
 * The first match from a position on: all threads at once, a character at a time; the first in order that ends is the match.
 *
 * @param program - the steps
 * @param slots - two for each group and for the whole
 * @param text - any length
 * @param from - where to begin
 */
export function firstMatch(
  program: readonly Instruction[],
  slots: number,
  text: string,
  from: number,
): RegexMatch | undefined {
  let threads: Thread[] = [];
  let found: readonly number[] | undefined;
  for (let at = from; ;) {
    const code = at < text.length ? (text.codePointAt(at) ?? -1) : -1;
    const before = at > 0 ? codeBefore(text, at) : -1;
    const seen = new Set<number>();
    const current: Thread[] = [];
    const add = (start: Thread): void => {
      const stack = [start];
      for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
        if (seen.has(thread.at)) continue;
        seen.add(thread.at);
        const instruction = program[thread.at];
        if (instruction === undefined) continue;
        if (instruction.op === 'jump') stack.push({ ...thread, at: instruction.to });
        else if (instruction.op === 'split')
          stack.push({ ...thread, at: instruction.second }, { ...thread, at: instruction.first });
        else if (instruction.op === 'save')
          stack.push({ at: thread.at + 1, saved: replaced(thread.saved, instruction.slot, at) });
        else if (instruction.op === 'assert') {
          if (instruction.holds(before, code)) stack.push({ ...thread, at: thread.at + 1 });
        } else current.push(thread);
      }
    };
    for (const thread of threads) add(thread);
    if (found === undefined) add({ at: 0, saved: Array.from({ length: slots }, () => -1) });
    const next: Thread[] = [];
    for (const thread of current) {
      const instruction = program[thread.at];
      if (instruction?.op === 'match') {
        found = thread.saved;
        break;
      }
      if (instruction?.op === 'test' && code >= 0 && instruction.test(code))
        next.push({ at: thread.at + 1, saved: thread.saved });
    }
    if (code < 0 || (found !== undefined && next.length === 0)) break;
    threads = next;
    at += code > 0xffff ? 2 : 1;
  }
  if (found === undefined) return undefined;
  const saved = found;
  return Array.from(
    { length: slots / 2 },
    (_item, index) => [saved[index * 2] ?? -1, saved[index * 2 + 1] ?? -1] as const,
  );
}

function replaced(list: readonly number[], index: number, value: number): readonly number[] {
  const copy = [...list];
  copy[index] = value;
  return copy;
}

function codeBefore(text: string, at: number): number {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff && at > 1 ? (text.codePointAt(at - 2) ?? low) : low;
}
