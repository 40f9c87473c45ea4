import { decodeBase64 } from '@sealwright/bytes';
import type { SignatureHash } from '@sealwright/crypto';
import { type ImageReference, parseReference } from '@sealwright/oci';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  CosignError,
  cosignExitCode,
  parseCosignPublicKey,
  verifyImageAttestations,
  verifyImageSignatures,
} from '../src/index.js';
import { MemoryRegistry } from './memory-registry.js';

interface IndexEntry {
  id: string;
  mode: 'signature' | 'attestation';
  verdict: 'accept' | 'reject' | 'any';
  what: string;
}

interface ImageCase {
  image: string;
  options: {
    key?: string;
    annotations?: Record<string, string>;
    checkClaims?: boolean;
    signatureDigestAlgorithm?: SignatureHash;
    ignoreTlog?: boolean;
    predicateType?: string;
  };
  expect: { verdict: string; verifiedCount?: number; cosignExitCode?: number };
  registry: {
    tags: Record<string, string>;
    manifests: Record<string, { mediaType: string; base64: string }>;
    blobs: Record<string, string>;
    referrersApi: unknown;
  };
}

const area = vectorArea('cosign-sig');
const index = area.present ? area.json<IndexEntry[]>('oci', 'index.json') : [];
const sampleOf = (id: string): ImageCase => area.json<ImageCase>('oci', `${id}.json`);

/** With a key, without a log, in the tag layout: what this package answers for. */
const covered = index.filter(({ id }) => {
  const { options, registry } = sampleOf(id);
  return options.key !== undefined && options.ignoreTlog === true && !usesReferrers(registry);
});

describe.skipIf(!area.present)('images of the vectors', () => {
  it.each(covered.filter(({ mode }) => mode === 'signature'))('$id: $what', async ({ id, verdict }) => {
    const sample = sampleOf(id);
    await expectVerdict(sample, verdict, async (registry, image) => {
      const { key, annotations, checkClaims, signatureDigestAlgorithm: hash } = sample.options;
      const { signatures } = await verifyImageSignatures(registry, image, {
        key: parseCosignPublicKey(key ?? ''),
        ...(annotations === undefined ? {} : { annotations }),
        ...(checkClaims === false ? { dangerouslySkipClaims: true } : {}),
        ...(hash === undefined ? {} : { hash }),
      });
      return signatures.length;
    });
  });

  it.each(covered.filter(({ mode }) => mode === 'attestation'))('$id: $what', async ({ id, verdict }) => {
    const sample = sampleOf(id);
    await expectVerdict(sample, verdict, async (registry, image) => {
      const { key, predicateType } = sample.options;
      const { attestations } = await verifyImageAttestations(registry, image, {
        key: parseCosignPublicKey(key ?? ''),
        ...(predicateType === undefined ? {} : { predicateType }),
      });
      return attestations.length;
    });
  });
});

async function expectVerdict(
  sample: ImageCase,
  verdict: IndexEntry['verdict'],
  act: (registry: MemoryRegistry, image: ImageReference) => Promise<number>,
): Promise<void> {
  const image = parseReference(sample.image);
  const outcome: unknown = await act(registryOf(sample, image), image).catch((error: unknown) => error);
  if (typeof outcome !== 'number') expect(outcome).toBeInstanceOf(CosignError);
  if (verdict === 'any') return;
  if (verdict === 'accept') expect(outcome).toBe(sample.expect.verifiedCount ?? expect.any(Number));
  else expect(outcome).toBeInstanceOf(CosignError);
  if (sample.expect.cosignExitCode !== undefined && outcome instanceof CosignError) {
    expect(cosignExitCode(outcome.code)).toBe(sample.expect.cosignExitCode);
  }
}

function registryOf({ registry: content }: ImageCase, image: ImageReference): MemoryRegistry {
  const registry = new MemoryRegistry();
  for (const [tag, digest] of Object.entries(content.tags))
    registry.tags.set(`${image.repository}:${tag}`, digest);
  for (const [digest, { mediaType, base64 }] of Object.entries(content.manifests)) {
    registry.manifests.set(digest, { bytes: decodeBase64(base64), mediaType });
  }
  for (const [digest, base64] of Object.entries(content.blobs))
    registry.blobs.set(digest, decodeBase64(base64));
  return registry;
}

/** Whether the signatures are referrers: by the API, or in the index under the tag without a suffix. */
function usesReferrers({ tags, referrersApi }: ImageCase['registry']): boolean {
  return (
    (referrersApi ?? undefined) !== undefined ||
    Object.keys(tags).some((tag) => /^sha256-[0-9a-f]{64}$/.test(tag))
  );
}
