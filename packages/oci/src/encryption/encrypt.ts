/**
 * Layers, encrypted.
 *
 * @module
 */
import { type Bytes, chunksOf, encodeHex } from '@sealwright/bytes';
import { createAesCtr, createDigest, createHmac, randomBytes } from '@sealwright/crypto';
import { type ByteSource, releaseSource, streamOf } from '../byte-source.js';
import type { Descriptor } from '../descriptor.js';
import { OciError } from '../errors.js';
import { encryptedMediaType } from '../media-types.js';
import { encodePrivateOptions, encodePublicOptions, PUBLIC_OPTIONS_ANNOTATION } from './options.js';
import { type LayerKeySealer, sealLayerKey } from './recipients.js';

/** How to encrypt a layer. */
export interface EncryptLayerOptions {
  /** Of the layer as it is. */
  readonly mediaType: string;
  /** Who will be able to read the layer. At least one. */
  readonly sealers: readonly LayerKeySealer[];
  /** Other annotations for the descriptor. Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Bytes of the layer. Default 64 GiB. */
  readonly maxBytes?: number;
}

/** A layer being encrypted. */
export interface EncryptedLayerStream {
  /** The blob: as long as the layer. Read it to its end. */
  readonly stream: ReadableStream<Bytes>;
  /** What the manifest is to say about the blob. It is known when the blob was read to its end; it rejects if that failed. */
  readonly descriptor: Promise<Descriptor>;
}

/**
 * Encrypt a layer under a fresh key, which is then wrapped for each recipient.
 *
 * @param layer - compressed, if the media type says so
 * @param options - for whom
 * @throws {@link OciError} `ERR_OCI_MEDIA_TYPE`.
 *
 * @example
 * ```ts
 * const { stream, descriptor } = encryptLayer([encodeUtf8('a layer')], { mediaType, sealers: [jweSealer(key.publicKey)] });
 * await new Response(stream).arrayBuffer(); // upload it: the descriptor is known when the stream has ended
 * console.log((await descriptor).mediaType); // application/vnd.oci.image.layer.v1.tar+encrypted
 * ```
 */
export function encryptLayer(layer: ByteSource, options: EncryptLayerOptions): EncryptedLayerStream {
  const mediaType = encryptedMediaType(options.mediaType);
  if (options.sealers.length === 0) throw new TypeError('a layer is encrypted for one recipient at least');
  let settle: { resolve: (descriptor: Descriptor) => void; reject: (reason: unknown) => void } | undefined;
  const descriptor = new Promise<Descriptor>((resolve, reject) => {
    settle = { resolve, reject };
  });
  descriptor.catch(() => undefined); // whoever reads only the stream learns of the failure there
  const done = (made: Descriptor): void => settle?.resolve(made);
  const failed = (reason: unknown): void => settle?.reject(reason);
  // has no effect once the layer was encrypted to its end
  const cancelled = async (): Promise<void> => {
    failed(new OciError('ERR_OCI_CIPHER', 'the layer was not encrypted to its end'));
    await releaseSource(layer);
  };
  return { stream: streamOf(ciphertext(layer, mediaType, options, done, failed), cancelled), descriptor };
}

async function* ciphertext(
  layer: ByteSource,
  mediaType: string,
  { sealers, annotations = {}, maxBytes = MAX_BYTES }: EncryptLayerOptions,
  done: (descriptor: Descriptor) => void,
  failed: (reason: unknown) => void,
): AsyncGenerator<Bytes, void, void> {
  const symkey = randomBytes(32);
  const nonce = randomBytes(16);
  try {
    const cipher = createAesCtr(symkey, nonce);
    const mac = createHmac('sha256', symkey);
    const [before, after] = [createDigest('sha256'), createDigest('sha256')];
    let size = 0;
    for await (const chunk of chunksOf(layer)) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new OciError('ERR_OCI_SIZE', `the layer is over ${maxBytes} bytes`);
      before.update(chunk);
      const encrypted = cipher.update(chunk);
      mac.update(encrypted);
      after.update(encrypted);
      yield encrypted;
    }
    const secret = encodePrivateOptions({ symkey, nonce, digest: sha256(before.digest()) });
    const keys = await sealLayerKey(secret, sealers);
    secret.fill(0);
    const open = { [PUBLIC_OPTIONS_ANNOTATION]: encodePublicOptions(mac.digest()) };
    done({
      mediaType,
      digest: sha256(after.digest()),
      size,
      annotations: { ...annotations, ...keys, ...open },
    });
  } catch (error) {
    failed(error);
    throw error;
  } finally {
    symkey.fill(0);
  }
}

function sha256(digest: Uint8Array): string {
  return `sha256:${encodeHex(digest)}`;
}

const MAX_BYTES = 2 ** 36;
