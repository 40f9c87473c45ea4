import { generateKeyPair, keySigner } from '@sealwright/crypto';
import {
  type Artifacts,
  type Layout,
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

export const TIME = new Date('2026-01-01T00:00:00Z');
export const [A, B] = [{ sha256: 'aa' }, { sha256: 'bb' }];
export const owner = await functionary();
export const ada = await functionary();
export const bob = await functionary();
export const eve = await functionary();
export type Functionary = Awaited<ReturnType<typeof functionary>>;

export async function functionary() {
  const key = await generateKeyPair('ec-p256');
  const described = layoutKey(key.publicKey);
  return { key, described, id: described.keyid, verifier: verifierFromLayoutKey(described) };
}

export const rules = (...texts: string[]) => texts.map((text) => parseRule(text.split(' ')));

export function step(name: string, members: Partial<Step> = {}): Step {
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

export function layout(steps: readonly Step[], members: Partial<Layout> = {}): Layout {
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

export const signed = (content: Layout, by: Functionary = owner, form?: 'dsse') =>
  signLayout(content, {
    signers: [keySigner(by.key)],
    ...(form === undefined ? {} : { form }),
  });

export async function link(
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

export async function verify(
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

export const failures = (verdict: LayoutVerdict) =>
  verdict.checks
    .filter(({ outcome }) => outcome === 'fail')
    .map(({ kind, layout: above, item }) => [...above, kind, item].join(' '));
