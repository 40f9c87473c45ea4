import {
  isIndex,
  parseIndex,
  parseManifest,
  parseReference,
  type RegistryClient,
  selectPlatform,
} from '@sealwright/oci';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';

/** The digests that a name stands for now; an image of several platforms has two. */
export interface ResolvedImage {
  readonly digest: string;
  readonly indexDigest?: string;
}

/** Ask a registry what a name stands for. */
export async function resolve(
  registry: RegistryClient,
  image: string,
  platform: string,
): Promise<ResolvedImage> {
  const [os = '', architecture = '', variant] = platform.split('/');
  const reference = parseReference(image);
  const { bytes, digest: computed } = await registry.getManifest(reference);
  const digest = reference.digest ?? computed;
  if (!isIndex(bytes)) return { digest };
  const wanted = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return { digest: selectPlatform(parseIndex(bytes), wanted).digest, indexDigest: digest };
}

/** The image's configuration, by its platform. */
export async function configOf(
  registry: RegistryClient,
  image: string,
  { digest }: ResolvedImage,
  platform: string,
): Promise<JsonObject> {
  const place = { ...parseReference(image), digest };
  const { config } = parseManifest((await registry.getManifest(place)).bytes);
  const json = parseJson(await registry.getBlob(place, config.digest));
  return { [platform]: isJsonObject(json) ? json : {} };
}
