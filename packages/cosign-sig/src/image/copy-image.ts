/**
 * Copy images with what is said about them, between registries and folders.
 *
 * @module
 */
import {
  type Descriptor,
  type ImageReference,
  isIndex,
  OciError,
  parseIndex,
  parseManifest,
  type RegistryManifest,
} from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { found, resolveImage } from '../registry.js';
import { attestationTag, signatureTag } from '../tag-layout.js';
import { imagesIn } from './images-in.js';
import type { SavedImageRegistry } from './saved-image.js';

/** What can be copied. */
export type CopiedPart = 'image' | 'sig' | 'att' | 'sbom' | 'referrers';

/** How to copy an image. */
export interface CopyImageOptions {
  /** What is copied. Default all of it. */
  readonly parts?: readonly CopiedPart[];
  /** Replace tags of signatures and attestations that are there and different. Default `false`: they are refused. */
  readonly overwrite?: boolean;
  /** In front of tags. Default none. */
  readonly tagPrefix?: string;
  /** Where the signatures of the source are. Default its own repository. */
  readonly signatureRepository?: ImageReference;
  /** Told what was copied. Default nobody. */
  readonly progress?: (what: string) => void;
}

/** What was copied. */
export interface CopiedImage {
  /** `sha256:<hex>` of the image. */
  readonly digest: string;
  /** Digests, and tags of signatures and attestations, in the order in which they were written. */
  readonly copied: readonly string[];
}

/**
 * Copy an image, for all its platforms, with signatures, attestations and everything else that refers to it. What it is made of comes first,
 * its name last, so that nobody finds half of it.
 *
 * @param from - where the image is
 * @param source - by digest, or by tag, which is resolved once
 * @param to - where it goes
 * @param target - the repository; with a tag, the image gets it
 * @param options - what is copied
 * @throws `OciError`; {@link CosignError} `ERR_COSIGN_NO_IMAGE`, `ERR_COSIGN_CONFLICT` or `ERR_COSIGN_LIMIT`.
 *
 * @example
 * ```ts
 * const target = parseReference('registry.example/mirror/app:v1');
 * const { copied } = await copySignedImage(registry, image, registry, target);
 * console.log(copied.length > 1); // true: the image, and what is said about it
 * ```
 */
export async function copySignedImage(
  from: SavedImageRegistry,
  source: ImageReference,
  to: SavedImageRegistry,
  target: ImageReference,
  options: CopyImageOptions = {},
): Promise<CopiedImage> {
  const run = new Copy(from, to, target, options);
  const digest = await resolveImage(from, source);
  await run.copyAll({ registry: source.registry, repository: source.repository }, digest);
  return { digest, copied: run.copied };
}

class Copy {
  readonly copied: string[] = [];
  readonly #from: SavedImageRegistry;
  readonly #to: SavedImageRegistry;
  readonly #place: ImageReference;
  readonly #tag: string | undefined;
  readonly #options: CopyImageOptions;

  constructor(
    from: SavedImageRegistry,
    to: SavedImageRegistry,
    target: ImageReference,
    options: CopyImageOptions,
  ) {
    this.#from = from;
    this.#to = to;
    this.#place = { registry: target.registry, repository: target.repository };
    this.#tag = target.tag;
    this.#options = options;
  }

