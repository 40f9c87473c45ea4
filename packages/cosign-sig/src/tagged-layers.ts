import type { ImageReference } from '@sealwright/oci';
import { CosignError, type Finding } from './errors.js';
import { readBlob, readTag, type SignatureRegistry } from './registry.js';
import { parseSignatureManifest, type SignatureLayer } from './tag-layout.js';

/** Which layers to look at. */
export interface TaggedLayers {
  /** The repository of the tag. */
  readonly place: ImageReference;
  /** The tag. */
  readonly tag: string;
  /** What is in its layers, for messages. */
  readonly what: 'signature' | 'attestation';
  /** Of the image, for messages. */
  readonly digest: string;
  /** Cap on each blob. */
  readonly maxBytes: number;
}

/**
 * What will do of the layers under a tag, one at least, and why the others do not count.
 *
 * @param registry - where the tag is
 * @param asked - which layers
 * @param open - verifies the blob of a layer
 * @throws {@link CosignError} `ERR_COSIGN_NO_SIGNATURE` where there is no layer, `ERR_COSIGN_NO_MATCH` where none will do.
 */
export async function openLayers<T>(
  registry: SignatureRegistry,
  asked: TaggedLayers,
  open: (blob: Uint8Array, layer: SignatureLayer) => Promise<T>,
): Promise<{ readonly good: readonly T[]; readonly findings: readonly Finding[] }> {
  const { place, tag, what, digest, maxBytes } = asked;
  const manifest = await readTag(registry, place, tag);
  const layers = manifest === undefined ? [] : parseSignatureManifest(manifest).layers;
  if (layers.length === 0) throw new CosignError('ERR_COSIGN_NO_SIGNATURE', `${digest} has no ${what}s`);
  const good: T[] = [];
  const findings: Finding[] = [];
  for (const layer of layers) {
    try {
      good.push(await open(await readBlob(registry, place, layer, maxBytes), layer));
    } catch (error) {
      // a predicate type that is none is wrong with what was asked, not with a layer
      if (!(error instanceof CosignError) || error.code === 'ERR_COSIGN_PREDICATE_TYPE') throw error;
      findings.push({ subject: layer.digest, reason: error.message });
    }
  }
  if (good.length > 0) return { good, findings };
  const reasons = findings.map(({ reason }) => reason).join('; ');
  const message = `no ${what} of ${digest} will do: ${reasons}`.slice(0, 1024);
  throw new CosignError('ERR_COSIGN_NO_MATCH', message, { findings });
}
