import { encodeUtf8 } from '@sealwright/bytes';
import { keySigner, type PrivateKey, sign } from '@sealwright/crypto';
import {
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodePem,
  encodeSequence,
} from '@sealwright/der';
import { describe, expect, it } from 'vitest';
import {
  type CertConstraint,
  type Layout,
  type LayoutKey,
  type LayoutVerdict,
  type Link,
  signLink,
} from '../src/layout/index.js';
import { owner, ada, bob, eve, step, layout, verify, failures } from './layout-steps.ts';

describe('a certificate', () => {
  const ANY: CertConstraint = {
    commonName: '*',
    dnsNames: ['*'],
    emails: ['*'],
    organizations: ['*'],
    roots: ['*'],
    uris: ['*'],
  };
  const NAMES = {
    commonName: 'builder',
    organizations: ['Ours'],
    dnsNames: ['b.example.com'],
    emails: ['b@example.com'],
    uris: ['spiffe://example.com/b'],
  };
  const content: Link = {
    name: 'build',
    command: [],
    materials: {},
    products: {},
    byproducts: {},
    environment: {},
  };
  const keyOf = (keyid: string, pem: string): LayoutKey => ({
    keyid,
    keytype: 'ecdsa',
    scheme: 'ecdsa',
    public: '',
    certificate: pem,
  });
  const root = (key = eve.key, name = 'root') =>
    certificate({ key, signedBy: key, name, issuer: name, isAuthority: true });
  const leaf = (given: Partial<CertificateInput> = {}) =>
    certificate({ key: bob.key, signedBy: eve.key, issuer: 'root', name: NAMES, ...given });

  /** A layout with a root and a constraint, and a link that bob signed with a certificate. */
  async function verdictOf(
    constraint: Partial<CertConstraint> = {},
    pem?: string,
    members: Partial<Layout> = {},
    options: Parameters<typeof verify>[2] = {},
  ): Promise<LayoutVerdict> {
    const certConstraints = [{ ...ANY, ...constraint }];
    const rootCas = { root: keyOf('root', await root()) };
    const made = layout([step('build', { pubkeys: [], certConstraints })], { rootCas, ...members });
    const signer = { ...keySigner(bob.key), certificate: pem ?? (await leaf()) };
    const file = { step: 'build', content: await signLink(content, { signers: [signer] }) };
    return verify(made, [file], options);
  }
  const why = (verdict: LayoutVerdict) => verdict.checks.find(({ kind }) => kind === 'certificate')?.actual;

  it.each([
    {},
    { commonName: 'builder' },
    { dnsNames: ['b.example.com'], emails: ['b@example.com'], organizations: ['Ours'] },
    { uris: ['spiffe://example.com/b'], roots: ['other', 'root'] },
  ])('stands for a functionary with %j', async (constraint) => {
    expect(failures(await verdictOf(constraint))).toEqual([]);
  });

  it.each([
    [{ commonName: 'other' }, 'common name'],
    [{ commonName: '' }, 'common name'],
    [{ dnsNames: [] }, 'dns names'],
    [{ dnsNames: ['b.example.com', 'c.example.com'] }, 'dns names'],
    [{ emails: ['c@example.com'], roots: [] }, 'emails, root'],
    [{ organizations: [''] }, 'organizations'],
    [{ uris: [] }, 'uris'],
    [{ roots: ['other'] }, 'root'],
  ])('does not with %j', async (constraint, unmet) => {
    const verdict = await verdictOf(constraint);
    expect(failures(verdict)).toEqual(['threshold build', 'rule build']);
    expect(why(verdict)).toBe(`unmet: ${unmet}`);
  });

  it('may come by intermediates of the layout and of the caller', async () => {
    const upper = await certificate({
      key: ada.key,
      signedBy: eve.key,
      issuer: 'root',
      name: 'upper',
      isAuthority: true,
    });
    const lower = await certificate({
      key: owner.key,
      signedBy: ada.key,
      issuer: 'upper',
      name: 'lower',
      isAuthority: true,
    });
    const pem = await leaf({ signedBy: owner.key, issuer: 'lower' });
    const intermediateCas = { upper: keyOf('upper', upper) };
    const intermediates = [lower, await root(bob.key, 'lower')];
    expect(failures(await verdictOf({}, pem, { intermediateCas }, { intermediates }))).toEqual([]);
    expect(why(await verdictOf({}, pem, { intermediateCas }))).toBe('no valid chain to a root of the layout');
  });

  it.each([
    ['another root', async () => leaf({ signedBy: ada.key })],
    ['an issuer that is no authority', async () => leaf({ signedBy: bob.key, issuer: 'builder' })],
    ['another name', async () => leaf({ issuer: 'other' })],
    ['a critical extension that nobody knows', async () => leaf({ critical: '1.2.3.4' })],
    ['a day that has passed', async () => leaf({ to: '20251231235959Z' })],
  ])('does not count with %s', async (_name, pem) => {
    const verdict = await verdictOf({}, await pem());
    expect(failures(verdict)).toContain('threshold build');
    expect(why(verdict)).toBe('no valid chain to a root of the layout');
  });

  it('does not count where the root is no authority, or not there', async () => {
    const plain = await certificate({ key: eve.key, signedBy: eve.key, issuer: 'root', name: 'root' });
    expect(failures(await verdictOf({}, undefined, { rootCas: { root: keyOf('root', plain) } }))).toContain(
      'threshold build',
    );
    expect(failures(await verdictOf({}, undefined, { rootCas: {} }))).toContain('threshold build');
    const both = { root: keyOf('root', await root(ada.key)), other: keyOf('other', await root()) };
    expect(failures(await verdictOf({ roots: ['root'] }, undefined, { rootCas: both }))).toContain(
      'threshold build',
    );
    expect(failures(await verdictOf({ roots: ['other'] }, undefined, { rootCas: both }))).toEqual([]);
  });

  it('must hold the key that signed, and be one', async () => {
    expect(why(await verdictOf({}, await leaf({ key: ada.key })))).toBe('the signature does not verify');
    for (const pem of [
      'junk',
      encodePem('CERTIFICATE', Uint8Array.of(0x30, 0)),
      encodePem('KEY', bob.key.publicKey.spki),
    ])
      expect(failures(await verdictOf({}, pem))).toContain('threshold build');
    expect(failures(await verdictOf({}, undefined, { rootCas: { root: keyOf('root', 'junk') } }))).toContain(
      'threshold build',
    );
  });

  it('ends after some chains, however many there are', async () => {
    const loop = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        certificate({
          key: ada.key,
          signedBy: ada.key,
          issuer: 'loop',
          name: 'loop',
          isAuthority: true,
          serial: index,
        }),
      ),
    );
    const pem = await leaf({ signedBy: ada.key, issuer: 'loop' });
    const rootCas = { root: keyOf('root', await root(eve.key, 'loop')) };
    expect(failures(await verdictOf({}, pem, { rootCas }, { intermediates: loop }))).toContain(
      'threshold build',
    );
  });

  it('does not count where the step has no constraint', async () => {
    const made = layout([step('build', { pubkeys: [] })], { rootCas: { root: keyOf('root', await root()) } });
    const signer = { ...keySigner(bob.key), certificate: await leaf() };
    const file = { step: 'build', content: await signLink(content, { signers: [signer] }) };
    expect(failures(await verify(made, [file]))).toContain('threshold build');
  });
});

