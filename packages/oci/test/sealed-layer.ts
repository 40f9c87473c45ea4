/** Layers that the key of a key broker encrypts. */
import { expect } from 'vitest';
import type { Descriptor, LayerKeyOpener, LayerKeySealer, LayerSpool } from '../src/encryption/index.js';
import { decryptLayer, encryptLayer, kbsOpener, kbsSealer } from '../src/encryption/index.js';
import { readAll } from './read-all.ts';

export const KID = 'kbs:///default/image_key/test';
export const KEY = Uint8Array.from({ length: 32 }, (_, index) => index);
export const TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
export const opener = kbsOpener({ key: async (kid) => (kid === KID ? KEY : undefined) });
export const sealer = kbsSealer({ kid: KID, key: KEY });
export const refusal = (code: string) => expect.objectContaining({ name: 'OciError', code });

/** A layer that was encrypted. */
export interface Sealed {
  blob: Uint8Array;
  descriptor: Descriptor;
}

/** Encrypt a layer. */
export async function seal(
  layer: Uint8Array,
  sealers: readonly LayerKeySealer[] = [sealer],
): Promise<Sealed> {
  const made = encryptLayer([layer], { mediaType: TYPE, sealers });
  return { blob: await readAll(made.stream), descriptor: await made.descriptor };
}

/** Decrypt a layer. */
export async function open(
  { blob, descriptor }: Sealed,
  openers: readonly LayerKeyOpener[] = [opener],
  options: { maxBytes?: number; spool?: LayerSpool } = {},
): Promise<Uint8Array> {
  return readAll((await decryptLayer(descriptor, [blob], { openers, ...options })).stream);
}