  async copyAll(source: ImageReference, digest: string): Promise<void> {
    const { parts = ALL, signatureRepository = source } = this.#options;
    const images = await imagesIn(this.#from, { ...source, digest });
    if (parts.includes('image')) for (const each of [...images].reverse()) await this.#copyTree(source, each);
    for (const each of images) {
      for (const [part, tag] of this.#tagsOf(each))
        if (parts.includes(part)) await this.#copyTag(signatureRepository, tag);
      if (parts.includes('referrers')) await this.#copyReferrers(signatureRepository, each, 0);
    }
    if (parts.includes('image') && this.#tag !== undefined) {
      const { bytes, mediaType } = await this.#from.getManifest({ ...source, digest });
      await this.#to.putManifest({ ...this.#place, tag: this.#tag }, bytes, mediaType);
    }
  }

  #tagsOf(digest: string): readonly (readonly [CopiedPart, string])[] {
    const { tagPrefix } = this.#options;
    const signatures = signatureTag(digest, tagPrefix);
    return [
      ['sig', signatures],
      ['att', attestationTag(digest, tagPrefix)],
      ['sbom', signatures.replace(/\.sig$/, '.sbom')],
    ];
  }

  /** A manifest under its digest, behind what it is made of. */
  async #copyTree(source: ImageReference, digest: string): Promise<void> {
    const manifest = await this.#from.getManifest({ ...source, digest });
    await this.#copyContent(source, manifest);
    await this.#to.putManifest({ ...this.#place, digest }, manifest.bytes, manifest.mediaType);
    this.#note(digest);
  }

  async #copyContent(source: ImageReference, { bytes }: RegistryManifest): Promise<void> {
    if (isIndex(bytes)) {
      // what an index names was copied before, if it is an image; other manifests are small
      if (parseIndex(bytes).manifests.length > MAX_CHILDREN)
        throw new CosignError('ERR_COSIGN_LIMIT', `an index names at most ${MAX_CHILDREN} manifests`);
      return;
    }
    const { config, layers } = parseManifest(bytes);
    const seen = new Set<string>();
    for (const each of [config, ...layers]) {
      if (seen.has(each.digest) || isForeign(each)) continue;
      seen.add(each.digest);
      await this.#copyBlob(source, each);
    }
  }

  async #copyBlob(source: ImageReference, { digest, size }: Descriptor): Promise<void> {
    if (await this.#to.hasBlob(this.#place, digest)) return;
    const stream = await this.#from.openBlob(source, digest, { maxBytes: Math.max(size, 1) });
    const written = await this.#to.uploadBlob(this.#place, stream);
    if (written.digest !== digest) throw new OciError('ERR_OCI_DIGEST', `the blob is not ${digest}`);
  }

  async #copyTag(source: ImageReference, tag: string): Promise<void> {
    const manifest = await found(this.#from.getManifest({ ...source, tag }));
    if (manifest === undefined) return;
    const there = await found(this.#to.getManifest({ ...this.#place, tag }));
    if (there?.digest === manifest.digest) return;
    if (there !== undefined && this.#options.overwrite !== true)
      throw new CosignError('ERR_COSIGN_CONFLICT', `${tag} is there already, and says something else`);
    await this.#copyContent(source, manifest);
    await this.#to.putManifest({ ...this.#place, tag }, manifest.bytes, manifest.mediaType);
    this.#note(tag);
  }

  /** What refers to an image, and to that in turn. */
  async #copyReferrers(source: ImageReference, subject: string, depth: number): Promise<void> {
    if (depth === MAX_DEPTH) return;
    const listed = (await found(this.#to.listReferrers(this.#place, subject))) ?? [];
    const there = new Set(listed.map(({ digest }) => digest));
    for (const { digest } of await this.#from.listReferrers(source, subject)) {
      if (!there.has(digest)) {
        const manifest = await this.#from.getManifest({ ...source, digest });
        await this.#copyContent(source, manifest);
        await this.#to.attachReferrer(this.#place, manifest.bytes);
        this.#note(digest);
      }
      await this.#copyReferrers(source, digest, depth + 1);
    }
  }

  #note(what: string): void {
    this.copied.push(what);
    this.#options.progress?.(what);
  }
}

/** Layers that are not to be distributed are fetched from elsewhere by whoever needs them. */
function isForeign({ mediaType }: Descriptor): boolean {
  return mediaType.includes('.foreign.') || mediaType.includes('.nondistributable.');
}

const ALL: readonly CopiedPart[] = ['image', 'sig', 'att', 'sbom', 'referrers'];
const MAX_CHILDREN = 1000;
const MAX_DEPTH = 3;
