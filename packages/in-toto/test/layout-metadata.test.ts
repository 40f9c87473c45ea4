import { encodeBase64 } from '@sealwright/bytes';
import { generateKeyPair, keySigner } from '@sealwright/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStatement, InTotoError } from '../src/index.js';
import {
  encodeLayout,
  encodeLink,
  type Layout,
  layoutKey,
  layoutKeyId,
  type Link,
  LINK_PREDICATE,
  LINK_PREDICATE_V1,
  linkFromStatement,
  parseMetadata,
  parseRule,
  signLayout,
  signLink,
  substituteParameters,
  verifierFromLayoutKey,
} from '../src/layout/index.js';

const LINK: Link = {
  name: 'build',
  command: ['make', 'all'],
  materials: { 'a.c': { sha256: 'aa' } },
  products: { a: { sha256: 'bb', sha512: 'cc' } },
  byproducts: { 'return-value': 0, stdout: 'line\n' },
  environment: {},
};
const KEY = {
  keyid: 'k',
  keyidHashAlgorithms: ['sha256'],
  keytype: 'ed25519',
  scheme: 'ed25519',
  public: '00'.repeat(32),
};
const LAYOUT: Layout = {
  expires: '2030-01-01T00:00:00Z',
  readme: 'for people',
  keys: { k: KEY },
  rootCas: { r: { keyid: 'r', keytype: 'rsa', scheme: 'rsassa-pss-sha256', public: '', certificate: 'PEM' } },
  intermediateCas: {},
  steps: [
    {
      name: 'build',
      expectedCommand: ['make', '{what}'],
      pubkeys: ['k'],
      certConstraints: [
        { commonName: '*', dnsNames: [], emails: ['a@b.c'], organizations: ['*'], roots: ['r'], uris: [] },
      ],
      threshold: 1,
      expectedMaterials: [parseRule(['ALLOW', '{dir}/*'])],
      expectedProducts: [parseRule(['MATCH', '*', 'WITH', 'MATERIALS', 'IN', '{dir}', 'FROM', 'build'])],
    },
  ],
  inspections: [{ name: 'look', run: ['ls', '{dir}'], expectedMaterials: [], expectedProducts: [] }],
};
const SIGNED = { signed: encodeLayout(LAYOUT), signatures: [{ keyid: 'k', sig: 'ab' }] };
const at = (code: string, pointer?: string) =>
  expect.objectContaining({ name: 'InTotoError', code, ...(pointer === undefined ? {} : { pointer }) });
const change = (members: object) => JSON.stringify({ ...SIGNED, signed: { ...SIGNED.signed, ...members } });
const link = (members: object) =>
  JSON.stringify({ signed: { ...encodeLink(LINK), ...members }, signatures: [] });
const step = (members: object) =>
  change({ steps: [{ ...Object(Object(SIGNED.signed['steps'])[0]), ...members }] });

describe.each(['metablock', 'dsse'] as const)('a %s', (form) => {
  it.each(['ed25519', 'ec-p256', 'ec-p384', 'ec-p521', 'rsa'] as const)(
    'is signed with %s and reads back',
    async (kind) => {
      const key = await generateKeyPair(kind);
      const verifier = verifierFromLayoutKey(layoutKey(key.publicKey));
      const signer = keySigner(key, kind === 'rsa' ? { scheme: 'rsa-pss-sha256' } : {});
      const signed = parseMetadata(
        await signLayout(LAYOUT, { signers: [{ ...signer, certificate: 'PEM' }], form }),
      );
      expect(signed).toMatchObject({ form, type: 'layout', layout: LAYOUT });
      const [signature] = signed.signatures;
      expect(signature).toMatchObject({ keyid: verifier.keyid, certificate: 'PEM' });
      expect(await verifier.verify(signed.message, signature?.sig ?? new Uint8Array())).toBe(true);
      const other = parseMetadata(await signLink(LINK, { signers: [{ ...signer, keyid: 'mine' }], form }));
      expect(other).toMatchObject({
        form,
        type: 'link',
        link: LINK,
        signatures: [{ keyid: 'mine', certificate: '' }],
      });
      expect(await verifier.verify(other.message, signature?.sig ?? new Uint8Array())).toBe(false);
    },
  );

  it('is not signed by a scheme that nobody would verify', async () => {
    const key = await generateKeyPair('rsa');
    await expect(signLink(LINK, { signers: [keySigner(key)], form })).rejects.toThrow(TypeError);
  });

  it('is not signed when nobody could read it', async () => {
    const signers = [keySigner(await generateKeyPair('ed25519'))] as const;
    await expect(signLink({ ...LINK, name: '' }, { signers: [...signers], form })).rejects.toThrow(
      at('INTOTO_MISSING_FIELD', '/signed/name'),
    );
    await expect(signLayout({ ...LAYOUT, expires: 'soon' }, { signers: [...signers], form })).rejects.toThrow(
      at('LAYOUT_BAD_EXPIRY', '/signed/expires'),
    );
  });
});

