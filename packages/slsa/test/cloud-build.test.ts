import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import { createStatement, INTOTO_PAYLOAD_TYPE, pae } from '@sealwright/in-toto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  appraiseProvenance,
  type CloudBuildKey,
  parseCloudBuild,
  preferredCloudBuild,
  SlsaError,
  verifyCloudBuild,
} from '../src/index.js';
import { cloudBuild } from '../src/trust/index.js';

const HEX = 'ab'.repeat(32);
const IMAGE = `registry.example.com/shop/checkout@sha256:${HEX}`;
const subject = [{ name: 'https://registry.example.com/shop/checkout', digest: { sha256: HEX } }];
const V1 = {
  buildDefinition: {
    buildType: 'https://cloud.google.com/build/gcb-buildtypes/google-worker/v1',
    externalParameters: { substitutions: {} },
  },
  runDetails: { builder: { id: 'https://cloudbuild.googleapis.com/GoogleHostedWorker' }, byproducts: [{}] },
};
const V01 = {
  builder: { id: 'https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3' },
  recipe: { type: 'https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1' },
};
let key: PrivateKey;
let keys: readonly CloudBuildKey[];

beforeAll(async () => {
  key = await generateKeyPair('ec-p256');
  keys = [
    { keyid: 'new', key: key.publicKey, covers: 'pae' },
    { keyid: 'old', key: key.publicKey, covers: 'payload' },
  ];
});

async function entry(keyid: 'new' | 'old', patch: object = {}, type = INTOTO_PAYLOAD_TYPE): Promise<object> {
  const isNew = keyid === 'new';
  const predicateType = `https://slsa.dev/provenance/${isNew ? 'v1' : 'v0.1'}`;
  const version = isNew ? 'v1' : 'v0.1';
  const { bytes } = createStatement({ subject, predicateType, predicate: isNew ? V1 : V01, version });
  const signature = await sign(key, isNew ? pae(INTOTO_PAYLOAD_TYPE, bytes) : bytes);
  const { predicate, ...rest } = JSON.parse(decodeUtf8(bytes)) as { predicate: object };
  const build = isNew
    ? { inTotoSlsaProvenanceV1: { ...rest, predicate } }
    : { intotoStatement: { ...rest, slsaProvenance: predicate } };
  const signatures = [
    { keyid: 'x', sig: 'AAAA' },
    { keyid, sig: encodeBase64(signature) },
  ];
  return {
    build,
    envelope: { payload: encodeBase64(bytes), payloadType: type, signatures },
    kind: 'BUILD',
    resourceUri: `https://${IMAGE}`,
    ...patch,
  };
}

function file(provenance: readonly object[], patch: object = {}): string {
  const summary = { digest: `sha256:${HEX}`, fully_qualified_digest: IMAGE, ...patch };
  return JSON.stringify({ image_summary: summary, provenance_summary: { provenance } });
}

async function failures(text: string): Promise<readonly (readonly [string, string | undefined])[]> {
  const verdicts = await verifyCloudBuild(parseCloudBuild(text), keys);
  const failed = verdicts.flatMap(({ checks }) => checks.filter(({ status }) => status === 'fail'));
  expect(verdicts.every(({ ok, provenance }) => ok === (provenance !== undefined))).toBe(true);
  return failed.map(({ code, pointer }) => [code, pointer] as const);
}

describe('provenance of Cloud Build', () => {
  it('holds, the newest version first', async () => {
    const verdicts = await verifyCloudBuild(
      parseCloudBuild(file([await entry('old'), await entry('new')])),
      keys,
    );
    const preferred = preferredCloudBuild(verdicts);
    expect(preferred?.view.version).toBe('v1');
    expect(preferredCloudBuild(verdicts.slice(0, 1))?.view.version).toBe('v0.1');
    expect(preferredCloudBuild([])).toBeUndefined();
    if (preferred === undefined) return;
    const policy = { trust: cloudBuild(['new']), expect: { digest: `sha256:${HEX}` } };
    expect(appraiseProvenance(preferred, policy)).toMatchObject({ ok: true, level: 3 });
  });

  it.each<[string, object, object, string, string]>([
    ['another kind', { kind: 'VULNERABILITY' }, {}, 'SLSA_GCB_KIND', '/provenance_summary/provenance/0/kind'],
    [
      'another image',
      { resourceUri: 'https://x' },
      {},
      'SLSA_GCB_SUMMARY',
      '/provenance_summary/provenance/0/resourceUri',
    ],
    [
      'another digest',
      {},
      { digest: `sha256:${'00'.repeat(32)}` },
      'SLSA_GCB_SUMMARY',
      '/image_summary/digest',
    ],
    [
      'another text',
      { build: { inTotoSlsaProvenanceV1: { predicate: {} } } },
      {},
      'SLSA_GCB_TEXT',
      '/provenance_summary/provenance/0/build',
    ],
  ])('is refused for %s', async (_, patch, summary, code, pointer) =>
    expect(await failures(file([await entry('new', patch)], summary))).toContainEqual([code, pointer]),
  );

  it('is refused for another payload type, even where that is not signed', async () => {
    for (const keyid of ['new', 'old'] as const) {
      const codes = (await failures(file([await entry(keyid, {}, 'text/plain')]))).map(([code]) => code);
      expect(codes).toContain('DSSE_PAYLOAD_TYPE');
      expect(codes.includes('DSSE_NO_VALID_SIGNATURE')).toBe(keyid === 'new');
    }
  });

  it('holds beside one whose envelope is damaged', async () => {
    const damaged = await entry('new', { envelope: { payload: '?', payloadType: '', signatures: [] } });
    const verdicts = await verifyCloudBuild(parseCloudBuild(file([damaged, await entry('old')])), keys);
    expect(verdicts[0]?.checks).toMatchObject([{ code: 'DSSE_BAD_BASE64', status: 'fail' }]);
    expect(preferredCloudBuild(verdicts)?.view.version).toBe('v0.1');
  });

  it('needs no readable copy', async () =>
    expect(await failures(file([await entry('new', { build: {} })]))).toEqual([]));

  it('is refused when it is no provenance', async () => {
    const bytes = encodeUtf8('{}');
    const sig = encodeBase64(await sign(key, bytes));
    const envelope = {
      payload: encodeBase64(bytes),
      payloadType: INTOTO_PAYLOAD_TYPE,
      signatures: [{ keyid: 'old', sig }],
    };
    expect(await failures(file([await entry('old', { envelope })]))).toContainEqual([
      'INTOTO_MISSING_FIELD',
      '/_type',
    ]);
  });

  it.each([
    '',
    '[]',
    '{}',
    '{"image_summary":{},"provenance_summary":{}}',
    file([1 as unknown as object]),
    file([{ build: {}, envelope: [] }]),
    file(Array.from({ length: 65 }, () => ({}))),
  ])('is no file: %s', (text) => expect(() => parseCloudBuild(text)).toThrow(SlsaError));
});
