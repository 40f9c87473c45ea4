import type { Bytes } from '@sealwright/bytes';
import { DerError, DerReader, type KeyKind } from '@sealwright/der';

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
  try {
    const outer = new DerReader(der);
    const pair = outer.enter();
    outer.end();
    const r = pair.unsigned();
    const s = pair.unsigned();
    pair.end();
    if (r.byteLength > width || s.byteLength > width) return undefined;
    const raw = new Uint8Array(2 * width);
    raw.set(r, width - r.byteLength);
    raw.set(s, 2 * width - s.byteLength);
    return raw;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** How wide one number of a signature is, in bytes. */
export function scalarBytes(kind: KeyKind): number {
  return { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66, ed25519: 32, rsa: 0 }[kind];
}
