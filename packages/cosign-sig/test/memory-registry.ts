import { type Bytes, copyBytes, encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { type ImageReference, OciError, type RegistryManifest } from '@sealwright/oci';
import type { SignatureRegistry } from '../src/index.js';

/** A registry in memory, as small as the interface allows. */
export class MemoryRegistry implements SignatureRegistry {
  readonly tags = new Map<string, string>();
  readonly manifests = new Map<string, { bytes: Uint8Array; mediaType: string }>();
  readonly blobs = new Map<string, Uint8Array>();

  async getManifest(reference: ImageReference): Promise<RegistryManifest> {
    const digest = reference.digest ?? this.tags.get(`${reference.repository}:${reference.tag}`) ?? '';
    const manifest = this.manifests.get(digest);
    if (manifest === undefined) throw notFound();
    return { bytes: copyBytes(manifest.bytes), mediaType: manifest.mediaType, digest };
  }

  async putManifest(reference: ImageReference, bytes: Uint8Array, mediaType: string): Promise<string> {
    const digest = sha256(bytes);
    this.manifests.set(digest, { bytes, mediaType });
    if (reference.tag !== undefined) this.tags.set(`${reference.repository}:${reference.tag}`, digest);
    return digest;
  }

  async getBlob(_reference: ImageReference, digest: string): Promise<Bytes> {
    const blob = this.blobs.get(digest);
    if (blob === undefined) throw notFound();
    return copyBytes(blob);
  }

  async putBlob(_reference: ImageReference, bytes: Uint8Array): Promise<string> {
    this.blobs.set(sha256(bytes), bytes);
    return sha256(bytes);
  }
}

/** An empty image under the tag `v1`. */
export async function pushImage(registry: MemoryRegistry, tag = 'v1'): Promise<ImageReference> {
  const image = { registry: 'registry.example', repository: 'team/app', tag };
  const text = `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","layers":[],"annotations":{"tag":"${tag}"}}`;
  await registry.putManifest(image, new TextEncoder().encode(text), OCI_MANIFEST);
  return image;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${encodeHex(digest('sha256', bytes))}`;
}

function notFound(): OciError {
  return new OciError('ERR_OCI_NOT_FOUND', 'not found', { status: 404 });
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
