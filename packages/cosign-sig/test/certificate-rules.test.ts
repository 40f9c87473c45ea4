import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair } from '@sealwright/crypto';
import { encodeElement, encodeOid, encodeSequence } from '@sealwright/der';
import {
  authorityExtension,
  type CertificateInput,
  createSigstore,
  extension,
  type FakeSigstore,
  makeCertificate,
  purposeExtension,
} from '@sealwright/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bundleSigner,
  createBundleVerifier,
  createRekorClient,
  parseBundle,
  parseTrustedRoot,
  signBlob,
} from '../src/index.js';

const NOW = Date.UTC(2026, 0, 15, 12);
const ISSUER = 'https://issuer.example';
const SUBJECT = 'a@example.com';
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const ARTIFACT = encodeUtf8('an artifact');

const text = (tag: number, value: string): Bytes => encodeElement(tag, encodeUtf8(value));
const names = (...all: readonly Uint8Array[]): Bytes => extension('2.5.29.17', encodeSequence(...all), true);
const issuerV1 = (value: string): Bytes => extension('1.3.6.1.4.1.57264.1.1', encodeUtf8(value));
const issuerV2 = (value: Uint8Array): Bytes => extension('1.3.6.1.4.1.57264.1.8', value);
const purposes = (...oids: readonly string[]): Bytes =>
  extension('2.5.29.37', encodeSequence(...oids.map(encodeOid)));
const otherName = (oid: string): Bytes =>
  encodeElement(0xa0, concatBytes(encodeOid(oid), encodeElement(0xa0, text(0x0c, SUBJECT))));

const purpose = purposeExtension(CODE_SIGNING);
const name = names(text(0x81, SUBJECT));
const issuer = issuerV2(text(0x0c, ISSUER));
const usual = [purpose, name, issuerV1(ISSUER), issuer];

let sigstore: FakeSigstore;

beforeAll(async () => {
  sigstore = await createSigstore(() => NOW);
});

/** Sign with a certificate, log it, and look whether the signature is believed under a root. */
async function verdict(
  certified: Partial<CertificateInput>,
  change: (root: TestRoot) => void = () => undefined,
): Promise<string> {
  const key = await generateKeyPair('ec-p256');
  const certificate = await makeCertificate({
    subject: '',
    issuer: 'intermediate',
    key: key.publicKey,
    signer: sigstore.authorityKey,
    from: NOW - 1000,
    to: NOW + 600_000,
    extensions: usual,
    ...certified,
  });
  const [log] = parseTrustedRoot(sigstore.trustedRoot).tlogs;
  if (log === undefined) throw new TypeError('there is a log');
  const fetch = (request: Request): Promise<Response> => sigstore.fetch(request);
  const rekor = createRekorClient({ url: 'https://rekor.test', fetch, log, retries: 0 });
  const { json } = await signBlob(ARTIFACT, { by: { ...bundleSigner(key), certificate }, logs: [rekor] });
  const root = JSON.parse(sigstore.trustedRoot) as TestRoot;
  change(root);
  const verifier = createBundleVerifier(parseTrustedRoot(JSON.stringify(root)));
  const policy = { identities: [{ issuer: ISSUER, subject: SUBJECT }], scts: 0 };
  return verifier.verify(parseBundle(json), { bytes: ARTIFACT }, policy).then(
    () => 'accepted',
    (reason: unknown) => String(reason),
  );
}

interface TestRoot {
  certificateAuthorities: { validFor?: object }[];
  tlogs: { publicKey: { validFor: { start?: string; end?: string } } }[];
}

