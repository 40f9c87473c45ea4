/**
 * Encrypted layers, opened.
 *
 * @module
 */
import { type Bytes, chunksOf, encodeUtf8, equalBytes } from '@sealwright/bytes';
import { createAesCtr, createHmac } from '@sealwright/crypto';
import { type ByteSource, releaseSource, streamOf } from '../byte-source.js';
import { createContentDigest } from '../content.js';
import { decompressLayer, type DecompressLayerOptions } from '../decompress.js';
import { OciError } from '../errors.js';
import { parseLayerMediaType } from '../media-types.js';
import { parsePublicOptions, type PrivateLayerOptions, PUBLIC_OPTIONS_ANNOTATION } from './options.js';
import { type LayerKeyOpener, openLayerKey } from './recipients.js';
import { CheckedSpool, type LayerSpool, type Waiting, waitInMemory } from './spool.js';

/** What a manifest says about an encrypted layer. A descriptor is one. */
export interface EncryptedLayer {
  /** Ends in `+encrypted`. */
  readonly mediaType: string;
  /** With the tag and the wrapped keys. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** How to open a layer. */
export interface DecryptLayerOptions {
  /** Who may know the key: tried in this order for each packet. */
  readonly openers: readonly LayerKeyOpener[];
  /** Bytes of the blob, which is as long as the layer. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Where the layer waits for its verdict. Default in memory. */
  readonly spool?: LayerSpool;
  /** Other programs for compressions, as of `decompressLayer`, for layers that were compressed while they were encrypted. */
  readonly decompressors?: DecompressLayerOptions['decompressors'];
}

/** A layer that is known to be what was encrypted. */
export interface DecryptedLayer {
  /** What the layer is, without `+encrypted`. */
  readonly mediaType: string;
  /** The digest of the layer as it flows: before it was encrypted; compressed, if it was. */
  readonly digest: string;
  /** Bytes of the layer. */
  readonly size: number;
  /** The layer. It can be read once. */
  readonly stream: ReadableStream<Bytes>;
}

/**
 * Open an encrypted layer. The whole blob is read first, and kept as it is; only when its tag holds and its digest is the one that was
 * sealed with the key does this resolve, and the layer begin to flow. Of a layer that was compressed while it was encrypted, as skopeo does
 * on the way to a registry, the digest is that of the archive.
 *
 * @param layer - its descriptor
 * @param blob - the blob
 * @param options - who may know the key
 * @throws {@link OciError} `ERR_OCI_MEDIA_TYPE`, `ERR_OCI_CIPHER`, `ERR_OCI_UNWRAP`, `ERR_OCI_HMAC`, `ERR_OCI_DIGEST`, `ERR_OCI_SIZE`.
 *
 * @example
 * ```ts
 * const { stream } = await decryptLayer(descriptor, encrypted, { openers: [jweOpener(key)] });
 * console.log(await new Response(stream).text()); // a layer
 * ```
 */
export async function decryptLayer(
  layer: EncryptedLayer,
  blob: ByteSource,
  options: DecryptLayerOptions,
): Promise<DecryptedLayer> {
  const spool: Waiting = options.spool === undefined ? waitInMemory() : new CheckedSpool(options.spool);
  const { decrypted, tag, key } = await keyOf(layer, options).catch(async (error: unknown) => {
    await releaseSource(blob);
    await spool.discard();
    throw error;
  });
  try {
    const mac = createHmac('sha256', key.symkey);
    const cipher = createAesCtr(key.symkey, key.nonce);
    const found = createContentDigest(key.digest);
    const size = await readAll(blob, options.maxBytes ?? MAX_BYTES, async (chunk) => {
      mac.update(chunk);
      found.update(cipher.update(chunk));
      await spool.append(chunk);
    });
    if (!equalBytes(mac.digest(), tag))
      throw new OciError('ERR_OCI_HMAC', 'the layer or its tag was changed');
    const digest = found.end();
    if (!equalBytes(encodeUtf8(digest), encodeUtf8(key.digest)))
      await mustUnpackTo(key, spool, decrypted, digest, options);
    const stream = streamOf(plaintext(spool, key.symkey, key.nonce), async (hadBegun) => {
      if (!hadBegun) await forget(spool, key.symkey);
    });
    return { mediaType: decrypted, digest, size, stream };
  } catch (error) {
    await forget(spool, key.symkey);
    throw error;
  }
}

async function keyOf(
  { mediaType, annotations = {} }: EncryptedLayer,
  { openers }: DecryptLayerOptions,
): Promise<{ decrypted: string; tag: Bytes; key: PrivateLayerOptions }> {
  const { decrypted } = parseLayerMediaType(mediaType);
  if (decrypted === undefined) {
    throw new OciError('ERR_OCI_MEDIA_TYPE', 'expected the media type of an encrypted layer');
  }
  const tag = parsePublicOptions(annotations[PUBLIC_OPTIONS_ANNOTATION]);
  return { decrypted, tag, key: await openLayerKey(annotations, openers) };
}

/** The key has the digest of what was given to whoever encrypted: perhaps an archive that was compressed only then. */
async function mustUnpackTo(
  { digest, nonce, symkey }: PrivateLayerOptions,
  spool: Waiting,
  mediaType: string,
  found: string,
  { decompressors = {} }: DecryptLayerOptions,
): Promise<void> {
  const { compression } = parseLayerMediaType(mediaType);
  try {
    if (compression !== 'none') {
      const archive = decompressLayer(deciphered(spool, symkey, nonce), compression, {
        decompressors,
        diffId: digest,
      });
      for await (const _ of chunksOf(archive));
      return;
    }
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
  }
  throw new OciError('ERR_OCI_DIGEST', `expected ${digest}, found ${found}`);
}

async function* plaintext(spool: Waiting, symkey: Bytes, nonce: Bytes): AsyncGenerator<Bytes, void, void> {
  try {
    yield* deciphered(spool, symkey, nonce);
  } finally {
    await forget(spool, symkey);
  }
}

async function* deciphered(spool: Waiting, symkey: Bytes, nonce: Bytes): AsyncGenerator<Bytes, void, void> {
  const cipher = createAesCtr(symkey, nonce);
  for await (const part of spool.parts()) yield cipher.update(part);
}

async function forget(spool: Waiting, symkey: Bytes): Promise<void> {
  symkey.fill(0);
  await spool.discard();
}

async function readAll(
  source: ByteSource,
  maxBytes: number,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<number> {
  let size = 0;
  for await (const chunk of chunksOf(source)) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new OciError('ERR_OCI_SIZE', `the layer is over ${maxBytes} bytes`);
    await take(chunk);
  }
  return size;
}

const MAX_BYTES = 1 << 30;
