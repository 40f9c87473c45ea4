import { concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest, generateKeyPair, type PrivateKey, sign } from '@sealwright/crypto';
import {
  encodeElement,
  encodeInteger,
  encodeNull,
  encodeOctetString,
  encodeOid,
  encodeSequence,
} from '@sealwright/der';
import {
  authorityExtension,
  extension,
  makeCertificate,
  nameOf,
  purposeExtension,
} from '@sealwright/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TrustedAuthority, trustedAuthority, verifyTimestamp } from '../src/index.js';

const TIME = Date.UTC(2026, 0, 15, 12);
const STAMPED = encodeUtf8('a signature');
const [SHA1, SHA256, SHA512] = ['1.3.14.3.2.26', '2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.3'];
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const SERIAL = encodeInteger(Uint8Array.of(0x4d));

let root: Uint8Array;
let leaf: Uint8Array;
let key: PrivateKey;
let rootKey: PrivateKey;

beforeAll(async () => {
  [key, rootKey] = [await generateKeyPair('ec-p256'), await generateKeyPair('ec-p256')];
  root = await certificate({ subject: 'root', key: rootKey, extensions: [authorityExtension()] });
  leaf = await certificate({});
});

/** Another time stamping certificate of the same name and serial number, unless said otherwise. */
function certificate(
  other: Partial<{ subject: string; key: PrivateKey; extensions: Uint8Array[]; to: number }>,
): Promise<Uint8Array> {
  return makeCertificate({
    subject: other.subject ?? 'tsa',
    issuer: 'root',
    key: (other.key ?? key).publicKey,
    signer: rootKey,
    from: TIME - 3_600_000,
    to: other.to ?? TIME + 3_600_000,
    extensions: other.extensions ?? [purposeExtension(TIME_STAMPING, true)],
  });
}

interface Oddity {
  status?: number;
  hash?: string;
  /** Further fields of the TSTInfo, behind the time. */
  more?: readonly Uint8Array[];
  time?: string;
  digestAlgorithm?: string;
  /** Further signed attributes. */
  attributes?: readonly Uint8Array[];
  contentDigest?: Uint8Array;
  certificates?: readonly Uint8Array[];
  signers?: number;
}

async function response(odd: Oddity = {}): Promise<Uint8Array> {
  const { hash = SHA256, digestAlgorithm = SHA256, certificates = [] } = odd;
  const identifier = (oid = ''): Uint8Array => encodeSequence(encodeOid(oid), encodeNull());
  const imprint = hash === SHA1 ? new Uint8Array(20) : digest(hash === SHA512 ? 'sha512' : 'sha256', STAMPED);
  const info = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    encodeOid('1.2.3.4.1'),
    encodeSequence(identifier(hash), encodeOctetString(imprint)),
    encodeInteger(Uint8Array.of(7)),
    encodeElement(0x18, encodeUtf8(odd.time ?? '20260115120000Z')),
    ...(odd.more ?? []),
  );
  const digestName = digestAlgorithm === SHA512 ? 'sha512' : 'sha256';
  const attributes = concatBytes(
    attribute('1.2.840.113549.1.9.3', encodeOid(TST_INFO)),
    attribute('1.2.840.113549.1.9.4', encodeOctetString(odd.contentDigest ?? digest(digestName, info))),
    ...(odd.attributes ?? []),
  );
  const signer = encodeSequence(
    encodeInteger(Uint8Array.of(1)),
    encodeSequence(nameOf('root'), SERIAL),
    identifier(digestAlgorithm),
    encodeElement(0xa0, attributes),
    encodeSequence(encodeOid('1.2.840.10045.4.3.2')),
    encodeOctetString(await sign(key, encodeElement(0x31, attributes))),
  );
  const data = encodeSequence(
    encodeInteger(Uint8Array.of(3)),
    encodeElement(0x31, identifier(digestAlgorithm)),
    encodeSequence(encodeOid(TST_INFO), encodeElement(0xa0, encodeOctetString(info))),
    ...(certificates.length === 0 ? [] : [encodeElement(0xa0, concatBytes(...certificates))]),
    encodeElement(0x31, concatBytes(...Array.from({ length: odd.signers ?? 1 }, () => signer))),
  );
  const token = encodeSequence(encodeOid('1.2.840.113549.1.7.2'), encodeElement(0xa0, data));
  return encodeSequence(encodeSequence(encodeInteger(Uint8Array.of(odd.status ?? 0))), token);
}

function attribute(oid: string, value: Uint8Array): Uint8Array {
  return encodeSequence(encodeOid(oid), encodeElement(0x31, value));
}

/** ESSCertIDv2 with the default hash. */
function signingCertificate(issuer: string, serial: Uint8Array, of: Uint8Array = leaf): Uint8Array {
  const issuerSerial = encodeSequence(encodeSequence(encodeElement(0xa4, nameOf(issuer))), serial);
  const id = encodeSequence(encodeOctetString(digest('sha256', of)), issuerSerial);
  return attribute('1.2.840.113549.1.9.16.2.47', encodeSequence(encodeSequence(id)));
}

