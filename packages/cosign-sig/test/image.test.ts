import { encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, type PrivateKey } from '@sealwright/crypto';
import { type ImageReference, OciError, type OciErrorCode } from '@sealwright/oci';
import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appendLayers,
  buildSignatureLayer,
  CosignError,
  cosignExitCode,
  cosignSigner,
  parseSignatureManifest,
  SIGNATURE_ANNOTATION,
  signatureTag,
  signImage,
  simpleSigningPayload,
  verifyImageSignatures,
} from '../src/index.js';
import { MemoryRegistry, pushImage, sha256 } from './memory-registry.js';

let key: PrivateKey;
let other: PrivateKey;
let registry: MemoryRegistry;
let image: ImageReference;

beforeAll(async () => {
  key = await generateKeyPair('ec-p256');
  other = await generateKeyPair('ed25519');
});

beforeEach(async () => {
  registry = new MemoryRegistry();
  image = await pushImage(registry);
});

describe('an image', () => {
  it.each(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa'] as const)(
    'signed with %s verifies',
    async (kind) => {
      const private_ = await generateKeyPair(kind, { bits: 2048 });
      const signed = await signImage(registry, image, {
        signer: cosignSigner(private_),
        annotations: { env: 'prod' },
      });
      const verified = await verifyImageSignatures(registry, image, {
        key: private_.publicKey,
        annotations: { env: 'prod' },
        matchRepository: true,
      });
      expect(verified.digest).toBe(signed.digest);
      expect(verified.signatures).toHaveLength(1);
      expect(verified.signatures[0]?.claims.dockerReference).toBe('registry.example/team/app');
    },
  );

  it('keeps the signatures of others and is not signed twice by the same key', async () => {
    const first = await signImage(registry, image, { signer: cosignSigner(key) });
    const second = await signImage(registry, image, { signer: cosignSigner(other) });
    const third = await signImage(registry, image, { signer: cosignSigner(key) });
    expect([first.written, second.written, third.written]).toEqual([true, true, false]);
    expect(layers(first.digest)).toHaveLength(2);
    for (const { publicKey } of [key, other]) {
      const { signatures, findings } = await verifyImageSignatures(registry, image, { key: publicKey });
      expect([signatures.length, findings.length]).toEqual([1, 1]);
    }
  });

  it('is signed again when another writer wins the first race', async () => {
    const rival = buildSignatureLayer(encodeUtf8('{}'), Uint8Array.of(1));
    const winner = appendLayers(undefined, [rival.layer])?.manifest ?? new Uint8Array();
    const put = registry.putManifest.bind(registry);
    registry.putManifest = async (reference, bytes, mediaType) => {
      registry.putManifest = put;
      await put(reference, bytes, mediaType);
      return put(reference, winner, mediaType);
    };
    const { digest } = await signImage(registry, image, { signer: cosignSigner(key) });
    expect(layers(digest).map((layer) => layer.digest)).toContain(rival.layer.digest);
    expect((await verifyImageSignatures(registry, image, { key: key.publicKey })).signatures).toHaveLength(1);
  });

  it('says when the other writer never stops', async () => {
    const put = registry.putManifest.bind(registry);
    const empty = encodeUtf8('{"schemaVersion":2,"layers":[]}');
    registry.putManifest = async (reference, _bytes, mediaType) => put(reference, empty, mediaType);
    await expect(signImage(registry, image, { signer: cosignSigner(key) })).rejects.toMatchObject({
      code: 'ERR_COSIGN_CONFLICT',
    });
  });
});

