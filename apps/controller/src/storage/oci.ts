import { attachAttestation, signImage, type SignatureRegistry } from '@sealwright/cosign-sig';
import { type ImageReference, OciError, parseReference } from '@sealwright/oci';
import type { Log } from '@sealwright/service';
import { parseImageReference, SlsaError, type TektonImage } from '@sealwright/slsa/tekton';
import type { Signed, Storage } from './storage.js';

/** Where signatures go. */
export interface OciStorageOptions {
  /** The registries. */
  readonly registry: SignatureRegistry;
  /** `storage.oci.repository`: one repository for all instead of each image's own. Empty for none. */
  readonly repository: string;
  /** Told of subjects that are no images. */
  readonly log: Log;
}

/**
 * The storage `oci`: signatures under the `.sig` tag of an image, attestations under the `.att` tag of every image that a
 * statement names.
 *
 * @param options - registries and override
 */
export function ociStorage(options: OciStorageOptions): Storage {
  const place = options.repository === '' ? undefined : parseReference(options.repository);
  return {
    name: 'oci',
    store: async (run, signed) => {
      if (signed.subject.kind === 'image')
        return sign(options.registry, signed.subject.artifact.image, signed, place);
      for (const image of imagesOf(signed, options.log, run.run.name))
        await attest(options.registry, image, signed, place);
      return undefined;
    },
  };
}

async function sign(
  registry: SignatureRegistry,
  image: TektonImage,
  { signer, signature }: Signed,
  place: ImageReference | undefined,
): Promise<void> {
  await signImage(registry, referenceOf(image), {
    signer: { ...signer, sign: () => Promise.resolve(new Uint8Array(signature)) }, // the payload is the same bytes: signed once
    identity: image.repository,
    ...(place === undefined ? {} : { signatureRepository: place }),
  });
}

async function attest(
  registry: SignatureRegistry,
  image: TektonImage,
  { signature, subject }: Signed,
  place: ImageReference | undefined,
): Promise<void> {
  const predicateType =
    subject.kind === 'statement' ? String(subject.provenance.statement['predicateType']) : '';
  await attachAttestation(registry, referenceOf(image), signature, {
    predicateType,
    ...(place === undefined ? {} : { attestationRepository: place }),
  });
}

/** A subject that is no image, such as a package, has nowhere to go in a registry: the others still have. */
function imagesOf({ subject }: Signed, log: Log, run: string): readonly TektonImage[] {
  const subjects = subject.kind === 'statement' ? (subject.provenance.statement['subject'] ?? []) : [];
  if (!Array.isArray(subjects)) return [];
  return subjects.flatMap((each) => {
    const { name, digest } = each as {
      readonly name: string;
      readonly digest: Readonly<Record<string, string>>;
    }; // made by us
    try {
      return [parseImageReference(`${name.trim()}@sha256:${digest['sha256'] ?? ''}`)];
    } catch (error) {
      if (!(error instanceof SlsaError)) throw error;
      log.warn({ run, subject: name }, 'subject is no image');
      return [];
    }
  });
}

function referenceOf({ repository, digest }: TektonImage): ImageReference {
  try {
    return parseReference(`${repository}@${digest}`);
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause;
    throw new Error(`${repository} cannot be pushed to: ${cause.message}`, { cause });
  }
}
