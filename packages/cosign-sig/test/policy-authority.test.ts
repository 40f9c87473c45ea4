import { encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { encodePem } from '@sealwright/der';
import type { JsonValue } from '@sealwright/json';
import { parseReference } from '@sealwright/oci';
import { createSigstore } from '@sealwright/testing';
import { describe, expect, it } from 'vitest';
import {
  createRekorClient,
  keylessSigner,
  parseTrustedRoot,
  type ReferrersRegistry,
  requestTimestamp,
  signBlob,
  SIGNATURE_ANNOTATION,
  signatureTag,
  SIMPLE_SIGNING_MEDIA_TYPE,
  simpleSigningPayload,
  type TrustedRoot,
} from '../src/index.js';
import { signatureEvidence } from '../src/image/layer-evidence.js';
import {
  type AuthorityRequest,
  type LogRule,
  parseTrustRoot,
  sigstoreAuthority,
} from '../src/policy/index.js';
import { MemoryRegistry, pushImage } from './memory-registry.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const NOBODY: TrustedRoot = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
const LOG: LogRule = {
  ignoreLog: false,
  ignoreSct: true,
  rekorUrl: '',
  rekorKey: undefined,
  ctLogKey: undefined,
  timestampChain: undefined,
};

/** An image whose signature is certified, logged with its certificate, and stamped. */
async function world() {
  const registry = new MemoryRegistry();
  const tagged = await pushImage(registry);
  const { digest } = await registry.getManifest(tagged);
  const sigstore = await createSigstore(() => NOW);
  const root = parseTrustedRoot(sigstore.trustedRoot);
  const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
  const [log] = root.tlogs;
  if (log === undefined) throw new TypeError('there is a log');
  const payload = simpleSigningPayload({ reference: 'registry.example/team/app', digest });
  const token = sigstore.token({ subject: 'signer@example.com', issuer: 'https://issuer.example' });
  const { bundle } = await signBlob(payload, {
    by: await keylessSigner({ url: 'https://fulcio.test', fetch }, token),
    logs: [createRekorClient({ url: 'https://rekor.test', fetch, log })],
    timestamps: [(signature) => requestTimestamp({ url: 'https://tsa.test', fetch }, signature)],
  });
  const [entry] = bundle.logEntries;
  const [stamp = new Uint8Array()] = bundle.timestamps;
  if (bundle.material.kind !== 'certificate' || bundle.content.kind !== 'message' || entry === undefined)
    throw new TypeError('it is certified and logged');
  const certificate = encodePem('CERTIFICATE', bundle.material.certificate);
  const chain = sigstore.authority.map((der) => encodePem('CERTIFICATE', der)).join('');
  const annotations = {
    [SIGNATURE_ANNOTATION]: encodeBase64(bundle.content.signature),
    'dev.sigstore.cosign/certificate': certificate,
    'dev.sigstore.cosign/chain': chain,
    'dev.sigstore.cosign/bundle': JSON.stringify({
      SignedEntryTimestamp: encodeBase64(entry.inclusionPromise ?? new Uint8Array()),
      Payload: {
        body: encodeBase64(entry.body),
        integratedTime: entry.integratedTime,
        logIndex: entry.logIndex,
        logID: encodeHex(entry.logId),
      },
    }),
    'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp: encodeBase64(stamp) }),
  };
  const blob = await registry.putBlob(tagged, payload);
  const layer = { mediaType: SIMPLE_SIGNING_MEDIA_TYPE, size: payload.byteLength, digest: blob, annotations };
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: blob };
  const manifest = encodeUtf8(JSON.stringify({ schemaVersion: 2, config, layers: [layer] }));
  const image = { ...parseReference('registry.example/team/app'), digest };
  await registry.putManifest({ ...tagged, tag: signatureTag(digest) }, manifest, 'application/json');
  const referrers: ReferrersRegistry = {
    getManifest: (reference) => registry.getManifest(reference),
    putManifest: (reference, bytes, mediaType) => registry.putManifest(reference, bytes, mediaType),
    getBlob: (reference, name) => registry.getBlob(reference, name),
    putBlob: (reference, bytes) => registry.putBlob(reference, bytes),
    listReferrers: async () => [],
    attachReferrer: async () => Promise.reject(new Error('nothing is attached here')),
  };
  const ask = async (
    subject: AuthorityRequest['subject'],
    log: Partial<LogRule> = {},
    options: { now?: () => number; trustedRoot?: TrustedRoot; named?: TrustedRoot } = {},
  ): Promise<string> => {
    const { named, trustedRoot = root, ...more } = options;
    const trustRoots = named === undefined ? {} : { trustRoots: async () => named };
    const answer = await sigstoreAuthority(referrers, { trustedRoot, ...trustRoots, ...more })({
      image,
      subject,
      annotations: {},
      repository: undefined,
      tagPrefix: '',
      format: 'tag',
      predicateType: undefined,
      log: { ...LOG, ...log },
    });
    return answer.by;
  };
  return { sigstore, root, certificate, chain, ask };
}

