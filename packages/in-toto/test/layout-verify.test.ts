import { encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair, keySigner, type PrivateKey, sign } from '@sealwright/crypto';
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
import type { Verifier } from '../src/index.js';
import {
  type Artifacts,
  type CertConstraint,
  type Inspection,
  type Layout,
  type LayoutKey,
  layoutKey,
  type LayoutVerdict,
  type Link,
  type LinkFile,
  parseRule,
  signLayout,
  signLink,
  type Step,
  verifierFromLayoutKey,
  verifyLayout,
} from '../src/layout/index.js';

const TIME = new Date('2026-01-01T00:00:00Z');
const [A, B] = [{ sha256: 'aa' }, { sha256: 'bb' }];
const owner = await functionary();
const ada = await functionary();
const bob = await functionary();
const eve = await functionary();
type Functionary = Awaited<ReturnType<typeof functionary>>;

async function functionary() {
  const key = await generateKeyPair('ec-p256');
  const described = layoutKey(key.publicKey);
  return { key, described, id: described.keyid, verifier: verifierFromLayoutKey(described) };
}

const rules = (...texts: string[]) => texts.map((text) => parseRule(text.split(' ')));

function step(name: string, members: Partial<Step> = {}): Step {
  return {
    name,
    expectedCommand: [],
    pubkeys: [ada.id],
    certConstraints: [],
    threshold: 1,
    expectedMaterials: [],
    expectedProducts: [],
    ...members,
  };
}

function layout(steps: readonly Step[], members: Partial<Layout> = {}): Layout {
  const keys = [ada, bob, eve].map((one) => one.described);
  return {
    expires: '2027-01-01T00:00:00Z',
    readme: '',
    keys: Object.fromEntries(keys.map((key) => [key.keyid, key])),
    rootCas: {},
    intermediateCas: {},
    steps,
    inspections: [],
    ...members,
  };
}

const signed = (content: Layout, by: Functionary = owner, form?: 'dsse') =>
  signLayout(content, {
    signers: [keySigner(by.key)],
    ...(form === undefined ? {} : { form }),
  });

async function link(
  name: string,
  products: Artifacts,
  {
    by = ada,
    materials = {},
    command = [],
    form = 'metablock',
  }: { by?: Functionary; materials?: Artifacts; command?: string[]; form?: 'metablock' | 'dsse' } = {},
): Promise<LinkFile> {
  const content: Link = { name, command, materials, products, byproducts: {}, environment: {} };
  return { step: name, content: await signLink(content, { signers: [keySigner(by.key)], form }) };
}

async function verify(
  content: Layout,
  links: readonly LinkFile[],
  options: Partial<Parameters<typeof verifyLayout>[1]> = {},
): Promise<LayoutVerdict> {
  return verifyLayout(await signed(content), {
    keys: [owner.verifier],
    time: TIME,
    links,
    ...options,
  });
}

const failures = (verdict: LayoutVerdict) =>
  verdict.checks
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ kind, layout: above, item }) => [...above, kind, item].join(' '));

