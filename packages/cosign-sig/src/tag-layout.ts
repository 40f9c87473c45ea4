/**
 * The manifests under the tags `sha256-<hex>.sig` and `.att`: one layer for each signature or attestation.
 *
 * @module
 */
import { type Bytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  goJsonOrdered,
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { CosignError } from './errors.js';
import { isSha256Digest, sha256Hex, sha256Of } from './image-digest.js';

/** Media type of a layer that holds a simple signing payload. */
export const SIMPLE_SIGNING_MEDIA_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** Media type of a layer that holds a DSSE envelope. */
export const DSSE_MEDIA_TYPE = 'application/vnd.dsse.envelope.v1+json';
/** The annotation of a layer that holds its signature, as base64. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
/** The annotation of an attestation layer that names its predicate type; unsigned, a hint only. */
export const PREDICATE_TYPE_ANNOTATION = 'predicateType';
/** How many layers a manifest may have. */
export const MAX_LAYERS = 1000;

/** A layer as the manifest describes it. */
export interface SignatureLayer {
  /** {@link SIMPLE_SIGNING_MEDIA_TYPE}, {@link DSSE_MEDIA_TYPE}, or another. */
  readonly mediaType: string;
  /** Bytes of the blob. */
  readonly size: number;
  /** `sha256:<hex>` of the blob. */
  readonly digest: string;
  /** What the layer says about itself; unsigned. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A layer and the blob that it describes. */
export interface LayerWithBlob {
  /** For the manifest. */
  readonly layer: SignatureLayer;
  /** For the registry. */
  readonly blob: Bytes;
}

/** A manifest of signatures or attestations. */
export interface SignatureManifest {
  /** The whole manifest as parsed; other writers' members are kept when layers are appended. */
  readonly json: JsonObject;
  /** Its layers, in order. */
  readonly layers: readonly SignatureLayer[];
}

/** A manifest ready to be pushed, config first. */
export interface EncodedSignatureManifest {
  /** The manifest. */
  readonly manifest: Bytes;
  /** Its media type. */
  readonly mediaType: string;
  /** The config blob that it names. */
  readonly config: Bytes;
}

/**
 * The tag that holds the signatures of an image: `sha256-<hex>.sig`.
 *
 * @param digest - `sha256:<hex>` of the image
 * @param prefix - in front of the tag. Default none.
 * @throws {@link CosignError} `ERR_COSIGN_DIGEST`.
 */
export function signatureTag(digest: string, prefix = ''): string {
  return `${prefix}sha256-${sha256Hex(digest)}.sig`;
}

/**
 * The tag that holds the attestations of an image: `sha256-<hex>.att`.
 *
 * @param digest - `sha256:<hex>` of the image
 * @param prefix - in front of the tag. Default none.
 * @throws {@link CosignError} `ERR_COSIGN_DIGEST`.
 */
export function attestationTag(digest: string, prefix = ''): string {
  return `${prefix}sha256-${sha256Hex(digest)}.att`;
}

/**
 * The layer of a signature.
 *
 * @param payload - the simple signing payload, exactly as signed
 * @param signature - over it
 * @param annotations - others to add, such as a log entry that somebody else obtained
 */
export function buildSignatureLayer(
  payload: Uint8Array,
  signature: Uint8Array,
  annotations: Readonly<Record<string, string>> = {},
): LayerWithBlob {
  return layerOf(SIMPLE_SIGNING_MEDIA_TYPE, payload, {
    [SIGNATURE_ANNOTATION]: encodeBase64(signature),
    ...annotations,
  });
}

/**
 * The layer of an attestation.
 *
 * @param envelope - the DSSE envelope, as JSON text
 * @param predicateType - of the statement inside
 * @param annotations - others to add
 */
export function buildAttestationLayer(
  envelope: Uint8Array,
  predicateType: string,
  annotations: Readonly<Record<string, string>> = {},
): LayerWithBlob {
  return layerOf(DSSE_MEDIA_TYPE, envelope, {
    [SIGNATURE_ANNOTATION]: '',
    [PREDICATE_TYPE_ANNOTATION]: predicateType,
    ...annotations,
  });
}

/**
 * Read a manifest of signatures or attestations.
 *
 * @param bytes - as the registry gave it, digest checked
 * @throws {@link CosignError} `ERR_COSIGN_MANIFEST` or `ERR_COSIGN_LIMIT`.
 */
export function parseSignatureManifest(bytes: Uint8Array): SignatureManifest {
  const json = object(parse(bytes), '');
  if (json['schemaVersion'] !== 2) throw fault('expected schemaVersion 2', '/schemaVersion');
  const layers = json['layers'];
  if (!Array.isArray(layers)) throw fault('expected an array', '/layers');
  if (layers.length > MAX_LAYERS) {
    throw new CosignError(
      'ERR_COSIGN_LIMIT',
      `a manifest has at most ${MAX_LAYERS} layers, not ${layers.length}`,
    );
  }
  return { json, layers: layers.map((layer, index) => layerFrom(layer, `/layers/${index}`)) };
}

/**
 * Add layers behind those that are there, each once. Members and annotations of the manifest that others wrote are kept.
 *
 * @param existing - what the tag holds now; `undefined` starts a manifest
 * @param added - the new layers
 * @param keep - which of the old layers stay, beside those that are equal to new ones. Default all.
 * @returns `undefined` where equal layers are there already and nothing would change
 * @throws {@link CosignError} `ERR_COSIGN_LIMIT`.
 */
export function appendLayers(
  existing: SignatureManifest | undefined,
  added: readonly SignatureLayer[],
  keep: (layer: SignatureLayer) => boolean = () => true,
): EncodedSignatureManifest | undefined {
  const old = existing?.layers ?? [];
  const wanted = new Set(added.map(layerKey));
  const kept = old.filter((layer) => keep(layer) || wanted.has(layerKey(layer)));
  const there = new Set(kept.map(layerKey));
  const missing = added.filter((layer) => !there.has(layerKey(layer)));
  if (missing.length === 0 && kept.length === old.length) return undefined;
  const layers = [...kept, ...missing];
  if (layers.length > MAX_LAYERS) {
    throw new CosignError('ERR_COSIGN_LIMIT', `a manifest has at most ${MAX_LAYERS} layers`);
  }
  return encodeSignatureManifest(layers, existing?.json);
}

/** A text that is the same for layers of the same blob with the same annotations. */
export function layerKey({ digest, mediaType, annotations }: SignatureLayer): string {
  const said = Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([digest, mediaType, said]);
}

function encodeSignatureManifest(
  layers: readonly SignatureLayer[],
  base: JsonObject = {},
): EncodedSignatureManifest {
  const config = encodeUtf8(
    goJsonOrdered({
      architecture: '',
      created: EPOCH_OF_GO,
      history: layers.map(() => ({ created: EPOCH_OF_GO })),
      os: '',
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
      config: {},
    }),
  );
  const docker = base['mediaType'] === DOCKER_MANIFEST;
  const mediaType = docker ? DOCKER_MANIFEST : OCI_MANIFEST;
  const manifest = encodeUtf8(
    goJsonOrdered({
      ...base,
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: docker ? DOCKER_CONFIG : OCI_CONFIG,
        size: config.byteLength,
        digest: sha256Of(config),
      },
      layers: layers.map(({ mediaType: type, size, digest, annotations }) => ({
        mediaType: type,
        size,
        digest,
        ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
      })),
    }),
  );
  return { manifest, mediaType, config };
}

function layerOf(mediaType: string, blob: Uint8Array, annotations: Record<string, string>): LayerWithBlob {
  const copy = new Uint8Array(blob);
  return { layer: { mediaType, size: copy.byteLength, digest: sha256Of(copy), annotations }, blob: copy };
}

function layerFrom(value: JsonValue, pointer: string): SignatureLayer {
  const { mediaType, size, digest, annotations = null } = object(value, pointer);
  if (typeof mediaType !== 'string') throw fault('expected a string', `${pointer}/mediaType`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw fault('expected a size', `${pointer}/size`);
  }
  if (typeof digest !== 'string' || !isSha256Digest(digest)) {
    throw fault('expected a sha256 digest', `${pointer}/digest`);
  }
  const pairs = Object.entries(annotations === null ? {} : object(annotations, `${pointer}/annotations`));
  const texts = pairs.map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw fault('annotations are strings', `${pointer}/annotations`);
    return [name, text];
  });
  return { mediaType, size, digest, annotations: Object.fromEntries(texts) };
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new CosignError('ERR_COSIGN_MANIFEST', `a manifest is JSON: ${cause.message}`, { cause });
  }
}

function object(value: JsonValue | undefined, pointer: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault('expected an object', pointer);
}

function fault(message: string, pointer: string): CosignError {
  return new CosignError('ERR_COSIGN_MANIFEST', message, { pointer });
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
const EPOCH_OF_GO = '0001-01-01T00:00:00Z';