describe('signers with certificates of their own', () => {
  it('are known by one certificate, in a log under it, with or without its chain', async () => {
    const { certificate, chain, ask } = await world();
    const one = { kind: 'certificate', certificate, chain: '' } as const;
    expect(await ask(one)).toContain('the key');
    expect(await ask({ ...one, chain })).toContain('the key');
    expect(await ask(one, { ignoreLog: true })).toContain('the key');
    expect(await ask({ ...one, chain }, { ignoreLog: true }, { now: () => NOW })).toContain('the key');
  });

  it('are known by the chain alone', async () => {
    const { chain, ask } = await world();
    const any = { kind: 'certificate', certificate: '', chain } as const;
    expect(await ask(any)).toContain('signer@example.com');
    expect(await ask(any, { ignoreSct: false })).toContain('signer@example.com');
    expect(await ask(any, { ignoreLog: true }, { now: () => NOW })).toContain('signer@example.com');
    expect(await ask(any, { ignoreLog: true, wantsTimestamp: true })).toContain('signer@example.com');
  });

  it('are refused under other certificates, chains, logs and times', async () => {
    const { certificate, chain, ask } = await world();
    const other = await world();
    const one = { kind: 'certificate', certificate, chain } as const;
    const later = { now: () => NOW + 3_600_000, trustedRoot: NOBODY };
    for (const refused of [
      () => ask({ ...one, certificate: other.certificate, chain: other.chain }),
      () => ask({ ...one, chain: other.chain }),
      () => ask({ ...one, certificate: '', chain: other.chain }),
      () => ask(one, {}, { trustedRoot: NOBODY }),
      () => ask(one, { ignoreLog: true, wantsTimestamp: true }, { trustedRoot: NOBODY }),
      () => ask({ ...one, certificate: `${certificate}${certificate}` }),
      () => ask({ ...one, certificate: 'no certificate' }),
      () => ask({ ...one, certificate: '', chain: '' }),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'CosignError' });
    }
    // without a log only the clock says when it was used, and the certificate is over by then
    await expect(ask({ ...one, certificate: '' }, { ignoreLog: true }, later)).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
    await expect(
      ask({ ...one, certificate: '' }, { ignoreLog: true }, { trustedRoot: NOBODY }),
    ).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
  });
});

describe('ten thousand certificates', () => {
  it('are refused before they are looked at, in a policy and beside a signature', async () => {
    const { certificate, ask } = await world();
    const chain = certificate.repeat(10_000);
    const subject = { kind: 'certificate', certificate: '', chain } as const;
    const identities = [{ issuer: undefined, subject: { exact: 'signer@example.com' } }];
    await expect(ask(subject)).rejects.toMatchObject({ name: 'CosignError' });
    await expect(ask({ ...subject, certificate: chain })).rejects.toMatchObject({ name: 'CosignError' });
    await expect(ask({ kind: 'keyless', identities, roots: chain, extensions: {} })).rejects.toMatchObject({
      name: 'CosignError',
    });
    const annotations = {
      [SIGNATURE_ANNOTATION]: 'AAAA',
      'dev.sigstore.cosign/certificate': certificate,
      'dev.sigstore.cosign/chain': chain,
    };
    expect(() => signatureEvidence({ layer: { annotations }, blob: new Uint8Array() }, false)).toThrow(
      expect.objectContaining({ name: 'CosignError' }),
    );
  });
});

