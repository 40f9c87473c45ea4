/** Damage to valid inputs, the same for the same seed. */
import type { Bytes } from '@sealwright/bytes';

/** A generator of whole numbers (xorshift32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Flip, cut, repeat, insert, or set a number to one of the values that break parsers; once or a few times. */
export function mutate(input: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = join(input);
  for (let turns = 1 + random(3); turns > 0; turns -= 1) {
    const at = random(bytes.length || 1);
    switch (random(6)) {
      case 0:
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 2:
        bytes = join(bytes.subarray(0, at));
        break;
      case 3:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at, at + random(64)), bytes.subarray(at));
        break;
      case 4:
        bytes = join(bytes.subarray(0, at), bytes.subarray(at + random(64)));
        break;
      default:
        bytes.set(INTERESTING[random(INTERESTING.length)]?.slice(0, bytes.length - at) ?? [], at);
    }
  }
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const INTERESTING: readonly (readonly number[])[] = [
  [0, 0],
  [0xff, 0xff],
  [0xfe, 0xff],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0xfe, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  [0x80],
  [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
];
