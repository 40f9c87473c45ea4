import {
  attestationTag,
  parseSignatureManifest,
  type SignatureLayer,
  signatureTag,
} from '@sealwright/cosign-sig';
import {
  type ImageReference,
  OciError,
  parseIndex,
  type Platform,
  type RegistryClient,
  selectPlatform,
} from '@sealwright/oci';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { imageOf, placeOf, registryClient } from './registry.js';
import type { RegistryFlags } from './registry-flags.js';

/** An image, and the repository where what is said about it is kept. */
export interface FoundImage {
  readonly registry: RegistryClient;
  readonly image: ImageReference & { readonly digest: string };
  readonly place: ImageReference;
  tag(kind: 'sig' | 'att' | 'sbom'): string;
}

/**
 * Find an image and the place of what is said about it.
 *
 * @param io - the world
 * @param name - of the image
 * @param flags - of the command line
 */
export async function findImage(io: Io, name: string, flags: RegistryFlags): Promise<FoundImage> {
  const registry = registryClient(io, flags);
  const image = await imageOf(name);
  const { repository, tagPrefix } = placeOf(io, flags);
  const { digest } = await namedImage(name, forPlatform(registry, image, flags.platform));
  const { registry: host, repository: path } = repository ?? image;
  return {
    registry,
    image: { registry: image.registry, repository: image.repository, digest },
    place: { registry: host, repository: path },
    tag: (kind) => {
      if (kind === 'att') return attestationTag(digest, tagPrefix);
      return signatureTag(digest, tagPrefix).replace(/sig$/, kind);
    },
  };
}

/**
 * The digest of an image, or of the one for a platform in an index.
 *
 * @param registry - where it is
 * @param image - what is named
 * @param platform - such as `linux/arm64/v8`; without one, the image as it is
 */
export async function forPlatform(
  registry: RegistryClient,
  image: ImageReference,
  platform: string | undefined,
): Promise<ImageReference & { readonly digest: string }> {
  const { digest, bytes } = await registry.getManifest(image);
  if (platform === undefined || platform === '') return { ...image, digest };
  const wanted = platformOf(platform);
  const chosen = await about(digest, () => selectPlatform(parseIndex(bytes), wanted));
  const { tag: _whole, ...rest } = image;
  return { ...rest, digest: chosen.digest };
}

function platformOf(text: string): Platform {
  const [os = '', architecture = '', variant, ...more] = text.split('/');
  if (os === '' || architecture === '' || more.length > 0)
    throw new CommandError(`--platform is such as linux/arm64, not ${JSON.stringify(text)}`);
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/**
 * An image that has to be there.
 *
 * @param name - of the image
 * @param request - of it
 * @throws {@link CommandError}
 */
export async function namedImage<T>(name: string, request: Promise<T>): Promise<T> {
  const found = await present(request);
  if (found !== undefined) return found;
  throw new CommandError(`there is no image ${name}`, 'ERR_OCI_NOT_FOUND', EXIT_FAILURE);
}

/**
 * The layers under a tag; none where there is no such tag.
 *
 * @param found - the image
 * @param tag - the tag
 */
export async function layersOf(
  { registry, place }: FoundImage,
  tag: string,
): Promise<readonly SignatureLayer[]> {
  const manifest = await present(registry.getManifest({ ...place, tag }));
  return manifest === undefined ? [] : parseSignatureManifest(manifest.bytes).layers;
}

/**
 * What is there; `undefined` where the registry says that it is not.
 *
 * @param request - of it
 */
export async function present<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof OciError && error.code === 'ERR_OCI_NOT_FOUND') return undefined;
    throw error;
  }
}
