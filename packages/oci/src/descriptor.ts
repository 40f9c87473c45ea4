/**
 * Descriptors: how images, layers and referrers are named by their content (OCI image specification, descriptor.md).
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64, encodeBase64 } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, type JsonValue } from '@sealwright/json';
import { mustBe } from './content.js';
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
  /** Where else the content is. Default nowhere; nothing here goes there by itself. */
  readonly urls?: readonly string[];
  /** What the manifest's author says about it. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** The content itself. It has the digest. Default not there. */
  readonly data?: Bytes;
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
  /** What the operating system must be able to do. */
  readonly osFeatures?: readonly string[];
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
  const urls = parseStrings(value['urls'], `${pointer}/urls`);
  const annotations = parseAnnotations(value['annotations'], `${pointer}/annotations`);
  const data = parseData(value['data'], digest, size, `${pointer}/data`);
  const platform = parsePlatform(value['platform'], `${pointer}/platform`);
  return {
    mediaType,
    digest,
    size,
    ...(urls === undefined ? {} : { urls }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(data === undefined ? {} : { data }),
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
  const { mediaType, digest, size, urls, annotations, data, artifactType, platform } = descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(urls === undefined ? {} : { urls: [...urls] }),
    ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    ...(data === undefined ? {} : { data: encodeBase64(data) }),
    ...(platform === undefined ? {} : { platform: platformJson(platform) }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

/** An `ERR_OCI_MANIFEST`. */
export function manifestFault(message: string, pointer: string): OciError {
  return new OciError('ERR_OCI_MANIFEST', message, { pointer });
}

function parseStrings(value: JsonValue | undefined, pointer: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw manifestFault('expected a list of strings', pointer);
}

function parseData(
  value: JsonValue | undefined,
  digest: string,
  size: number,
  pointer: string,
): Bytes | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw manifestFault('expected base64', pointer);
  try {
    const data = decodeBase64(value);
    mustBe(data, digest);
    if (data.byteLength === size) return data;
  } catch (cause) {
    if (!(cause instanceof BytesError || cause instanceof OciError)) throw cause;
  }
  throw manifestFault('expected base64 of the content that the digest and the size are of', pointer);
}

function parsePlatform(value: JsonValue | undefined, pointer: string): Platform | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw manifestFault('expected a platform', pointer);
  const { architecture, os, variant } = value;
  const osVersion = value['os.version'];
  const osFeatures = parseStrings(value['os.features'], `${pointer}/os.features`);
  if (typeof architecture !== 'string' || typeof os !== 'string') {
    throw manifestFault('expected architecture and os', pointer);
  }
  return {
    architecture,
    os,
    ...(typeof variant === 'string' ? { variant } : {}),
    ...(typeof osVersion === 'string' ? { osVersion } : {}),
    ...(osFeatures === undefined ? {} : { osFeatures }),
  };
}

function platformJson({ architecture, os, variant, osVersion, osFeatures }: Platform): JsonObject {
  return {
    architecture,
    os,
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
    ...(osFeatures === undefined ? {} : { 'os.features': [...osFeatures] }),
    ...(variant === undefined ? {} : { variant }),
  };
}
