import { encodeHex } from '@sealwright/bytes';
import { appendLayers, buildSignatureLayer, type verifySignedImage } from '@sealwright/cosign-sig';
import { digest as digestOf } from '@sealwright/crypto';
import { CommandError } from './failure.js';
import type { Io } from './io.js';
import { annotationsBeside, type DetachedFlags, givenSignature } from './detached.js';

/** Flags of `verify` that name a signature in files. */
export interface InFilesFlags extends DetachedFlags {
  readonly payload?: string;
}

type Registry = Parameters<typeof verifySignedImage>[0];

/**
 * A registry in which the signature of an image is the one in files: what it is over is compared with the image as ever.
 *
 * @param io - the world
 * @param registry - that has the image
 * @param flags - of the command line
 * @returns `undefined` where flags name no signature
 */
export async function withSignatureInFiles(
  io: Io,
  registry: Registry,
  flags: InFilesFlags,
): Promise<Registry | undefined> {
  const { signature, payload, certificate, rfc3161Timestamp } = flags;
  if (signature === undefined) {
    const [alone] = Object.entries({ payload, certificate, 'rfc3161-timestamp': rfc3161Timestamp }).find(
      ([, value]) => value !== undefined,
    ) ?? [undefined];
    if (alone !== undefined) throw new CommandError(`--signature is needed with --${alone}`);
    return undefined;
  }
  if (payload === undefined)
    throw new CommandError('--payload is needed with --signature: `sealwright generate` prints it');
  const beside = await annotationsBeside(io, {
    ...(certificate === undefined ? {} : { certificate }),
    ...(rfc3161Timestamp === undefined ? {} : { rfc3161Timestamp }),
  });
  const added = buildSignatureLayer(await io.readFile(payload), await givenSignature(io, signature), beside);
  const made = appendLayers(undefined, [added.layer]);
  if (made === undefined) throw new CommandError('--payload: it is empty');
  const { manifest: bytes, mediaType } = made;
  const found = { bytes, mediaType, digest: `sha256:${encodeHex(digestOf('sha256', bytes))}` };
  return {
    ...registry,
    getManifest: async (reference, ...rest) =>
      reference.digest === undefined && SIGNATURE_TAG.test(reference.tag ?? '')
        ? found
        : registry.getManifest(reference, ...rest),
    getBlob: async (reference, digest, ...rest) =>
      digest === added.layer.digest ? added.blob : registry.getBlob(reference, digest, ...rest),
  };
}

const SIGNATURE_TAG = /sha256-[0-9a-f]{64}\.sig$/;
