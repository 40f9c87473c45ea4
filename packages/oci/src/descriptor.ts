/**
 * Descriptors: how images, layers and referrers are named by their content (OCI image specification, descriptor.md).
 *
 * @module
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { OciError } from './errors.js';
import { isDigest } from './reference.js';

/** What a piece of content is, and which bytes it must have. */
export interface Descriptor {
  /** What the content is. */
  readonly mediaType: string;
  /** `sha256:<hex>` of the content, or another algorithm of `parseReference`. */
  readonly digest: string;
  /** Bytes of the content. */
  readonly size: number;
  /** What the manifest's author says about it. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The kind of artifact behind a manifest. */
  readonly artifactType?: string;
  /** What an image runs on. */
  readonly platform?: Platform;
}

/** What an image runs on (OCI image index). */
export interface Platform {
  /** Processor, in Go's spelling, such as `amd64`. */
  readonly architecture: string;
  /** Operating system, such as `linux`. */
  readonly os: string;
  /** Variant of the processor, such as `v8`. */
  readonly variant?: string;
  /** Version of the operating system, where that matters. */
  readonly osVersion?: string;
}

/**
 * Read a descriptor. Members that are not listed in {@link Descriptor} are passed over.
 *
 * @param value - of a manifest or an index
 * @param pointer - JSON pointer of the value, for messages
 * @throws {@link OciError} `ERR_OCI_MANIFEST`.
 */
export function parseDescriptor(value: JsonValue | undefined, pointer = ''): Descriptor {
  if (!isJsonObject(value)) throw manifestFault('expected a descriptor', pointer);
  const { mediaType, digest, size, artifactType } = value;
  if (typeof mediaType !== 'string') throw manifestFault('expected a media type', `${pointer}/mediaType`);
  if (typeof digest !== 'string' || !isDigest(digest)) {
    throw manifestFault('expected a digest', `${pointer}/digest`);
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw manifestFault('expected a size', `${pointer}/size`);
  }
  const annotations = parseAnnotations(value['annotations'], `${pointer}/annotations`);
  const platform = parsePlatform(value['platform'], `${pointer}/platform`);
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations }),
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** Annotations: text to text. `null` is how Go writes none. */
export function parseAnnotations(
  value: JsonValue | undefined,
  pointer: string,
): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw manifestFault('expected annotations', pointer);
  const pairs = Object.entries(value).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw manifestFault('annotations are strings', pointer);
    return [name, text];
  });
  return Object.fromEntries(pairs);
}

/** The JSON of a descriptor, its members in the order of the specification. */
export function descriptorJson(descriptor: Descriptor): JsonObject {
  const { mediaType, digest, size, annotations, artifactType, platform } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    ...(platform === undefined ? {} : { platform: platformJson(platform) }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

/** An `ERR_OCI_MANIFEST`. */
export function manifestFault(message: string, pointer: string): OciError {
  return new OciError('ERR_OCI_MANIFEST', message, { pointer });
}

function parsePlatform(value: JsonValue | undefined, pointer: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw manifestFault('expected a platform', pointer);
  const { architecture, os, variant } = value;
  const osVersion = value['os.version'];
  if (typeof architecture !== 'string' || typeof os !== 'string') {
    throw manifestFault('expected architecture and os', pointer);
  }
  return {
    architecture,
    os,
    ...(typeof variant === 'string' ? { variant } : {}),
    ...(typeof osVersion === 'string' ? { osVersion } : {}),
  };
}

function platformJson({ architecture, os, variant, osVersion }: Platform): JsonObject {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(variant === undefined ? {} : { variant }),
  };
}