interface Names {
  readonly commonName?: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly emails?: readonly string[];
  readonly uris?: readonly string[];
}

interface CertificateInput {
  readonly key: PrivateKey;
  readonly signedBy: PrivateKey;
  readonly issuer: string;
  readonly name: string | Names;
  readonly to?: string;
  readonly isAuthority?: boolean;
  readonly critical?: string;
  readonly serial?: number;
}

/** A certificate, valid from 2025 on, in PEM. */
async function certificate(input: CertificateInput): Promise<string> {
  const names: Names = typeof input.name === 'string' ? { commonName: input.name } : input.name;
  const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const part = (oid: string, text: string) =>
    encodeElement(0x31, encodeSequence(encodeOid(oid), encodeElement(0x0c, encodeUtf8(text))));
  const yes = encodeElement(0x01, Uint8Array.of(0xff));
  const alternative = [
    ...(names.emails ?? []).map((text) => encodeElement(0x81, encodeUtf8(text))),
    ...(names.dnsNames ?? []).map((text) => encodeElement(0x82, encodeUtf8(text))),
    ...(names.uris ?? []).map((text) => encodeElement(0x86, encodeUtf8(text))),
  ];
  const extensions = [
    ...(alternative.length === 0
      ? []
      : [encodeSequence(encodeOid('2.5.29.17'), yes, encodeOctetString(encodeSequence(...alternative)))]),
    ...(input.isAuthority === true
      ? [encodeSequence(encodeOid('2.5.29.19'), yes, encodeOctetString(encodeSequence(yes)))]
      : []),
    ...(input.critical === undefined
      ? []
      : [encodeSequence(encodeOid(input.critical), yes, encodeOctetString(new Uint8Array()))]),
  ];
  const body = encodeSequence(
    encodeElement(0xa0, encodeInteger(Uint8Array.of(2))),
    encodeInteger(Uint8Array.of(input.serial ?? 1)),
    algorithm,
    encodeSequence(part('2.5.4.3', input.issuer)),
    encodeSequence(
      encodeElement(0x17, encodeUtf8('250101000000Z')),
      encodeElement(0x18, encodeUtf8(input.to ?? '20500101000000Z')),
    ),
    encodeSequence(
      ...(names.commonName === undefined ? [] : [part('2.5.4.3', names.commonName)]),
      ...(names.organizations ?? []).map((text) => part('2.5.4.10', text)),
    ),
    input.key.publicKey.spki,
    ...(extensions.length === 0 ? [] : [encodeElement(0xa3, encodeSequence(...extensions))]),
  );
  const signature = encodeBitString(await sign(input.signedBy, body));
  return encodePem('CERTIFICATE', encodeSequence(body, algorithm, signature));
}
