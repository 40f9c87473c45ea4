/**
 * A whole Sigstore in process: an authority of certificates with its log, two logs of signatures, an authority of timestamps.
 *
 * @module
 */
import {
  type Bytes,
  decodeBase64url,
  decodeUtf8,
  encodeBase64,
  encodeBase64url,
  encodeUtf8,
} from '@sealwright/bytes';
import {
  digest,
  generateKeyPair,
  importPublicKey,
  type PrivateKey,
  type PublicKey,
} from '@sealwright/crypto';
import { encodeElement, encodePem } from '@sealwright/der';
import {
  authorityExtension,
  extension,
  makeCertificate,
  nameExtension,
  purposeExtension,
} from './certificates.js';
import { createRekor, createRekorTiles, type FakeLog } from './logs.js';
import { stamp } from './timestamps.js';

/** Who signs. */
export interface FakeIdentity {
  /** E-mail address, or a URI. */
  readonly subject: string;
  /** Who vouches for it. */
  readonly issuer: string;
}

/** A Sigstore. */
export interface FakeSigstore {
  /** Answers requests to all of its services. */
  fetch(request: Request): Promise<Response>;
  /** `trusted_root.json`. */
  readonly trustedRoot: string;
  /**
   * `signing_config.v0.2.json`.
   *
   * @param rekor - which log
   */
  signingConfig(rekor: 1 | 2): string;
  /** An identity token, which nobody signed. */
  token(identity: FakeIdentity): string;
  /** A certificate for a key. */
  issue(key: PublicKey, identity: FakeIdentity): Promise<Bytes>;
  /** Root and intermediate, DER, the intermediate first. */
  readonly authority: readonly [Bytes, Bytes];
  /** Key of the intermediate. */
  readonly authorityKey: PrivateKey;
  /** The log of version 1. */
  readonly rekor: FakeLog;
  /** The log of version 2. */
  readonly rekorTiles: FakeLog;
}

/**
 * Make a Sigstore.
 *
 * @param now - the clock of all of its services, milliseconds since 1970
 */
