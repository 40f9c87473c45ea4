import type { Bytes } from '@sealwright/bytes';
import type { KeyKind } from '@sealwright/der';

/** Turn raw r‖s into the DER that most protocols carry. */
export function ecdsaToDer(raw: Uint8Array): Bytes {
  const width = raw.byteLength / 2;
  const [r, s] = [integerAt(raw, 0, width), integerAt(raw, width, 2 * width)];
  const size = 4 + r.size + s.size;
  const head = size < 0x80 ? [0x30, size] : [0x30, 0x81, size];
  const der = new Uint8Array(head.length + size);
  der.set(head);
  let at = head.length;
  for (const { from, to, size: length } of [r, s]) {
    der[at] = 0x02;
    der[at + 1] = length;
    der.set(raw.subarray(from, to), at + 2 + length - (to - from));
    at += 2 + length;
  }
  return der;
}

/** Where a number of a signature stands without its leading zeros, and how long it is as an INTEGER. */
function integerAt(raw: Uint8Array, start: number, to: number): { from: number; to: number; size: number } {
  let from = start;
  while (from < to - 1 && raw[from] === 0) from += 1;
  return { from, to, size: to - from + ((raw[from] ?? 0) >> 7) };
}

/** Turn strict DER into raw r‖s of a curve's width; `undefined` when it is not that. */
export function ecdsaToRaw(der: Uint8Array, width: number): Bytes | undefined {
  const middle = middleOf(der, width);
  if (middle === undefined) return undefined;
  const raw = new Uint8Array(2 * width);
  const start = (der[1] ?? 0) < 0x80 ? 2 : 3;
  for (const [from, to, end] of [
    [start + 2, middle, width],
    [middle + 2, der.byteLength, 2 * width],
  ] as const) {
    const number = der.subarray(Math.max(from, to - width), to);
    raw.set(number, end - number.byteLength);
  }
  return raw;
}

/** Whether bytes are the strict DER of two numbers that a curve of a width may have: no sign, no byte too many, nothing after. */
export function isEcdsaDer(der: Uint8Array, width: number): boolean {
  return middleOf(der, width) !== undefined;
}

/** Where the second number begins; `undefined` for anything but strict DER (X.690 sections 8.3 and 10.1). */
function middleOf(der: Uint8Array, width: number): number | undefined {
  const first = der[1] ?? 0;
  const length = first === 0x81 ? (der[2] ?? 0) : first;
  const start = first === 0x81 ? 3 : 2;
  const isShortest = first === 0x81 ? length >= 0x80 : first < 0x80;
  if (der[0] !== 0x30 || !isShortest || start + length !== der.byteLength) return undefined;
  const middle = numberEnd(der, start, width);
  return middle !== undefined && numberEnd(der, middle, width) === der.byteLength ? middle : undefined;
}

/** Where an INTEGER ends that is not negative, in its shortest form, and no wider than the curve. */
function numberEnd(der: Uint8Array, at: number, width: number): number | undefined {
  const [tag, length = 0, first = 0x80, second = 0] = der.subarray(at, at + 4);
  const end = at + 2 + length;
  if (tag !== 0x02 || length === 0 || end > der.byteLength || first >= 0x80) return undefined;
  if (first === 0 && length > 1 && second < 0x80) return undefined;
  return length - (first === 0 && length > 1 ? 1 : 0) <= width ? end : undefined;
}

/** How wide one number of a signature is, in bytes. */
export function scalarBytes(kind: KeyKind): number {
  return { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66, ed25519: 32, rsa: 0 }[kind];
}