describe('what a policy trusts by a name', () => {
  it('is read out of a TrustRoot', async () => {
    const { sigstore, root, ask } = await world();
    const pem = (label: string, der: Uint8Array | undefined) => encodePem(label, der ?? new Uint8Array());
    const bytes = (...texts: string[]) => encodeBase64(encodeUtf8(texts.join('')));
    const logs = (all: TrustedRoot['tlogs']) =>
      all.map(({ key, baseUrl }) => ({
        baseURL: baseUrl,
        hashAlgorithm: 'sha-256',
        publicKey: bytes(pem('PUBLIC KEY', key?.spki)),
      }));
    const certChain = bytes(...sigstore.authority.map((der) => pem('CERTIFICATE', der)));
    const subject = { organization: 'o', commonName: 'c' };
    const sigstoreKeys = {
      certificateAuthorities: [{ subject, uri: 'https://fulcio.test', certChain }],
      tLogs: logs(root.tlogs.slice(0, 1)),
      ctLogs: logs(root.ctlogs),
      timestampAuthorities: [],
    };
    const object = (spec: object): JsonValue =>
      ({ kind: 'TrustRoot', metadata: { name: 'ours' }, spec }) as unknown as JsonValue;
    const read = parseTrustRoot(object({ sigstoreKeys }));
    expect(read.name).toBe('ours');
    const named = { ...keyless, trustRoot: 'ours' };
    const log = { rekorTrustRoot: 'ours', ignoreSct: false };
    expect(await ask(named, log, { trustedRoot: NOBODY, named: read.root })).toContain('signer@example.com');
    for (const [spec, pointer] of [
      [{}, '/spec'],
      [{ remote: { root: 'x', mirror: 'https://m' } }, '/spec/remote'],
      [{ sigstoreKeys: { more: 1 } }, '/spec/sigstoreKeys/more'],
      [{ sigstoreKeys: { tLogs: [{ publicKey: '%' }] } }, '/spec/sigstoreKeys/tLogs/0/publicKey'],
      [{ sigstoreKeys: { tLogs: [{ publicKey: bytes('x') }] } }, '/spec/sigstoreKeys/tLogs/0/publicKey'],
      [{ sigstoreKeys: { ctLogs: [{ hashAlgorithm: 'md5' }] } }, '/spec/sigstoreKeys/ctLogs/0/hashAlgorithm'],
      [
        { sigstoreKeys: { certificateAuthorities: [{ certChain: bytes('x') }] } },
        '/spec/sigstoreKeys/certificateAuthorities/0/certChain',
      ],
    ] as const) {
      expect(() => parseTrustRoot(object(spec))).toThrow(
        expect.objectContaining({ code: 'ERR_COSIGN_POLICY', pointer }),
      );
    }
  });

  const identities = [
    { issuer: { exact: 'https://issuer.example' }, subject: { exact: 'signer@example.com' } },
  ];
  const keyless = { kind: 'keyless', identities, roots: undefined, extensions: {} } as const;

  it('takes the place of what is trusted otherwise, and is never passed over', async () => {
    const { root, ask } = await world();
    const named = { ...keyless, trustRoot: 'ours' };
    expect(await ask(keyless)).toContain('signer@example.com');
    const logs = { rekorTrustRoot: 'ours', timestampTrustRoot: 'ours', wantsTimestamp: true };
    expect(await ask(named, logs, { trustedRoot: NOBODY, named: root })).toContain('signer@example.com');
    await expect(ask(named)).rejects.toThrow('what ours trusts cannot be had here');
    await expect(ask(named, {}, { named: NOBODY })).rejects.toMatchObject({ name: 'CosignError' });
    await expect(ask(keyless, { rekorTrustRoot: 'ours' }, { named: NOBODY })).rejects.toMatchObject({
      code: 'ERR_COSIGN_NO_MATCH',
    });
    await expect(
      ask(keyless, { timestampTrustRoot: 'ours', wantsTimestamp: true }, { named: NOBODY }),
    ).rejects.toMatchObject({ code: 'ERR_COSIGN_NO_MATCH' });
  });
});
