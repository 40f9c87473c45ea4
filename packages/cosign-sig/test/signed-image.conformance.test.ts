import { decodeBase64, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { importPublicKey } from '@sealwright/crypto';
import { decodePem } from '@sealwright/der';
import { type Descriptor, type ImageReference, parseReference, referrersTag } from '@sealwright/oci';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import {
  CosignError,
  cosignExitCode,
  createBundleVerifier,
  logIdOf,
  parseCosignPublicKey,
  type ReferrersRegistry,
  signatureEvidence,
  trustedAuthority,
  trustedLog,
  type TrustedRoot,
  verifySignedImage,
} from '../src/index.js';
import { MemoryRegistry } from './memory-registry.js';

interface ImageCase {
  id: string;
  what: string;
  mode: 'signature' | 'attestation';
  image: string;
  options: {
    key?: string;
    annotations?: Record<string, string>;
    checkClaims?: boolean;
    signatureDigestAlgorithm?: 'sha256' | 'sha384' | 'sha512';
    ignoreTlog?: boolean;
    offline?: boolean;
    rekorPublicKeys?: string[];
    predicateType?: string;
  };
  expect: { verdict: 'accept' | 'reject' | 'any'; verifiedCount?: number; cosignExitCode?: number };
  registry: {
    tags: Record<string, string>;
    manifests: Record<string, { mediaType: string; base64: string }>;
    blobs: Record<string, string>;
    referrersApi: Record<string, Descriptor[]> | null;
  };
}

const area = vectorArea('cosign-sig');
const cases = area.present
  ? area
      .json<{ id: string }[]>('oci', 'index.json')
      .map(({ id }) => area.json<ImageCase>('oci', `${id}.json`))
  : [];

describe.skipIf(!area.present)('images of the vectors, both layouts, with logs', () => {
  it.each(cases)('$id: $what', async (sample) => {
    const {
      key,
      rekorPublicKeys = [],
      ignoreTlog,
      offline: _always,
      annotations,
      checkClaims,
      predicateType,
      signatureDigestAlgorithm: hash,
      ...unknown
    } = sample.options;
    expect(unknown).toEqual({});
    expect(['signature', 'attestation']).toContain(sample.mode);
    const root = rootOf(rekorPublicKeys);
    const outcome: unknown = await verifySignedImage(registryOf(sample), parseReference(sample.image), {
      verifier: createBundleVerifier(root),
      policy: { keys: [parseCosignPublicKey(key ?? '')], logEntries: ignoreTlog === true ? 0 : 1 },
      kind: sample.mode,
      ...(annotations === undefined ? {} : { annotations }),
      ...(hash === undefined ? {} : { hash }),
      ...(checkClaims === false ? { dangerouslySkipClaims: true } : {}),
      ...(predicateType === undefined ? {} : { predicateType }),
    }).catch((reason: unknown) => reason);
    const { verdict, verifiedCount, cosignExitCode: exitCode } = sample.expect;
    expect(['accept', 'reject', 'any']).toContain(verdict);
    if (outcome instanceof Error && !(outcome instanceof CosignError)) throw outcome;
    if (verdict === 'reject') expect(outcome).toBeInstanceOf(CosignError);
    if (verdict === 'accept') {
      expect(outcome instanceof CosignError ? outcome.message : '').toBe('');
      if (verifiedCount !== undefined)
        expect(outcome).toMatchObject({ signatures: { length: verifiedCount } });
    }
    if (exitCode !== undefined && outcome instanceof CosignError)
      expect(cosignExitCode(outcome.code)).toBe(exitCode);
  });
});

describe.skipIf(!area.present || !area.list('legacy-image').includes('rekor-set'))(
  'the keyless signature of 2023',
  () => {
    const file = (name: string): Uint8Array => area.bytes('legacy-image', name);
    const text = (name: string): string => decodeUtf8(file(name));

    it('holds with its log, its chain and its signer, and with nothing else', async () => {
      const blob = file('rekor-payload');
      const annotations = {
        'dev.cosignproject.cosign/signature': text('rekor-sig').trim(),
        'dev.sigstore.cosign/certificate': text('fulcio-cert'),
        'dev.sigstore.cosign/chain': text('fulcio-chain'),
        'dev.sigstore.cosign/bundle': text('rekor-set'),
      };
      const evidence = signatureEvidence({ layer: { annotations }, blob }, false);
      const authority = trustedAuthority(decodePem(text('fulcio_v1.crt.pem')).map(({ bytes }) => bytes));
      const root = { ...rootOf([text('rekor.pub')]), certificateAuthorities: [authority] };
      const identity = { issuer: 'https://github.com/login/oauth', subject: 'mitr@redhat.com' };
      const verifier = createBundleVerifier(root);
      const policy = { identities: [identity], scts: 0 };
      expect((await verifier.verify(evidence, { bytes: blob }, policy)).certificate).toMatchObject({
        issuer: 'https://github.com/login/oauth',
      });
      const refused = [
        verifier.verify(evidence, { bytes: encodeUtf8('other') }, policy),
        verifier.verify(
          evidence,
          { bytes: blob },
          { ...policy, identities: [{ ...identity, subject: 'x@redhat.com' }] },
        ),
        verifier.verify(evidence, { bytes: blob }, { identities: [identity] }),
        createBundleVerifier({ ...root, tlogs: [] }).verify(evidence, { bytes: blob }, policy),
        createBundleVerifier({ ...root, certificateAuthorities: [] }).verify(
          evidence,
          { bytes: blob },
          policy,
        ),
      ];
      for (const outcome of await Promise.all(refused.map((each) => each.catch((reason: unknown) => reason))))
        expect(outcome).toBeInstanceOf(CosignError);
    });
  },
);

function rootOf(logKeys: readonly string[]): TrustedRoot {
  const tlogs = logKeys.map((pem) => {
    const key = importPublicKey(pem);
    return trustedLog(key, logIdOf(key));
  });
  return { tlogs, certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
}

function registryOf({ registry: content, image }: ImageCase): Omit<ReferrersRegistry, 'attachReferrer'> {
  const { repository } = parseReference(image);
  const registry = new MemoryRegistry();
  for (const [tag, digest] of Object.entries(content.tags)) registry.tags.set(`${repository}:${tag}`, digest);
  for (const [digest, { mediaType, base64 }] of Object.entries(content.manifests))
    registry.manifests.set(digest, { bytes: decodeBase64(base64), mediaType });
  for (const [digest, base64] of Object.entries(content.blobs))
    registry.blobs.set(digest, decodeBase64(base64));
  const { referrersApi } = content;
  const listReferrers = async (_place: ImageReference, digest: string): Promise<readonly Descriptor[]> => {
    if (referrersApi !== null) return referrersApi[digest] ?? [];
    const index = registry.tags.get(`${repository}:${referrersTag(digest)}`);
    const bytes = registry.manifests.get(index ?? '')?.bytes;
    return bytes === undefined
      ? []
      : (JSON.parse(decodeUtf8(bytes)) as { manifests: Descriptor[] }).manifests;
  };
  return Object.assign(registry, { listReferrers });
}