describe("a signer's certificate (rekor-fulcio.md sections 3.1 and 3.2, traps 7, 9, 11 and 15)", () => {
  it.each<[string, Partial<CertificateInput>]>([
    ['with both issuers', {}],
    ['with the newer issuer alone', { extensions: [purpose, name, issuer] }],
    ['with the older issuer alone', { extensions: [purpose, name, issuerV1(ISSUER)] }],
    ['for code signing among others', { extensions: [purposes(CODE_SIGNING, TIME_STAMPING), name, issuer] }],
    ['whose purpose is critical', { extensions: [purposeExtension(CODE_SIGNING, true), name, issuer] }],
    ['with several names', { extensions: [purpose, names(text(0x81, 'b'), text(0x81, SUBJECT)), issuer] }],
    ['with a URI for a name', { extensions: [purpose, names(text(0x86, SUBJECT)), issuer] }],
    ['with a host for a name', { extensions: [purpose, names(text(0x82, SUBJECT)), issuer] }],
    [
      "with Fulcio's own kind of name",
      { extensions: [purpose, names(otherName('1.3.6.1.4.1.57264.1.7')), issuer] },
    ],
    [
      'with an extension that is not critical',
      { extensions: [...usual, extension('1.2.3', text(0x0c, 'x'))] },
    ],
    ['from its first moment on', { from: NOW }],
    ['until its last moment', { from: NOW - 600_000, to: NOW }],
    [
      'whose key may sign',
      { extensions: [...usual, extension('2.5.29.15', Uint8Array.of(3, 2, 7, 0x80), true)] },
    ],
  ])('%s is believed', async (_, certified) => expect(await verdict(certified)).toBe('accepted'));

  it.each<[string, string, Partial<CertificateInput>]>([
    [
      'with two different issuers',
      'two different issuers',
      { extensions: [purpose, name, issuerV1('https://other'), issuer] },
    ],
    [
      'with another newer issuer',
      'two different issuers',
      { extensions: [purpose, name, issuerV1(ISSUER), issuerV2(text(0x0c, 'x'))] },
    ],
    ['with no issuer', 'found none', { extensions: [purpose, name] }],
    [
      'whose newer issuer is not encoded',
      'is no text',
      { extensions: [purpose, name, issuerV2(encodeUtf8(ISSUER))] },
    ],
    [
      'whose newer issuer goes on',
      'is no text',
      { extensions: [purpose, name, issuerV2(concatBytes(text(0x0c, ISSUER), text(0x0c, 'x')))] },
    ],
    ['with an extension twice', 'twice', { extensions: [...usual, issuerV1(ISSUER)] }],
    ['for no purpose', 'not for the purpose', { extensions: [name, issuer] }],
    ['for any purpose', 'not for the purpose', { extensions: [purposes('2.5.29.37.0'), name, issuer] }],
    ['for time stamping', 'not for the purpose', { extensions: [purposes(TIME_STAMPING), name, issuer] }],
    ['of an authority', 'an authority does not sign', { extensions: [authorityExtension(), ...usual] }],
    [
      'whose key may not sign',
      'key usage',
      { extensions: [...usual, extension('2.5.29.15', Uint8Array.of(3, 2, 5, 0x20), true)] },
    ],
    [
      'with a critical extension of others',
      'not understood',
      { extensions: [...usual, extension('1.2.3', text(0x0c, 'x'), true)] },
    ],
    ['without a name', 'found none', { extensions: [purpose, issuer] }],
    ['whose name is in the subject only', 'found none', { subject: SUBJECT, extensions: [purpose, issuer] }],
    ['with another kind of name', 'found none', { extensions: [purpose, names(otherName('1.2.3')), issuer] }],
    ['before its first moment', 'it is valid from', { from: NOW + 1000 }],
    ['after its last moment', 'it is valid from', { from: NOW - 600_000, to: NOW - 1000 }],
    ['of another authority of the same name', 'does not hold', {}],
  ])('%s is not', async (about, reason, certified) => {
    const signer = about.includes('of the same name') ? { signer: await generateKeyPair('ec-p256') } : {};
    expect(await verdict({ ...certified, ...signer })).toContain(reason);
  });
});

describe('a trusted root (rekor-fulcio.md section 5.1, traps 9, 10 and 17)', () => {
  const at = (offset: number): string => new Date(NOW + offset).toISOString();

  it.each<[string, string, (root: TestRoot) => void]>([
    [
      'an authority until its last moment',
      'accepted',
      ({ certificateAuthorities: [ca] }) =>
        Object.assign(ca ?? {}, { validFor: { start: at(-1e9), end: at(0) } }),
    ],
    [
      'an authority from its first moment on',
      'accepted',
      ({ certificateAuthorities: [ca] }) => Object.assign(ca ?? {}, { validFor: { start: at(0) } }),
    ],
    [
      'an authority that never began',
      'accepted',
      ({ certificateAuthorities: [ca] }) => Object.assign(ca ?? {}, { validFor: {} }),
    ],
    [
      'an authority that ended',
      'no authority was',
      ({ certificateAuthorities: [ca] }) =>
        Object.assign(ca ?? {}, { validFor: { start: at(-1e9), end: at(-1000) } }),
    ],
    [
      'an authority to come',
      'no authority was',
      ({ certificateAuthorities: [ca] }) => Object.assign(ca ?? {}, { validFor: { start: at(1000) } }),
    ],
    [
      'one that ended beside one that did not',
      'accepted',
      ({ certificateAuthorities: list }) => list.unshift({ ...list[0], validFor: { end: at(-1000) } }),
    ],
    [
      'a log until its last moment',
      'accepted',
      ({ tlogs: [log] }) => Object.assign(log?.publicKey.validFor ?? {}, { end: at(0) }),
    ],
    [
      'a log that ended',
      'key of the log was not valid',
      ({ tlogs: [log] }) => Object.assign(log?.publicKey.validFor ?? {}, { end: at(-1000) }),
    ],
    [
      'a log to come',
      'key of the log was not valid',
      ({ tlogs: [log] }) => Object.assign(log?.publicKey.validFor ?? {}, { start: at(1000) }),
    ],
    [
      'a log whose key was listed before',
      'accepted',
      ({ tlogs }) =>
        tlogs.push({
          ...structuredClone(tlogs[0]),
          publicKey: { ...tlogs[0]?.publicKey, validFor: { start: at(-1e9), end: at(-1000) } },
        }),
    ],
    [
      'a log whose key is listed again',
      'accepted',
      ({ tlogs }) =>
        tlogs.unshift({
          ...structuredClone(tlogs[0]),
          publicKey: { ...tlogs[0]?.publicKey, validFor: { start: at(-1e9), end: at(-1000) } },
        }),
    ],
    ['no log', '0 of 1 logs', (root) => Object.assign(root, { tlogs: [] })],
    ['no authority', 'no authority was', (root) => Object.assign(root, { certificateAuthorities: [] })],
  ])('with %s: %s', async (_, wanted, change) => expect(await verdict({}, change)).toContain(wanted));
});
