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
  const pair = pairOf(der, width);
  if (pair === undefined) return undefined;
  const raw = new Uint8Array(2 * width);
  for (const [index, number] of pair.entries()) raw.set(number, (index + 1) * width - number.byteLength);
  return raw;
}

/** Whether bytes are the strict DER of two numbers that a curve of a width may have: no sign, no byte too many, nothing after. */
export function isEcdsaDer(der: Uint8Array, width: number): boolean {
  return pairOf(der, width) !== undefined;
}

/** The two numbers without leading zeros; `undefined` for anything but strict DER (X.690 sections 8.3 and 10.1). */
function pairOf(der: Uint8Array, width: number): Uint8Array[] | undefined {
  const start = der[1] === 0x81 ? 3 : 2;
  const length = der[start - 1] ?? 0;
  if (der[0] !== 0x30 || length >= 0x80 !== (start === 3) || start + length !== der.byteLength)
    return undefined;
  const middle = start + 2 + (der[start + 1] ?? 0);
  const pair = [der.subarray(start, middle), der.subarray(middle)].flatMap((integer) => {
    const [tag, size, first = 0x80, second = 0x80] = integer;
    if (tag !== 0x02 || size !== integer.byteLength - 2 || first >= 0x80) return [];
    const skipped = first === 0 && size > 1 ? 1 : 0;
    return (skipped === 1 && second < 0x80) || size - skipped > width ? [] : [integer.subarray(2 + skipped)];
  });
  return pair.length === 2 ? pair : undefined;
}

/** How wide one number of a signature is, in bytes: the bits in the name of a curve, 521 of them in 66. For curves only. */
export function scalarBytes(kind: KeyKind): number {
  return Math.ceil(Number(kind.slice(4)) / 8);
}

/** The form that a signature has, of those that are allowed; `undefined` when it has none. */
export function formOf(
  signature: Uint8Array,
  kind: KeyKind,
  allowed: 'der' | 'raw' | 'either',
): 'der' | 'raw' | undefined {
  const width = scalarBytes(kind);
  if (allowed !== 'raw' && isEcdsaDer(signature, width)) return 'der';
  return allowed !== 'der' && signature.byteLength === 2 * width ? 'raw' : undefined;
}
