/**
 * Manifests and indexes (OCI image specification 1.1, and Docker's schema 2).
 *
 * @module
 */
import { type Bytes, encodeUtf8 } from '@sealwright/bytes';
import {
  goJsonOrdered,
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import {
  type Descriptor,
  descriptorJson,
  manifestFault,
  parseAnnotations,
  parseDescriptor,
  type Platform,
} from './descriptor.js';
import { OciError } from './errors.js';
import { DOCKER_INDEX, DOCKER_MANIFEST, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST } from './media-types.js';

/** An image, or an artifact that is kept like one. */
export interface ImageManifest {
  /** {@link OCI_MANIFEST} or {@link DOCKER_MANIFEST}. */
  readonly mediaType: string;
  /** The configuration of an image; of an artifact, perhaps nothing but `{}`. */
  readonly config: Descriptor;
  /** The layers, the lowest first. */
  readonly layers: readonly Descriptor[];
  /** What an artifact is about. */
  readonly subject?: Descriptor;
  /** What kind of artifact it is. */
  readonly artifactType?: string;
  /** What the author says about it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Manifests side by side. */
export interface ImageIndex {
  /** {@link OCI_INDEX} or {@link DOCKER_INDEX}. */
  readonly mediaType: string;
  /** The manifests. */
  readonly manifests: readonly Descriptor[];
  /** What the index is about. */
  readonly subject?: Descriptor;
  /** What kind of artifact it is. */
  readonly artifactType?: string;
  /** What the author says about it. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Read a manifest.
 *
 * @param bytes - as the registry gave them, digest checked; at most 4 MiB
 * @throws {@link OciError} `ERR_OCI_MANIFEST` with the place.
 */
export function parseManifest(bytes: Uint8Array): ImageManifest {
  const json = readSchema2(bytes);
  if (json['manifests'] !== undefined)
    throw manifestFault('expected a manifest, found an index', '/manifests');
  return {
    mediaType: mediaTypeOf(json, OCI_MANIFEST, [OCI_MANIFEST, DOCKER_MANIFEST]),
    config: parseDescriptor(json['config'], '/config'),
    layers: descriptors(json['layers'], '/layers'),
    ...common(json),
  };
}

/**
 * Read an index.
 *
 * @param bytes - as the registry gave them, digest checked; at most 4 MiB
 * @throws {@link OciError} `ERR_OCI_MANIFEST` with the place.
 */
export function parseIndex(bytes: Uint8Array): ImageIndex {
  const json = readSchema2(bytes);
  if (json['layers'] !== undefined || json['config'] !== undefined) {
    throw manifestFault('expected an index, found a manifest', '/layers');
  }
  return {
    mediaType: mediaTypeOf(json, OCI_INDEX, [OCI_INDEX, DOCKER_INDEX]),
    manifests: descriptors(json['manifests'], '/manifests'),
    ...common(json),
  };
}

/**
 * Whether bytes are an index, told by what they hold: the media type in the answer of a registry is not signed.
 *
 * @param bytes - of a manifest or an index
 */
export function isIndex(bytes: Uint8Array): boolean {
  const json = readSchema2(bytes);
  return json['manifests'] !== undefined && json['layers'] === undefined;
}

/**
 * Write a manifest, its members in the order of the specification.
 *
 * @param manifest - what it says
 */
export function encodeManifest(manifest: ImageManifest): Bytes {
  const { mediaType, config, layers, subject, artifactType, annotations } = manifest;
  return encodeUtf8(
    goJsonOrdered({
      schemaVersion: 2,
      mediaType,
      config: descriptorJson(config),
      layers: layers.map(descriptorJson),
      ...commonJson(subject, artifactType, annotations),
    }),
  );
}

/**
 * Write an index, its members in the order of the specification.
 *
 * @param index - what it says
 */
export function encodeIndex(index: ImageIndex): Bytes {
  const { mediaType, manifests, subject, artifactType, annotations } = index;
  return encodeUtf8(
    goJsonOrdered({
      schemaVersion: 2,
      mediaType,
      manifests: manifests.map(descriptorJson),
      ...commonJson(subject, artifactType, annotations),
    }),
  );
}

/**
 * The manifest of an index for a platform. A variant counts where it is asked for; without one, the first that fits wins. An image
 * that names none is of its architecture's usual variant: `v8` for `arm64`, `v7` for `arm`, `v1` for `amd64`.
 *
 * @param index - the index
 * @param platform - what to run on
 * @throws {@link OciError} `ERR_OCI_NOT_FOUND`.
 *
 * @example
 * ```ts
 * const [arm, amd] = ['arm64', 'amd64'].map((architecture) => ({ ...descriptor, platform: { os: 'linux', architecture } }));
 * const index = { mediaType: OCI_INDEX, manifests: [arm, amd] };
 * console.log(selectPlatform(index, { os: 'linux', architecture: 'amd64' }).platform?.architecture); // amd64
 * ```
 */
export function selectPlatform(index: ImageIndex, platform: Platform): Descriptor {
  const found = index.manifests.find(
    (each) =>
      each.platform !== undefined &&
      each.platform.os === platform.os &&
      each.platform.architecture === platform.architecture &&
      (platform.variant === undefined || variantOf(each.platform) === platform.variant) &&
      (platform.osVersion === undefined || each.platform.osVersion === platform.osVersion),
  );
  if (found !== undefined) return found;
  throw new OciError('ERR_OCI_NOT_FOUND', `there is no image for ${platform.os}/${platform.architecture}`);
}

function variantOf({ architecture, variant }: Platform): string | undefined {
  return variant === undefined || variant === '' ? USUAL_VARIANTS.get(architecture) : variant;
}

const USUAL_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['arm64', 'v8'],
  ['arm', 'v7'],
  ['amd64', 'v1'],
]);

/** The content of {@link EMPTY_DESCRIPTOR}. */
export const EMPTY_CONTENT = '{}';
/** Names `{}`, for the configuration of artifacts that need none. The content has to be pushed like any other. */
export const EMPTY_DESCRIPTOR: Descriptor = {
  mediaType: OCI_EMPTY,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
};

function common(json: JsonObject): Pick<ImageManifest, 'subject' | 'artifactType' | 'annotations'> {
  const { artifactType } = json;
  const annotations = parseAnnotations(json['annotations'], '/annotations');
  if (artifactType !== undefined && typeof artifactType !== 'string') {
    throw manifestFault('expected a media type', '/artifactType');
  }
  const subject = json['subject'] ?? undefined;
  return {
    ...(subject === undefined ? {} : { subject: parseDescriptor(subject, '/subject') }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function commonJson(
  subject: Descriptor | undefined,
  artifactType: string | undefined,
  annotations: Readonly<Record<string, string>> | undefined,
): JsonObject {
  return {
    ...(subject === undefined ? {} : { subject: descriptorJson(subject) }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
  };
}

function readSchema2(bytes: Uint8Array): JsonObject {
  let json: JsonValue;
  try {
    json = parseJson(bytes, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new OciError('ERR_OCI_MANIFEST', `a manifest is JSON: ${cause.message}`, { cause });
  }
  if (!isJsonObject(json)) throw manifestFault('expected an object', '');
  if (json['schemaVersion'] !== 2) throw manifestFault('expected schemaVersion 2', '/schemaVersion');
  return json;
}

function mediaTypeOf(json: JsonObject, fallback: string, known: readonly string[]): string {
  const mediaType = json['mediaType'] ?? fallback;
  if (typeof mediaType === 'string' && known.includes(mediaType)) return mediaType;
  throw manifestFault(`expected ${known.join(' or ')}`, '/mediaType');
}

function descriptors(value: JsonValue | undefined, pointer: string): readonly Descriptor[] {
  if (!Array.isArray(value)) throw manifestFault('expected a list', pointer);
  if (value.length > MAX_DESCRIPTORS) {
    throw new OciError('ERR_OCI_SIZE', `a manifest names at most ${MAX_DESCRIPTORS} things`, { pointer });
  }
  return value.map((item, index) => parseDescriptor(item, `${pointer}/${index}`));
}

const MAX_BYTES = 4 << 20;
const MAX_DESCRIPTORS = 10_000;