async function expectVerdict(
  verdict: string,
  odd: Oddity,
  authority: TrustedAuthority = trustedAuthority([leaf, root]),
): Promise<void> {
  const outcome = await verifyTimestamp(await response(odd), STAMPED, [authority]).then(
    () => 'accepted',
    (reason: unknown) => String(reason),
  );
  expect(outcome).toContain(verdict);
}

describe('timestamps (RFC 3161)', () => {
  const milliseconds = encodeElement(0x80, Uint8Array.of(5));
  it.each<[string, () => Oddity]>([
    ['with nothing but what they must have', () => ({})],
    ['that were granted with modifications', () => ({ status: 1 })],
    [
      'with accuracy, ordering, nonce, name and extensions',
      () => ({
        more: [
          encodeSequence(encodeInteger(Uint8Array.of(1)), milliseconds),
          encodeElement(0x01, Uint8Array.of(0xff)),
          encodeInteger(Uint8Array.of(9)),
          encodeElement(0xa0, encodeElement(0xa4, nameOf('tsa'))),
          encodeElement(0xa1, extension('1.2.3', Uint8Array.of(5, 0))),
        ],
      }),
    ],
    ['with a fraction of a second', () => ({ time: '20260115120000.5Z' })],
    ['over a SHA-512 imprint', () => ({ hash: SHA512 ?? '' })],
    [
      'whose attributes are hashed with another SHA-2 than they are signed with',
      () => ({ digestAlgorithm: SHA512 ?? '' }),
    ],
    ['with the certificate of the authority', () => ({ certificates: [leaf, root] })],
    ['that name the certificate', () => ({ attributes: [signingCertificate('root', SERIAL)] })],
  ])('%s are believed', async (_, odd) => expectVerdict('accepted', odd()));

  it.each<[string, string, () => Oddity | Promise<Oddity>]>([
    ['that were not granted', 'not granted', () => ({ status: 2 })],
    ['over a SHA-1 imprint', 'not believed', () => ({ hash: SHA1 ?? '' })],
    ['whose attributes are hashed with SHA-1', 'not believed', () => ({ digestAlgorithm: SHA1 ?? '' })],
    ['with two signers', 'malformed', () => ({ signers: 2 })],
    ['without a signer', 'malformed', () => ({ signers: 0 })],
    ['without seconds', 'UTC with seconds', () => ({ time: '202601151200Z' })],
    ['on a day that no month has', 'a moment that exists', () => ({ time: '20260230120000Z' })],
    ['at an hour that no day has', 'a moment that exists', () => ({ time: '20260115240000Z' })],
    ['in another zone', 'UTC with seconds', () => ({ time: '20260115120000+0000' })],
    ['of another content', 'other content', () => ({ contentDigest: new Uint8Array(32) })],
    [
      'that name a certificate by another serial number',
      'another certificate',
      () => ({ attributes: [signingCertificate('root', encodeInteger(Uint8Array.of(1)))] }),
    ],
    [
      'that name a certificate by another issuer',
      'another certificate',
      () => ({ attributes: [signingCertificate('other', SERIAL)] }),
    ],
    [
      'that name another certificate',
      'another certificate',
      () => ({ attributes: [signingCertificate('root', SERIAL, root)] }),
    ],
    [
      'with another certificate of the same name and number',
      'of the same name and number',
      async () => ({ certificates: [await certificate({ subject: 'spoofed' })] }),
    ],
  ])('%s are not', async (_, reason, odd) => expectVerdict(reason, await odd()));

  it('count until the last moment of the authority, and from its first', async () => {
    const within = (start: number, end: number): TrustedAuthority =>
      trustedAuthority([leaf, root], { validFor: { start, end } });
    await expectVerdict('accepted', {}, within(TIME, TIME));
    await expectVerdict('not to be trusted at that time', {}, within(TIME - 2, TIME - 1));
    await expectVerdict('not to be trusted at that time', {}, within(TIME + 1, TIME + 2));
  });

  it('take the certificate that came along where only a root is trusted', async () => {
    const authority = trustedAuthority([root]);
    await expectVerdict('accepted', { certificates: [leaf] }, authority);
    await expectVerdict('is not there', {}, authority);
  });

  it('are signed by certificates for nothing but time stamping', async () => {
    const purposes = (...oids: string[]): Uint8Array =>
      extension('2.5.29.37', encodeSequence(...oids.map(encodeOid)), true);
    for (const extensions of [
      [],
      [purposeExtension(TIME_STAMPING)],
      [purposes(TIME_STAMPING, '1.3.6.1.5.5.7.3.3')],
      [purposes('1.3.6.1.5.5.7.3.3')],
      [purposes('2.5.29.37.0')],
    ]) {
      const other = await certificate({ extensions });
      await expectVerdict('time stamping', {}, trustedAuthority([other, root]));
    }
    const extensions = [authorityExtension(), purposeExtension(TIME_STAMPING, true)];
    const authority = await certificate({ extensions });
    await expectVerdict('is not there', { certificates: [authority] }, trustedAuthority([root]));
  });
});

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
