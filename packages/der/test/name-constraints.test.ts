import { describe, expect, it } from 'vitest';
import {
  encodeElement,
  encodeSequence,
  mustBePermitted,
  parseCertificate,
  type Certificate,
  verifyCertificateChain,
} from '../src/index.js';
import { authority, certificate, extension, nameOf, text, verify } from './certificate.fixture.js';

type Name = readonly [tag: number, value: string | Uint8Array];
const [MAILBOX, HOST, URI, ADDRESS, DIRECTORY] = [0x81, 0x82, 0x86, 0x87, 0xa4];

const encoded = ([tag, value]: Name): Uint8Array =>
  encodeElement(tag, typeof value === 'string' ? text(value) : value);
const subtrees = (tag: number, names: readonly Name[]): Uint8Array[] =>
  names.length === 0 ? [] : [encodeElement(tag, ...names.map((name) => encodeSequence(encoded(name))))];
const constraints = (permitted: readonly Name[], excluded: readonly Name[] = []): Uint8Array =>
  extension('2.5.29.30', encodeSequence(...subtrees(0xa0, permitted), ...subtrees(0xa1, excluded)), true);
const constrained = (permitted: readonly Name[], excluded: readonly Name[] = []): Certificate =>
  parseCertificate(
    certificate({ name: 'root', extensions: [authority(), constraints(permitted, excluded)] }),
  );
const named = (...names: readonly Name[]): Certificate => {
  const alternatives = extension('2.5.29.17', encodeSequence(...names.map(encoded)));
  return parseCertificate(
    certificate({ name: 'leaf', issuer: 'root', extensions: names.length === 0 ? [] : [alternatives] }),
  );
};
const isPermitted = (given: Certificate, leaf: Certificate): boolean => {
  try {
    mustBePermitted(given, leaf);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_DER_NAME_CONSTRAINT' });
    return false;
  }
};

describe('mustBePermitted', () => {
  it.each<[string, Name, Name, boolean]>([
    ['a host', [HOST, 'example.com'], [HOST, 'example.com'], true],
    ['a host below', [HOST, 'example.com'], [HOST, 'A.Example.com'], true],
    ['another host with the same end', [HOST, 'example.com'], [HOST, 'anexample.com'], false],
    ['every host', [HOST, ''], [HOST, 'any.example.org'], true],
    ['a mailbox', [MAILBOX, 'me@example.com'], [MAILBOX, 'me@example.com'], true],
    ['another mailbox', [MAILBOX, 'me@example.com'], [MAILBOX, 'you@example.com'], false],
    ['mailboxes of a host', [MAILBOX, 'example.com'], [MAILBOX, 'you@example.com'], true],
    ['mailboxes of a host below', [MAILBOX, 'example.com'], [MAILBOX, 'you@a.example.com'], false],
    ['mailboxes of a domain', [MAILBOX, '.example.com'], [MAILBOX, 'you@a.example.com'], true],
    ['URIs of a host', [URI, 'example.com'], [URI, 'https://me@example.com:80/x'], true],
    ['URIs of another host', [URI, 'example.com'], [URI, 'https://evil.org/@example.com'], false],
    ['URIs of a domain', [URI, '.example.com'], [URI, 'spiffe://a.example.com/x'], true],
    ['URIs of an address', [URI, '.'], [URI, 'https://127.0.0.1/'], false],
    ['URIs without a host', [URI, '.example.com'], [URI, 'urn:x:example.com'], false],
    [
      'addresses',
      [ADDRESS, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)],
      [ADDRESS, Uint8Array.of(10, 1, 2, 3)],
      true,
    ],
    [
      'other addresses',
      [ADDRESS, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)],
      [ADDRESS, Uint8Array.of(11, 1, 2, 3)],
      false,
    ],
    [
      'longer addresses',
      [ADDRESS, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)],
      [ADDRESS, new Uint8Array(16)],
      false,
    ],
    ['a name of another kind', [HOST, 'example.com'], [MAILBOX, 'me@example.org'], true],
    ['a directory name', [DIRECTORY, nameOf('leaf')], [DIRECTORY, nameOf('leaf')], true],
    ['another directory name', [DIRECTORY, nameOf('leaf')], [DIRECTORY, nameOf('other')], false],
  ])('decides about %s', (_, subtree, name, permitted) => {
    expect(isPermitted(constrained([subtree]), named(name))).toBe(permitted);
    const isOfKind = subtree[0] === name[0];
    const isClear = !['https://127.0.0.1/', 'urn:x:example.com'].includes(String(name[1]));
    if (isOfKind && subtree[0] !== DIRECTORY)
      expect(isPermitted(constrained([], [subtree]), named(name))).toBe(!permitted && isClear);
  });

  it('holds every name, the subject too', () => {
    const only = constrained([[HOST, 'example.com']]);
    expect(isPermitted(only, named([HOST, 'example.com'], [HOST, 'example.org']))).toBe(false);
    expect(isPermitted(constrained([[DIRECTORY, nameOf('someone')]]), named())).toBe(false);
    expect(isPermitted(constrained([[DIRECTORY, encodeSequence()]]), named())).toBe(true);
    expect(isPermitted(constrained([], [[DIRECTORY, nameOf('leaf')]]), named())).toBe(false);
  });

  it('refuses constraints of a kind that is not used here', () => {
    expect(isPermitted(constrained([[0x88, Uint8Array.of(1)]]), named())).toBe(false);
  });

  it('leaves an authority without constraints alone', () => {
    expect(isPermitted(parseCertificate(certificate()), named([HOST, 'any']))).toBe(true);
  });
});

it('is part of following a chain', async () => {
  const check = async (host: string): Promise<void> => {
    const options = { at: Date.UTC(2025, 5), verify };
    const root = constrained([[HOST, 'example.com']]);
    await verifyCertificateChain([named([HOST, host]), root], { ...options, anchors: [root] });
  };
  await check('a.example.com');
  await expect(check('example.org')).rejects.toMatchObject({ code: 'ERR_DER_NAME_CONSTRAINT' });
});