describe('a signature is refused', () => {
  const refusal = async (promise: Promise<unknown>): Promise<CosignError> => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof CosignError) return error;
    throw error ?? new Error('it was accepted');
  };

  it('where there is no image, and where there is none', async () => {
    const options = { key: key.publicKey };
    const missing = await refusal(verifyImageSignatures(registry, { ...image, tag: 'v2' }, options));
    const unsigned = await refusal(verifyImageSignatures(registry, image, options));
    expect([missing, unsigned].map(({ code }) => [code, cosignExitCode(code)])).toEqual([
      ['ERR_COSIGN_NO_IMAGE', 11],
      ['ERR_COSIGN_NO_SIGNATURE', 10],
    ]);
  });

  it('by another key, with other annotations, under another name', async () => {
    await signImage(registry, image, { signer: cosignSigner(key), identity: 'elsewhere.example/app' });
    const attempts = [
      { key: other.publicKey },
      { key: key.publicKey, annotations: { env: 'prod' } },
      { key: key.publicKey, matchRepository: true },
      { key: key.publicKey, hash: 'sha512' },
    ] as const;
    for (const options of attempts) {
      const error = await refusal(verifyImageSignatures(registry, image, options));
      expect(error.code).toBe('ERR_COSIGN_NO_MATCH');
      expect(cosignExitCode(error.code)).toBe(12);
      expect(error.findings).toHaveLength(1);
    }
  });

  it('for another image, unless claims are skipped by name', async () => {
    const elsewhere = await pushImage(registry, 'v2');
    const { digest } = await signImage(registry, elsewhere, { signer: cosignSigner(key) });
    const mine = (await registry.getManifest(image)).digest;
    registry.tags.set(
      `team/app:${signatureTag(mine)}`,
      registry.tags.get(`team/app:${signatureTag(digest)}`) ?? '',
    );
    const options = { key: key.publicKey };
    expect((await refusal(verifyImageSignatures(registry, image, options))).message).toContain(
      'digest: expected',
    );
    const skipped = await verifyImageSignatures(registry, image, { ...options, dangerouslySkipClaims: true });
    expect(skipped.signatures[0]?.checks).toEqual([]);
  });

  it('with any bit of payload or signature changed', async () => {
    const { digest, layer } = await signImage(registry, image, { signer: cosignSigner(key) });
    const blob = registry.blobs.get(layer.digest) ?? new Uint8Array();
    for (let at = 0; at < blob.length; at += 37) {
      const changed = new Uint8Array(blob);
      changed[at] = (changed[at] ?? 0) ^ 1;
      registry.blobs.set(layer.digest, changed);
      await refusal(verifyImageSignatures(registry, image, { key: key.publicKey }));
    }
    registry.blobs.set(layer.digest, blob);
    for (const signature of ['', '!', 'AAAA', undefined]) {
      const annotations = signature === undefined ? {} : { [SIGNATURE_ANNOTATION]: signature };
      const manifest = appendLayers(undefined, [{ ...layer, annotations }]);
      await registry.putManifest({ ...image, tag: signatureTag(digest) }, manifest?.manifest ?? blob, '');
      await refusal(verifyImageSignatures(registry, image, { key: key.publicKey }));
    }
  });

  it('when the payload is longer than the cap, or gone', async () => {
    const { layer } = await signImage(registry, image, { signer: cosignSigner(key) });
    const options = { key: key.publicKey, maxPayloadBytes: 10 };
    expect((await refusal(verifyImageSignatures(registry, image, options))).findings[0]?.reason).toContain(
      'more than 10',
    );
    registry.blobs.delete(layer.digest);
    await refusal(verifyImageSignatures(registry, image, { key: key.publicKey }));
  });
});

