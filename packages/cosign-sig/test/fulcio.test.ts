import { ByteWriter, concatBytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner } from '@sealwright/crypto';
import {
  type Certificate,
  DerReader,
  encodeElement,
  encodeOctetString,
  encodePem,
  encodeSequence,
  parseCertificate,
} from '@sealwright/der';
import {
  createSigstore,
  extension,
  type FakeSigstore,
  makeCertificate,
  purposeExtension,
} from '@sealwright/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createBundleVerifier,
  embeddedScts,
  fetchFulcioIssuers,
  fetchTrustBundle,
  parseTrustedRoot,
  readCertificate,
  requestCertificate,
  signBlob,
  subjectNames,
  bundleSigner,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';

let sigstore: FakeSigstore;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
});

describe('the timestamps of certificate logs (RFC 6962)', () => {
  const inList = async (...scts: readonly Uint8Array[]): Promise<Certificate> => {
    const { publicKey } = await generateKeyPair('ec-p256');
    const der = await sigstore.issue(publicKey, {
      subject: 'a@example.com',
      issuer: 'https://issuer.example',
    });
    const certificate = parseCertificate(der);
    const own = certificate.extensions.find(({ oid }) => oid === SCT_LIST);
    // behind the length of the list and that of its one member
    const sct = new DerReader(own?.value ?? new Uint8Array(0)).octetString().subarray(4);
    const items = [...scts, sct].flatMap((bytes) => [new ByteWriter().u16(bytes.byteLength).finish(), bytes]);
    const list = concatBytes(...items);
    const value = encodeOctetString(concatBytes(new ByteWriter().u16(list.byteLength).finish(), list));
    return { ...certificate, extensions: [{ oid: SCT_LIST, critical: false, value }] };
  };
  it('of another version are passed over, and spoil no other', async () => {
    const second = concatBytes(Uint8Array.of(1), new Uint8Array(60));
    expect(embeddedScts(await inList())).toHaveLength(1);
    expect(embeddedScts(await inList(second))).toHaveLength(1);
    expect(embeddedScts(await inList(second, second))).toHaveLength(1);
  });

  it('are refused when they are cut, empty or too many', async () => {
    for (const bad of [[Uint8Array.of(0, 1, 2)], [new Uint8Array(0)]])
      await expect(inList(...bad).then(embeddedScts)).rejects.toMatchObject({ code: 'ERR_COSIGN_SCT' });
    const many = Array.from({ length: 20 }, () => Uint8Array.of(1));
    await expect(inList(...many).then(embeddedScts)).rejects.toMatchObject({ code: 'ERR_COSIGN_SCT' });
  });
});

