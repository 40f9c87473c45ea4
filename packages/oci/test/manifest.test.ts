import { decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DOCKER_MANIFEST,
  EMPTY_DESCRIPTOR,
  encodeIndex,
  encodeManifest,
  type ImageIndex,
  type ImageManifest,
  isIndex,
  OCI_INDEX,
  OCI_MANIFEST,
  OciError,
  parseDescriptor,
  parseIndex,
  parseManifest,
  selectPlatform,
} from '../src/index.js';

const DIGEST = `sha256:${'0f'.repeat(32)}`;
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: DIGEST, size: 3 };
const manifest: ImageManifest = {
  mediaType: OCI_MANIFEST,
  config: EMPTY_DESCRIPTOR,
  layers: [{ ...layer, annotations: { a: 'b' } }],
  subject: { mediaType: OCI_MANIFEST, digest: DIGEST, size: 1 },
  artifactType: 'text/plain',
  annotations: { '<': '&' },
};
const arm = {
  mediaType: OCI_MANIFEST,
  digest: DIGEST,
  size: 2,
  platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
};
const amd = {
  mediaType: OCI_MANIFEST,
  digest: `sha256:${'ab'.repeat(32)}`,
  size: 2,
  platform: { architecture: 'amd64', os: 'linux' },
};
const index: ImageIndex = { mediaType: OCI_INDEX, manifests: [arm, amd] };