describe('metadata', () => {
  it('ignores what it does not know, but signs it', () => {
    const plain = parseMetadata(JSON.stringify(SIGNED));
    const more = parseMetadata(change({ extra: 1 }));
    expect(more).toMatchObject({ layout: LAYOUT });
    expect(more.message).not.toEqual(plain.message);
  });

  it('takes null for missing, as other writers write empty lists', () => {
    expect(parseMetadata(link({ command: null, environment: null }))).toMatchObject({
      link: { command: [], environment: {} },
    });
  });

  it('never keeps a private key', () => {
    const keyval = { public: KEY.public, private: 'secret' };
    const text = change({ keys: { k: { ...KEY, keyid_hash_algorithms: ['sha256'], keyval } } });
    const { signatures: _, message: __, ...rest } = parseMetadata(text);
    expect(JSON.stringify(rest)).not.toContain('secret');
  });

  it.each([
    ['[]', 'INTOTO_WRONG_TYPE', ''],
    ['{', 'INTOTO_MALFORMED_JSON', ''],
    ['{"signed":{},"signed":{}}', 'INTOTO_DUPLICATE_KEY', undefined],
    ['{}', 'INTOTO_WRONG_TYPE', '/signed'],
    ['{"signed":{}}', 'INTOTO_MISSING_FIELD', '/signed/_type'],
    ['{"signed":{},"payload":""}', 'LAYOUT_UNSUPPORTED_TYPE', ''],
    ['{"payload":""}', 'DSSE_MISSING_FIELD', '/payloadType'],
    [
      JSON.stringify({ payload: '', payloadType: 'x', signatures: [{ sig: '' }] }),
      'DSSE_PAYLOAD_TYPE',
      '/payloadType',
    ],
    [
      JSON.stringify({
        payload: encodeBase64(Uint8Array.of(0x5b, 0x5d)),
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: '' }],
      }),
      'INTOTO_WRONG_TYPE',
      '',
    ],
    [
      JSON.stringify({
        payload: 'e30=',
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: '', cert: 1 }],
      }),
      'INTOTO_MISSING_FIELD',
      '/_type',
    ],
    [change({ _type: 'statement' }), 'LAYOUT_UNSUPPORTED_TYPE', '/signed/_type'],
    [change({ expires: '2030-01-01' }), 'LAYOUT_BAD_EXPIRY', '/signed/expires'],
    [change({ readme: 1 }), 'INTOTO_WRONG_TYPE', '/signed/readme'],
    [change({ steps: {} }), 'INTOTO_WRONG_TYPE', '/signed/steps'],
    [
      change({ inspect: [{ _type: 'step', name: 'x' }] }),
      'LAYOUT_UNSUPPORTED_TYPE',
      '/signed/inspect/0/_type',
    ],
    [change({ inspect: [{ name: 'build' }] }), 'INTOTO_DUPLICATE_NAME', '/signed/inspect/0/name'],
    [change({ extra: 1.5 }), 'LAYOUT_NOT_CANONICAL', '/extra'],
    [change({ keys: { k: { keyid: 'other' } } }), 'LAYOUT_BAD_KEY', '/signed/keys/k/keyid'],
    [change({ keys: { k: {} } }), 'INTOTO_MISSING_FIELD', '/signed/keys/k/keytype'],
    [step({ threshold: 0 }), 'DSSE_THRESHOLD_INVALID', '/signed/steps/0/threshold'],
    [step({ threshold: 1.5 }), 'INTOTO_WRONG_TYPE', '/signed/steps/0/threshold'],
    [step({ pubkeys: [1] }), 'INTOTO_WRONG_TYPE', '/signed/steps/0/pubkeys/0'],
    [step({ expected_products: [['ALLOW']] }), 'LAYOUT_BAD_RULE', '/signed/steps/0/expected_products/0'],
    [step({ expected_products: ['ALLOW'] }), 'INTOTO_WRONG_TYPE', '/signed/steps/0/expected_products/0'],
    [
      step({ expected_products: [['ALLOW', 1]] }),
      'INTOTO_WRONG_TYPE',
      '/signed/steps/0/expected_products/0/1',
    ],
    [JSON.stringify({ ...SIGNED, signatures: [{ sig: 'abc' }] }), 'LAYOUT_BAD_HEX', '/signatures/0/sig'],
    [JSON.stringify({ ...SIGNED, signatures: [{}] }), 'INTOTO_MISSING_FIELD', '/signatures/0/sig'],
    [link({ products: { a: {} } }), 'INTOTO_DIGEST_REQUIRED', '/signed/products/a'],
    [link({ products: { a: { sha256: '' } } }), 'INTOTO_DIGEST_REQUIRED', '/signed/products/a/sha256'],
    [
      link({ products: { a: { sha256: 'a' }, './a': { sha256: 'b' } } }),
      'INTOTO_DUPLICATE_NAME',
      '/signed/products/.~1a',
    ],
    [link({ materials: [] }), 'INTOTO_WRONG_TYPE', '/signed/materials'],
  ])('%s is refused with %s at %s', (text, code, pointer) => {
    expect(() => parseMetadata(text)).toThrow(at(code, pointer));
  });

  it('holds its caps', () => {
    const limits = (given: object) => () => parseMetadata(JSON.stringify(SIGNED), { limits: given });
    for (const given of [{ maxBytes: 10 }, { maxDepth: 2 }, { maxItems: 0 }, { maxSignatures: 0 }])
      expect(limits(given)).toThrow(at('INTOTO_LIMIT_EXCEEDED'));
    const digests = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x${index}`, 'a']));
    expect(() => parseMetadata(link({ products: { a: digests } }))).toThrow(
      at('INTOTO_LIMIT_EXCEEDED', '/signed/products/a'),
    );
  });

  it('answers any change of a good file with metadata or an InTotoError', () => {
    const good = [JSON.stringify(SIGNED), link({})];
    const texts = fc
      .tuple(
        fc.constantFrom(...good),
        fc.nat(),
        fc.nat(20),
        fc.constantFrom('', '"', '[', '{}', 'null', '1.5', '\\ud800', '__proto__'),
      )
      .map(
        ([text, from, length, put]) =>
          text.slice(0, from % text.length) + put + text.slice((from % text.length) + length),
      );
    fc.assert(
      fc.property(fc.oneof(texts, fc.string(), fc.json()), (text) => {
        try {
          parseMetadata(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InTotoError);
        }
      }),
    );
  });

  it('reads any link that it writes', () => {
    const name = fc.string({ minLength: 1 });
    const artifacts = fc
      .array(
        fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.dictionary(name, name, { minKeys: 1, maxKeys: 3 })),
      )
      .map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(
        fc.record({ name, command: fc.array(fc.string()), materials: artifacts, products: artifacts }),
        (parts) => {
          const one: Link = { ...parts, byproducts: {}, environment: {} };
          expect(parseMetadata(JSON.stringify({ signed: encodeLink(one), signatures: [] }))).toMatchObject({
            link: one,
          });
        },
      ),
    );
  });
});

describe('a key', () => {
  it('has the id that its parts give', () => {
    expect(layoutKeyId({ keytype: 'ed25519', scheme: 'ed25519', public: 'ab' })).toBe(
      // sha256 of {"keytype":"ed25519","keyval":{"public":"ab"},"scheme":"ed25519"}
      'a404170f0970d098d03395c8708bb9ed187bebb778c44950e046051290a02914',
    );
  });

  it.each([
    { keytype: 'rsa' },
    { scheme: 'rsassa-pss-sha256' },
    { public: 'zz' },
    { public: '00' },
    { keytype: 'gpg', scheme: 'gpg' },
  ])('is refused with %j', (members) => {
    expect(() => verifierFromLayoutKey({ ...KEY, ...members })).toThrow(at('LAYOUT_BAD_KEY'));
  });

  it('is refused with the scheme of another curve', async () => {
    const key = layoutKey((await generateKeyPair('ec-p256')).publicKey);
    expect(verifierFromLayoutKey({ ...key, scheme: 'ecdsa' }).keyid).toBe(key.keyid);
    expect(verifierFromLayoutKey({ ...key, keytype: key.scheme }).keyid).toBe(key.keyid);
    expect(() => verifierFromLayoutKey({ ...key, scheme: 'ecdsa-sha2-nistp384' })).toThrow(
      at('LAYOUT_BAD_KEY'),
    );
  });
});

describe('parameters', () => {
  it('stand for marks in commands and rules', () => {
    const { steps, inspections } = substituteParameters(LAYOUT, { dir: 'src', what: 'all' });
    expect(steps[0]).toMatchObject({
      expectedCommand: ['make', 'all'],
      expectedMaterials: [{ type: 'ALLOW', pattern: 'src/*' }],
      expectedProducts: [{ destinationPrefix: 'src' }],
    });
    expect(inspections[0]?.run).toEqual(['ls', 'src']);
    expect(
      substituteParameters(LAYOUT, { other: 'x', dir: '{what}', what: 'y' }).inspections[0]?.run,
    ).toEqual(['ls', '{what}']);
    expect(substituteParameters(LAYOUT, {})).toBe(LAYOUT);
  });

  it('are named by letters, and may not break a rule', () => {
    expect(() => substituteParameters(LAYOUT, { 'a}': 'x' })).toThrow(TypeError);
    expect(() => substituteParameters(LAYOUT, { dir: '[' })).toThrow(at('LAYOUT_BAD_RULE'));
  });
});

describe('a link as a statement', () => {
  const digest = { sha256: 'ab'.repeat(32) };
  const make = (predicate: object, subject: object = { name: 'p', digest }) =>
    createStatement({ subject: [{ digest, ...subject }], predicateType: LINK_PREDICATE, predicate });

  it('stands for a classic link', () => {
    const predicate = { name: 's', command: ['x'], materials: [{ name: 'm', digest }], byproducts: { a: 1 } };
    expect(linkFromStatement(make(predicate))).toEqual({
      name: 's',
      command: ['x'],
      materials: { m: digest },
      products: { p: digest },
      byproducts: { a: 1 },
      environment: {},
    });
  });

  it('stands for one under its older name too, with files by path or listed', () => {
    const old = (predicate: object) =>
      createStatement({
        version: 'v0.1',
        subject: [{ name: 'p', digest }],
        predicateType: LINK_PREDICATE_V1,
        predicate,
      });
    const files = { materials: { m: digest }, products: { q: digest } };
    expect(linkFromStatement(old({ name: 's', ...files }))).toMatchObject(files);
    const listed = { materials: [{ uri: 'm', digest }], products: [{ name: 'q', digest }] };
    expect(linkFromStatement(old({ name: 's', ...listed }))).toMatchObject(files);
    expect(linkFromStatement(old({ name: 's' })).products).toEqual({ p: digest });
    expect(linkFromStatement(make({ name: 's', ...listed, products: [] })).products).toEqual({ p: digest });
  });

  it('is refused where it does not', () => {
    const twice = {
      name: 's',
      materials: [
        { name: 'm', digest },
        { name: 'm', digest },
      ],
    };
    expect(() => linkFromStatement(make(twice))).toThrow(
      at('INTOTO_DUPLICATE_NAME', '/predicate/materials/1/digest'),
    );
    expect(() => linkFromStatement(make({ name: 's', materials: [{ digest }] }))).toThrow(
      at('INTOTO_MISSING_FIELD'),
    );
    expect(() => linkFromStatement(make({ name: 's', materials: [{ name: 'm' }] }))).toThrow(
      at('INTOTO_DIGEST_REQUIRED', '/predicate/materials/0/digest'),
    );
    expect(() => linkFromStatement(make({ name: 's', materials: [{ name: 'm', digest: [] }] }))).toThrow(
      at('INTOTO_WRONG_TYPE', '/predicate/materials/0/digest'),
    );
    expect(() => linkFromStatement(make({ name: 's' }, {}))).toThrow(at('INTOTO_MISSING_FIELD'));
    expect(() => linkFromStatement({ ...make({}), predicateType: 'https://x.y/z' })).toThrow(
      at('INTOTO_PREDICATE_TYPE'),
    );
  });
});