it('does not let one bad blob hide the others, nor a silent registry pass for a verdict', async () => {
  const bad = await signImage(registry, image, { signer: cosignSigner(other), annotations: { a: 'b' } });
  await signImage(registry, image, { signer: cosignSigner(key) });
  const get = registry.getBlob.bind(registry);
  const failFor = (code: OciErrorCode): void => {
    registry.getBlob = async (reference, digest) => {
      if (digest === bad.layer.digest) throw new OciError(code, 'a fault of the registry');
      return get(reference, digest);
    };
  };
  for (const code of ['ERR_OCI_DIGEST', 'ERR_OCI_SIZE', 'ERR_OCI_NOT_FOUND'] as const) {
    failFor(code);
    const { signatures, findings } = await verifyImageSignatures(registry, image, { key: key.publicKey });
    expect([signatures.length, findings.length]).toEqual([1, 1]);
  }
  failFor('ERR_OCI_REGISTRY');
  await expect(verifyImageSignatures(registry, image, { key: key.publicKey })).rejects.toBeInstanceOf(
    OciError,
  );
});

describe('a manifest of signatures', () => {
  const { layer } = buildSignatureLayer(
    simpleSigningPayload({ reference: 'r/a', digest: sha256(new Uint8Array()) }),
    Uint8Array.of(1),
  );

  it('keeps what others wrote', () => {
    const first = appendLayers(undefined, [layer]);
    const text = new TextDecoder()
      .decode(first?.manifest)
      .replace('{"schemaVersion"', '{"annotations":{"a":"b"},"schemaVersion"');
    const existing = parseSignatureManifest(encodeUtf8(text));
    const next = appendLayers(existing, [{ ...layer, annotations: { other: 'x' } }]);
    const parsed = parseSignatureManifest(next?.manifest ?? new Uint8Array());
    expect(parsed.json['annotations']).toEqual({ a: 'b' });
    expect(parsed.layers).toEqual([layer, { ...layer, annotations: { other: 'x' } }]);
    const config = JSON.parse(new TextDecoder().decode(next?.config)) as { rootfs: { diff_ids: string[] } };
    expect(config.rootfs.diff_ids).toEqual([layer.digest, layer.digest]);
    expect(parsed.json['config']).toMatchObject({ digest: sha256(next?.config ?? new Uint8Array()) });
  });

  it('does not change when the layer is there already', () => {
    const existing = parseSignatureManifest(appendLayers(undefined, [layer])?.manifest ?? new Uint8Array());
    expect(appendLayers(existing, [layer])).toBeUndefined();
    expect(appendLayers(existing, [layer], () => false)).toBeUndefined();
    const other = { ...layer, annotations: { other: 'x' } };
    const next = appendLayers(existing, [other], () => false)?.manifest ?? new Uint8Array();
    expect(parseSignatureManifest(next).layers).toEqual([other]);
  });

  it.each([
    '',
    '[]',
    '{"schemaVersion":1,"layers":[]}',
    '{"schemaVersion":2}',
    '{"schemaVersion":2,"layers":[{}]}',
  ])('is not %j', (text) => {
    expect(() => parseSignatureManifest(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_MANIFEST' }),
    );
  });

  it('answers any bytes with a manifest or a CosignError', () => {
    const valid = new TextDecoder().decode(appendLayers(undefined, [layer])?.manifest);
    const mutated = fc
      .record({ at: fc.nat(valid.length - 1), text: fc.string({ maxLength: 3 }), cut: fc.nat(9) })
      .map(({ at, text, cut }) =>
        new TextEncoder().encode(valid.slice(0, at) + text + valid.slice(at + cut)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), mutated), (bytes) => {
        try {
          const existing = parseSignatureManifest(bytes);
          parseSignatureManifest(appendLayers(existing, [{ ...layer, size: 9 }])?.manifest ?? bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CosignError);
        }
      }),
    );
  });

  it('has at most a thousand layers', () => {
    const text = JSON.stringify({ schemaVersion: 2, layers: Array.from({ length: 1001 }, () => ({})) });
    expect(() => parseSignatureManifest(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_LIMIT' }),
    );
  });
});

function layers(digest: string): readonly { digest: string }[] {
  const manifest = registry.manifests.get(registry.tags.get(`team/app:${signatureTag(digest)}`) ?? '');
  return parseSignatureManifest(manifest?.bytes ?? new Uint8Array()).layers;
}