describe('manifests and indexes', () => {
  it('read back as they were written', () => {
    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest);
    expect(parseManifest(encodeManifest({ ...manifest, mediaType: DOCKER_MANIFEST })).mediaType).toBe(
      DOCKER_MANIFEST,
    );
    expect(parseIndex(encodeIndex(index))).toEqual(index);
    expect([isIndex(encodeIndex(index)), isIndex(encodeManifest(manifest))]).toEqual([true, false]);
  });

  it('have the member order of the specification', () => {
    expect(new TextDecoder().decode(encodeManifest({ ...manifest, layers: [] }))).toBe(
      `{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","config":{"mediaType":"application/vnd.oci.empty.v1+json",` +
        `"digest":"${EMPTY_DESCRIPTOR.digest}","size":2},"layers":[],"subject":{"mediaType":"${OCI_MANIFEST}",` +
        `"digest":"${DIGEST}","size":1},"artifactType":"text/plain","annotations":{"\\u003c":"\\u0026"}}`,
    );
  });

  it('give the image of a platform', () => {
    expect(selectPlatform(index, { architecture: 'arm64', os: 'linux' })).toEqual(arm);
    expect(selectPlatform(index, { architecture: 'arm64', os: 'linux', variant: 'v8' })).toEqual(arm);
    for (const platform of [
      { architecture: 'arm64', os: 'linux', variant: 'v7' },
      { architecture: 's390x', os: 'linux' },
      { architecture: 'amd64', os: 'windows' },
      { architecture: 'amd64', os: 'linux', osVersion: '1' },
    ]) {
      expect(() => selectPlatform(index, platform)).toThrow(
        expect.objectContaining({ code: 'ERR_OCI_NOT_FOUND' }),
      );
    }
  });

  it('take an image without a variant for one of the usual variant', () => {
    const of = (architecture: string, variant?: string) => ({
      ...arm,
      platform: { architecture, os: 'linux', ...(variant === undefined ? {} : { variant }) },
    });
    const plain = { ...index, manifests: [of('arm', 'v6'), of('arm'), of('arm64'), of('riscv64')] };
    for (const [architecture, variant, at] of [
      ['arm', 'v7', 1],
      ['arm', 'v6', 0],
      ['arm64', 'v8', 2],
    ] as const) {
      expect(selectPlatform(plain, { architecture, os: 'linux', variant })).toBe(plain.manifests[at]);
    }
    for (const architecture of ['arm64', 'riscv64']) {
      expect(() => selectPlatform(plain, { architecture, os: 'linux', variant: 'v9' })).toThrow(OciError);
    }
  });

  it('keep what descriptors of others say, in the order of the specification', () => {
    const text = `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[{"mediaType":"a","digest":"${EMPTY_DESCRIPTOR.digest}","size":2,"urls":["https://a.example/"],"annotations":{"a":"b"},"data":"e30=","platform":{"architecture":"amd64","os":"windows","os.version":"10","os.features":["win32k"],"variant":"v2"},"artifactType":"c"}]}`;
    const read = parseIndex(encodeUtf8(text));
    expect(read.manifests[0]).toMatchObject({ urls: ['https://a.example/'], data: encodeUtf8('{}') });
    expect(decodeUtf8(encodeIndex(read))).toBe(text);
  });

  it.each([
    ['"data":"e30"', '/manifests/0/data'],
    ['"data":"e31="', '/manifests/0/data'],
    ['"data":1', '/manifests/0/data'],
    ['"data":"e30=","size":3', '/manifests/0/data'],
    ['"urls":"https://a.example/"', '/manifests/0/urls'],
    ['"urls":[1]', '/manifests/0/urls'],
    ['"platform":{"architecture":"a","os":"b","os.features":{}}', '/manifests/0/platform/os.features'],
  ])('refuse a descriptor with %s', (members, pointer) => {
    const size = members.includes('size') ? '' : ',"size":2';
    const text = `{"schemaVersion":2,"manifests":[{"mediaType":"a","digest":"${EMPTY_DESCRIPTOR.digest}"${size},${members}}]}`;
    expect(() => parseIndex(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_MANIFEST', pointer }),
    );
  });

  it.each([
    ['', undefined],
    ['[]', ''],
    ['{"schemaVersion":1}', '/schemaVersion'],
    ['{"schemaVersion":2}', '/config'],
    [`{"schemaVersion":2,"mediaType":"${OCI_INDEX}"}`, '/mediaType'],
    ['{"schemaVersion":2,"manifests":[]}', '/manifests'],
    [
      `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${DIGEST}","size":-1},"layers":[]}`,
      '/config/size',
    ],
    [`{"schemaVersion":2,"config":{"mediaType":"a","digest":"${DIGEST}","size":1}}`, '/layers'],
    [
      `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${DIGEST}","size":1},"layers":[{"mediaType":"a","digest":"md5:00","size":1}]}`,
      '/layers/0/digest',
    ],
    [
      `{"schemaVersion":2,"config":{"mediaType":"a","digest":"${DIGEST}","size":1},"layers":[],"annotations":{"a":1}}`,
      '/annotations',
    ],
  ])('refuse %j', (text, pointer) => {
    const place = pointer === undefined ? {} : { pointer };
    expect(() => parseManifest(encodeUtf8(text))).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_MANIFEST', ...place }),
    );
  });

  it('refuse a manifest in place of an index, and too many layers', () => {
    expect(() => parseIndex(encodeManifest(manifest))).toThrow(
      expect.objectContaining({ pointer: '/layers' }),
    );
    const many = { ...manifest, layers: Array.from({ length: 10_001 }, () => layer) };
    expect(() => parseManifest(encodeManifest(many))).toThrow(
      expect.objectContaining({ code: 'ERR_OCI_SIZE' }),
    );
    expect(() => parseManifest(new Uint8Array(5 << 20).fill(0x20))).toThrow(OciError);
    expect(() => parseDescriptor([])).toThrow(expect.objectContaining({ pointer: '' }));
  });

  it('answer changed bytes with a manifest or an OciError', () => {
    const whole = encodeManifest(manifest);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (edits) => {
        const bytes = whole.slice();
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        for (const read of [parseManifest, parseIndex, isIndex]) {
          try {
            read(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(OciError);
          }
        }
      }),
      { numRuns: 10_000, seed: 11 },
    );
  }, 120_000);
});