describe('the names in a certificate', () => {
  const named = async (...names: readonly Uint8Array[]): Promise<Uint8Array> => {
    const { publicKey } = await generateKeyPair('ec-p256');
    return certified(publicKey, names);
  };
  const certified = (
    key: Awaited<ReturnType<typeof generateKeyPair>>['publicKey'],
    names: readonly Uint8Array[],
  ) =>
    makeCertificate({
      subject: '',
      issuer: 'intermediate',
      key,
      signer: sigstore.authorityKey,
      from: NOW - 1000,
      to: NOW + 600_000,
      extensions: [
        purposeExtension('1.3.6.1.5.5.7.3.3'),
        extension('2.5.29.17', encodeSequence(...names), true),
        extension('1.3.6.1.4.1.57264.1.8', encodeElement(0x0c, encodeUtf8('https://issuer.example'))),
      ],
    });
  const address = (...bytes: number[]): Uint8Array => encodeElement(0x87, Uint8Array.from(bytes));

  it.each([
    ['192.0.2.1', [192, 0, 2, 1]],
    ['2001:db8::1', [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['1::', [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['1:0:2:3::4:5', [0, 1, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 4, 0, 5]],
    ['1:0:2:3:4:5:6:7', [0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7]],
    ['192.0.2.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1]],
  ])('may be the address %s', async (text, bytes) => {
    const { certificate } = readCertificate(await named(address(...bytes)));
    expect(subjectNames(certificate)).toEqual([{ type: 'ip', value: text }]);
  });

  it('are no addresses of other lengths', async () => {
    const { certificate } = readCertificate(await named(address(1, 2, 3)));
    expect(() => subjectNames(certificate)).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_CERTIFICATE' }),
    );
  });

  it('fit an identity each for itself', async () => {
    const key = await generateKeyPair('ec-p256');
    const names = [encodeElement(0x81, encodeUtf8('a@example.com')), address(192, 0, 2, 1)];
    const certificate = await certified(key.publicKey, names);
    const artifact = encodeUtf8('x');
    const { bundle } = await signBlob(artifact, { by: bundleSigner(key) });
    const material = {
      kind: 'certificate' as const,
      certificate: new Uint8Array(certificate),
      intermediates: [],
    };
    const verifier = createBundleVerifier(parseTrustedRoot(sigstore.trustedRoot));
    const verify = (subject: string): Promise<unknown> =>
      verifier.verify(
        { ...bundle, material },
        { bytes: artifact },
        {
          identities: [{ issuer: 'https://issuer.example', subject }],
          logEntries: 0,
          times: 0,
          scts: 0,
          dangerouslyAssumeTime: new Date(NOW),
        },
      );
    await verify('a@example.com');
    await verify('192.0.2.1');
    for (const other of ['c0000201', 'a@example.com, 192.0.2.1', '', 'A@example.com'])
      await expect(verify(other)).rejects.toThrow('expected subject');
  });
});

describe('the client of Fulcio', () => {
  const token = `e30.${btoa(JSON.stringify({ iss: 'https://issuer.example', sub: 'a' })).replaceAll('=', '')}.x`;
  const answering = (answer: unknown) => ({
    url: 'https://fulcio.example',
    retries: 0,
    fetch: async () => Response.json(answer),
  });
  const pemOf = (der: Uint8Array): string => encodePem('CERTIFICATE', der);

  it('takes a certificate with its chain, and the timestamp that comes beside it', async () => {
    const key = await generateKeyPair('ec-p256');
    const der = await sigstore.issue(key.publicKey, {
      subject: 'a@example.com',
      issuer: 'https://issuer.example',
    });
    const chain = { certificates: [pemOf(der), pemOf(der)] };
    const embedded = { signedCertificateEmbeddedSct: { chain } };
    const issued = await requestCertificate(answering(embedded), token, keySigner(key));
    expect(issued).toEqual({ certificate: der, chain: [der], detachedSct: undefined });
    const sct = {
      sct_version: 0,
      id: encodeBase64(new Uint8Array(32).fill(1)),
      timestamp: 5,
      extensions: '',
      signature: encodeBase64(Uint8Array.of(4, 3, 0, 1, 9)),
    };
    const signedCertificateTimestamp = btoa(JSON.stringify(sct));
    const detached = {
      signedCertificateEmbeddedSct: null,
      signedCertificateDetachedSct: { chain, signedCertificateTimestamp },
    };
    const beside = await requestCertificate(answering(detached), token, keySigner(key));
    expect(beside.detachedSct).toMatchObject({
      timestamp: 5,
      hash: 4,
      algorithm: 3,
      signature: Uint8Array.of(9),
    });
    const other = keySigner(await generateKeyPair('ec-p256'));
    await expect(requestCertificate(answering(embedded), token, other)).rejects.toMatchObject({
      code: 'ERR_COSIGN_CERTIFICATE',
    });
  });

  it.each([
    {},
    [],
    { signedCertificateEmbeddedSct: {} },
    { signedCertificateEmbeddedSct: { chain: { certificates: ['x'] } } },
  ])('refuses %j for a certificate', async (answer) => {
    const signer = keySigner(await generateKeyPair('ec-p256'));
    await expect(requestCertificate(answering(answer), token, signer)).rejects.toMatchObject({
      code: 'ERR_COSIGN_SERVICE',
    });
  });

  it('tells the chains and the issuers of an instance', async () => {
    const { publicKey } = await generateKeyPair('ec-p256');
    const der = await sigstore.issue(publicKey, {
      subject: 'a@example.com',
      issuer: 'https://issuer.example',
    });
    const chains = [{ certificates: [pemOf(der)] }, { certificates: [] }];
    expect(await fetchTrustBundle(answering({ chains }))).toEqual([[der], []]);
    const issuers = [
      { issuerUrl: 'https://a.example', audience: 'sigstore', challengeClaim: 'email', issuerType: 'email' },
      { wildcardIssuerUrl: 'https://*.b.example', audience: 'sigstore', challengeClaim: 'sub' },
    ];
    expect(await fetchFulcioIssuers(answering({ issuers }))).toEqual([
      { url: 'https://a.example', audience: 'sigstore', challengeClaim: 'email' },
      { url: 'https://*.b.example', audience: 'sigstore', challengeClaim: 'sub' },
    ]);
    expect(await fetchFulcioIssuers(answering({}))).toEqual([]);
    for (const bad of [{}, { chains: 1 }, { chains: [1] }, { chains: [{ certificates: [1] }] }, []])
      await expect(fetchTrustBundle(answering(bad))).rejects.toMatchObject({ code: 'ERR_COSIGN_SERVICE' });
    for (const bad of [{ issuers: 1 }, { issuers: [1] }, []])
      await expect(fetchFulcioIssuers(answering(bad))).rejects.toMatchObject({ code: 'ERR_COSIGN_SERVICE' });
  });
});