describe('a layout', () => {
  const two = layout([
    step('write', { expectedProducts: rules('CREATE src', 'DISALLOW *') }),
    step('build', {
      pubkeys: [bob.id],
      expectedMaterials: rules('MATCH src WITH PRODUCTS FROM write', 'DISALLOW *'),
      expectedProducts: rules('CREATE app', 'ALLOW src', 'DISALLOW *'),
    }),
  ]);

  it.each(['metablock', 'dsse'] as const)('holds with its links as %s', async (form) => {
    const links = [
      await link('write', { src: A }, { form }),
      await link('build', { src: A, app: B }, { by: bob, materials: { src: A }, form }),
    ];
    const verdict = await verify(two, links);
    expect(failures(verdict)).toEqual([]);
    expect(verdict).toMatchObject({ ok: true, inspections: [] });
    expect(verdict.summary).toMatchObject({ name: '', materials: {}, products: { src: A, app: B } });
    const dsse = await verifyLayout(await signed(two, owner, 'dsse'), {
      keys: [owner.verifier],
      time: TIME,
      links,
    });
    expect(dsse.ok).toBe(true);
  });

  it.each([
    ['another file went in', { src: B }, { app: B }, ['rule build']],
    ['a file was added', { src: A, more: A }, { app: B }, ['rule build']],
    ['a file came out that may not', { src: A }, { app: B, more: A }, ['rule build']],
  ])('does not hold where %s', async (_name, materials, products, expected) => {
    const links = [await link('write', { src: A }), await link('build', products, { by: bob, materials })];
    const verdict = await verify(two, links);
    expect(verdict).toMatchObject({ ok: false, summary: undefined });
    expect(failures(verdict)).toEqual(expected);
  });

  it('needs a link of every step', async () => {
    const verdict = await verify(two, [await link('write', { src: A })]);
    expect(failures(verdict)).toEqual(['threshold build', 'rule build']);
  });

  it('takes links of its functionaries only', async () => {
    const verdict = await verify(layout([step('write')]), [await link('write', {}, { by: bob })]);
    expect(failures(verdict)).toEqual(['threshold write', 'rule write']);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ kind: 'file', outcome: 'warn', actual: 'nobody who may sign did' }),
    );
  });

  it('does not take the link of one step for another', async () => {
    const { content } = await link('other', {});
    const verdict = await verify(layout([step('write')]), [{ step: 'write', content }]);
    expect(failures(verdict)).toEqual(['threshold write', 'rule write']);
  });

  it('passes over files that are no links, and tells', async () => {
    const junk = [{ step: 'write', content: 'junk' }, await link('write', { src: A })];
    const verdict = await verify(layout([step('write')]), junk);
    expect(verdict.ok).toBe(true);
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({
        kind: 'file',
        outcome: 'warn',
        actual: expect.stringContaining('INTOTO_MALFORMED_JSON'),
      }),
    );
  });

  it('must be signed by every key, and is not looked at before', async () => {
    const text = await signed(two);
    for (const keys of [[owner.verifier, eve.verifier], [eve.verifier]]) {
      const verdict = await verifyLayout(text, { keys, time: TIME, links: [] });
      expect(failures(verdict)).toEqual([`layout-signature ${eve.id}`]);
      expect(verdict.checks.every(({ kind }) => kind === 'layout-signature')).toBe(true);
    }
    const both = await signLayout(layout([]), { signers: [keySigner(owner.key), keySigner(eve.key)] });
    const keys: Verifier[] = [owner.verifier, eve.verifier];
    expect(await verifyLayout(both, { keys, time: TIME, links: [] })).toMatchObject({ ok: true });
  });

  it('expires after its second', async () => {
    const one = layout([], { expires: '2026-01-01T00:00:00Z' });
    expect((await verify(one, [])).ok).toBe(true);
    expect(failures(await verify(one, [], { time: new Date(TIME.getTime() + 1) }))).toEqual([
      'expiry layout',
    ]);
  });

  it('tells of a command that differs, and holds', async () => {
    const made = layout([step('build', { expectedCommand: ['make', 'all'] })]);
    const of = async (command: string[]) => {
      const verdict = await verify(made, [await link('build', {}, { command })]);
      return [verdict.ok, verdict.checks.find(({ kind }) => kind === 'command')?.outcome];
    };
    expect(await of(['make', 'all'])).toEqual([true, 'pass']);
    expect(await of(['make all'])).toEqual([true, 'warn']);
    expect(await of(['curl'])).toEqual([true, 'warn']);
  });

  it('takes parameters in its rules', async () => {
    const marked = layout([step('build', { expectedProducts: rules('CREATE {file}', 'DISALLOW *') })]);
    const links = [await link('build', { app: A })];
    expect((await verify(marked, links, { parameters: { file: 'app' } })).ok).toBe(true);
    expect(failures(await verify(marked, links, { parameters: { file: 'other' } }))).toEqual(['rule build']);
    expect(failures(await verify(marked, links))).toEqual(['rule build']);
  });

  it('is an error where it cannot be read, is a link, or the caller forgot something', async () => {
    const options = { keys: [owner.verifier], time: TIME, links: [] };
    const { content } = await link('write', {});
    await expect(verifyLayout(content, options)).rejects.toMatchObject({ code: 'LAYOUT_UNSUPPORTED_TYPE' });
    await expect(verifyLayout('{', options)).rejects.toMatchObject({ code: 'INTOTO_MALFORMED_JSON' });
    await expect(verifyLayout(await signed(two), { ...options, keys: [] })).rejects.toThrow(TypeError);
    await expect(verifyLayout(await signed(two), { ...options, time: new Date(Number.NaN) })).rejects.toThrow(
      TypeError,
    );
  });

  it('does not match paths for longer than allowed', async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}`, A]));
    const slow = layout([step('write', { expectedProducts: rules('ALLOW f*1', 'ALLOW f*2') })]);
    const links = [await link('write', many)];
    expect((await verify(slow, links)).ok).toBe(true);
    await expect(verify(slow, links, { limits: { maxMatchSteps: 100 } })).rejects.toMatchObject({
      code: 'INTOTO_LIMIT_EXCEEDED',
    });
  });
});

describe('a threshold', () => {
  const both = { pubkeys: [ada.id, bob.id], threshold: 2 };

  it('is met by different functionaries who saw the same', async () => {
    const links = [await link('build', { app: A }), await link('build', { app: A }, { by: bob })];
    expect(await verify(layout([step('build', both)]), links)).toMatchObject({ ok: true });
  });

  it('is not met by one of them twice, nor under two ids', async () => {
    const twice = [await link('build', { app: A }), await link('build', { app: A }, { form: 'dsse' })];
    expect(failures(await verify(layout([step('build', both)]), twice))).toEqual(['threshold build']);
    const alias = { ...ada.described, keyid: 'alias' };
    const aliased = layout([step('build', { pubkeys: [ada.id, 'alias'], threshold: 2 })]);
    const keys = { ...aliased.keys, alias };
    expect(failures(await verify({ ...aliased, keys }, twice))).toEqual(['threshold build']);
  });

  it('needs them to agree', async () => {
    const links = [await link('build', { app: A }), await link('build', { app: B }, { by: bob })];
    const verdict = await verify(layout([step('build', both)]), links);
    expect(failures(verdict)).toEqual(['agreement build', 'rule build']);
  });

  it('does not count keys that the layout lacks or that are broken', async () => {
    const made = layout([step('build', { pubkeys: ['unknown', 'broken', ada.id] })]);
    const broken: LayoutKey = { ...ada.described, keyid: 'broken', public: 'junk' };
    const verdict = await verify({ ...made, keys: { ...made.keys, broken } }, [await link('build', {})]);
    expect(verdict.ok).toBe(true);
    const told = verdict.checks.filter(({ kind }) => kind === 'file').map(({ expected }) => expected);
    expect(told).toEqual(['a key of the layout', 'a usable key']);
  });
});

describe('a sublayout', () => {
  const inner = layout([
    step('inside', { pubkeys: [bob.id], expectedProducts: rules('CREATE app', 'DISALLOW *') }),
  ]);
  const outer = layout([
    step('build', { expectedProducts: rules('CREATE app', 'DISALLOW *') }),
    step('ship', {
      pubkeys: [bob.id],
      expectedMaterials: rules('MATCH app WITH PRODUCTS FROM build', 'DISALLOW *'),
    }),
  ]);
  const ship = () => link('ship', {}, { by: bob, materials: { app: A } });
  const nested = async (products: Artifacts, by = ada, content = inner): Promise<LinkFile> => ({
    step: 'build',
    content: await signed(content, by),
    links: [await link('inside', products, { by: bob })],
  });

  it('stands for a link', async () => {
    const verdict = await verify(outer, [await nested({ app: A }), await ship()]);
    expect(failures(verdict)).toEqual([]);
    expect(verdict.ok).toBe(true);
    const places = verdict.checks.filter(({ layout: above }) => above.length > 0);
    expect(new Set(places.map(({ layout: above }) => above.join(' ')))).toEqual(new Set(['build']));
  });

  it('fails the layout when it does not hold', async () => {
    const verdict = await verify(outer, [await nested({ app: A, more: A }), await ship()]);
    expect(failures(verdict)).toContain('build rule inside');
    expect(verdict.ok).toBe(false);
  });

  it('must be signed by a functionary of the step', async () => {
    const verdict = await verify(outer, [await nested({ app: A }, eve), await ship()]);
    expect(failures(verdict)).toEqual(['threshold build', 'rule build', 'rule ship']);
  });

  it('does not take links of the layout above', async () => {
    const { links: _, ...bare } = await nested({ app: A });
    const verdict = await verify(outer, [bare, await link('inside', { app: A }, { by: bob }), await ship()]);
    expect(failures(verdict)).toContain('build threshold inside');
  });

  it('gets no parameters', async () => {
    const marked = layout([
      step('inside', { pubkeys: [bob.id], expectedProducts: rules('CREATE {file}', 'DISALLOW *') }),
    ]);
    const files = [await nested({ app: A }, ada, marked), await ship()];
    expect(failures(await verify(outer, files, { parameters: { file: 'app' } }))).toEqual([
      'build rule inside',
    ]);
  });

  it('is nested only so far', async () => {
    let file = await link('s', {});
    const made = layout([step('s')]);
    for (let depth = 0; depth < 4; depth += 1)
      file = { step: 's', content: await signed(made, ada), links: [file] };
    expect((await verify(made, [file])).ok).toBe(true);
    const verdict = await verify(made, [file], { limits: { maxSublayouts: 3 } });
    expect(failures(verdict)).toContain('s s s sublayout s');
  });

  it('waits for its inspections too', async () => {
    const looking: Inspection = { name: 'look', run: ['ls'], expectedMaterials: [], expectedProducts: [] };
    const files = [await nested({ app: A }, ada, { ...inner, inspections: [looking] }), await ship()];
    const verdict = await verify(outer, files);
    expect(verdict).toMatchObject({ ok: false, inspections: [{ layout: ['build'], inspection: looking }] });
    const done = inspected('look', {});
    const answered = files.map((file) =>
      file.step === 'build' ? { ...file, inspectionLinks: { look: done } } : file,
    );
    expect((await verify(outer, answered)).ok).toBe(true);
  });
});

function inspected(name: string, products: Artifacts, status: unknown = 0): Link {
  const byproducts = { 'return-value': status as number };
  return { name, command: [], materials: {}, products, byproducts, environment: {} };
}

describe('an inspection', () => {
  const look: Inspection = {
    name: 'unpack',
    run: ['tar', 'xf', '{file}'],
    expectedMaterials: [],
    expectedProducts: rules('MATCH app WITH PRODUCTS FROM build', 'DISALLOW *'),
  };
  const made = layout([step('build')], { inspections: [look] });
  const links = async () => [await link('build', { app: A })];

  it('is never run, and waits for whoever verifies', async () => {
    const verdict = await verify(made, await links(), { parameters: { file: 'app.tar' } });
    expect(verdict).toMatchObject({ ok: false, summary: undefined });
    expect(verdict.inspections).toEqual([
      { layout: [], inspection: { ...look, run: ['tar', 'xf', 'app.tar'] } },
    ]);
    expect((await verify(made, await links(), { dangerouslySkipInspections: true })).ok).toBe(true);
  });

  it.each([
    ['holds', { app: A }, 0, []],
    ['does not hold where it found another file', { app: B }, 0, ['rule unpack']],
    ['does not hold where it failed', { app: A }, 1, ['inspection unpack']],
    ['does not hold where nobody knows how it ended', { app: A }, 'ok', ['inspection unpack']],
  ])('%s', async (_name, products, status, expected) => {
    const inspectionLinks = { unpack: inspected('unpack', products, status) };
    const verdict = await verify(made, await links(), { inspectionLinks });
    expect(failures(verdict)).toEqual(expected);
    expect(verdict.ok).toBe(expected.length === 0);
  });
});

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
