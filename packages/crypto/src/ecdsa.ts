import { type Bytes, concatBytes } from '@sealwright/bytes';
import { DerError, DerReader, encodeInteger, encodeSequence, type KeyKind } from '@sealwright/der';

/** Turn raw r‖s into the DER that most protocols carry. */
export function ecdsaToDer(raw: Uint8Array): Bytes {
  const width = raw.byteLength / 2;
  return encodeSequence(encodeInteger(raw.subarray(0, width)), encodeInteger(raw.subarray(width)));
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
    return concatBytes(new Uint8Array(width - r.byteLength), r, new Uint8Array(width - s.byteLength), s);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** How wide one number of a signature is, in bytes. */
export function scalarBytes(kind: KeyKind): number {
  return { 'ec-p256': 32, 'ec-p384': 48, 'ec-p521': 66, ed25519: 32, rsa: 0 }[kind];
}