export async function createSigstore(now: () => number): Promise<FakeSigstore> {
  const keys = await Promise.all(
    (['ec-p256', 'ec-p256', 'ec-p256', 'ec-p256', 'ed25519', 'ec-p256', 'ec-p256'] as const).map((kind) =>
      generateKeyPair(kind),
    ),
  );
  const [root, middle, ct, log, tiles, tsa, tsaRoot] = keys as [
    PrivateKey,
    PrivateKey,
    PrivateKey,
    PrivateKey,
    PrivateKey,
    PrivateKey,
    PrivateKey,
  ];
  const from = now() - YEAR;
  const to = now() + YEAR;
  const ca = { from, to, extensions: [authorityExtension()] };
  const rootCertificate = await makeCertificate({
    ...ca,
    subject: 'root',
    issuer: 'root',
    key: root.publicKey,
    signer: root,
  });
  const middleCertificate = await makeCertificate({
    ...ca,
    subject: 'intermediate',
    issuer: 'root',
    key: middle.publicKey,
    signer: root,
    extensions: [authorityExtension(), purposeExtension(CODE_SIGNING)],
  });
  const tsaRootCertificate = await makeCertificate({
    ...ca,
    subject: 'tsa root',
    issuer: 'tsa root',
    key: tsaRoot.publicKey,
    signer: tsaRoot,
  });
  const tsaCertificate = await makeCertificate({
    from,
    to,
    subject: 'tsa',
    issuer: 'tsa root',
    key: tsa.publicKey,
    signer: tsaRoot,
    extensions: [purposeExtension(TIME_STAMPING, true)],
  });
  const rekor = createRekor(log, 'rekor.test', now);
  const rekorTiles = createRekorTiles(tiles, 'log.test');
  const issue: FakeSigstore['issue'] = (key, identity) =>
    makeCertificate({
      subject: '',
      issuer: 'intermediate',
      key,
      signer: middle,
      from: now(),
      to: now() + 600_000,
      ctLog: ct,
      extensions: [
        purposeExtension(CODE_SIGNING),
        nameExtension(identity.subject.includes('://') ? 0x86 : 0x81, identity.subject),
        extension('1.3.6.1.4.1.57264.1.1', encodeUtf8(identity.issuer)),
        extension('1.3.6.1.4.1.57264.1.8', encodeElement(0x0c, encodeUtf8(identity.issuer))),
      ],
    });
  const authority: readonly [Bytes, Bytes] = [middleCertificate, rootCertificate];
  const validFor = { start: new Date(from).toISOString() };
  const logOf = (baseUrl: string, key: PublicKey, keyId: Bytes): object => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: encodeBase64(key.spki),
      keyDetails: key.kind === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256',
      validFor,
    },
    logId: { keyId: encodeBase64(keyId) },
  });
  const chainOf = (uri: string, certificates: readonly Bytes[]): object => ({
    uri,
    certChain: { certificates: certificates.map((der) => ({ rawBytes: encodeBase64(der) })) },
    validFor,
  });
  return {
    authority,
    authorityKey: middle,
    rekor,
    rekorTiles,
    issue,
    token: ({ subject, issuer }) => {
      const claims = subject.includes('://')
        ? { sub: subject }
        : { sub: 'id', email: subject, email_verified: true };
      const part = (value: object): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));
      return `${part({ alg: 'none' })}.${part({ iss: issuer, aud: 'sigstore', ...claims })}.x`;
    },
    trustedRoot: JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        logOf('https://rekor.test', log.publicKey, rekor.logId),
        logOf('https://log.test', tiles.publicKey, rekorTiles.logId),
      ],
      certificateAuthorities: [chainOf('https://fulcio.test', authority)],
      ctlogs: [logOf('https://ct.test', ct.publicKey, digest('sha256', ct.publicKey.spki))],
      timestampAuthorities: [chainOf('https://tsa.test', [tsaCertificate, tsaRootCertificate])],
    }),
    signingConfig: (version) => {
      const service = (url: string, majorApiVersion = 1): object[] => [
        { url, majorApiVersion, validFor, operator: 'test' },
      ];
      return JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
        caUrls: service('https://fulcio.test'),
        oidcUrls: service('https://oidc.test'),
        rekorTlogUrls: version === 1 ? service('https://rekor.test') : service('https://log.test', 2),
        tsaUrls: service('https://tsa.test'),
        rekorTlogConfig: { selector: 'ANY' },
        tsaConfig: { selector: 'ANY' },
      });
    },
    fetch: async (request) => {
      switch (new URL(request.url).host) {
        case 'fulcio.test':
          return certify(request, issue, authority);
        case 'rekor.test':
          return rekor.fetch(request);
        case 'log.test':
          return rekorTiles.fetch(request);
        case 'tsa.test': {
          const query = new Uint8Array(await request.arrayBuffer());
          return new Response(await stamp(query, tsa, 'tsa root', now()));
        }
        default:
          return new Response('', { status: 404 });
      }
    },
  };
}

async function certify(
  request: Request,
  issue: FakeSigstore['issue'],
  authority: readonly Bytes[],
): Promise<Response> {
  const asked = (await request.json()) as {
    credentials: { oidcIdentityToken: string };
    publicKeyRequest: { publicKey: { content: string } };
  };
  const claims = JSON.parse(
    decodeUtf8(decodeBase64url(asked.credentials.oidcIdentityToken.split('.')[1] ?? '')),
  ) as { iss: string; sub: string; email?: string };
  const key = importPublicKey(asked.publicKeyRequest.publicKey.content);
  const leaf = await issue(key, { subject: claims.email ?? claims.sub, issuer: claims.iss });
  const certificates = [leaf, ...authority].map((der) => encodePem('CERTIFICATE', der));
  return Response.json({ signedCertificateEmbeddedSct: { chain: { certificates } } });
}

const YEAR = 365 * 86_400_000;
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
