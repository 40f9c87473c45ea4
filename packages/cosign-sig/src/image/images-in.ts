import { type ImageReference, isIndex, parseIndex } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { resolveImage, type SignatureRegistry } from '../registry.js';

/**
 * The digests of an image and, where it is an index of images for several platforms, of all below it: what cosign signs with `--recursive`.
 *
 * @param registry - where the image is
 * @param image - by digest, or by tag, which is resolved once
 * @returns each once, the image itself first
 * @throws {@link CosignError} `ERR_COSIGN_NO_IMAGE`; `ERR_COSIGN_LIMIT` for more than 256 images or 4 levels.
 */
export async function imagesIn(
  registry: SignatureRegistry,
  image: ImageReference,
): Promise<readonly string[]> {
  const { registry: host, repository } = image;
  const found = new Set<string>();
  const walk = async (digest: string, depth: number): Promise<void> => {
    if (found.has(digest)) return;
    found.add(digest);
    if (found.size > MAX_IMAGES || depth > MAX_DEPTH)
      throw new CosignError(
        'ERR_COSIGN_LIMIT',
        `an index holds over ${MAX_IMAGES} images or ${MAX_DEPTH} levels`,
      );
    const { bytes } = await registry.getManifest({ registry: host, repository, digest });
    if (!isIndex(bytes)) return;
    for (const child of parseIndex(bytes).manifests) await walk(child.digest, depth + 1);
  };
  await walk(await resolveImage(registry, image), 1);
  return [...found];
}

const MAX_IMAGES = 256;
const MAX_DEPTH = 4;
