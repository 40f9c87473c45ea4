import { importPublicKey } from '@sealwright/crypto';
import { isJsonObject, parseJson } from '@sealwright/json';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { type Verifier } from '../src/index.js';
import {
  encodeLayout,
  encodeLink,
  layoutKey,
  layoutKeyId,
  parseMetadata,
  type SignedLayout,
  type SignedLink,
  verifierFromLayoutKey,
  verifyLayout,
} from '../src/layout/index.js';

const areas = ['in-toto', 'dsse'].map(vectorArea);
const [inToto, dsse] = areas;
const files = areas.flatMap((area) =>
  area
    .list('real')
    .map((name) => ({ title: `${area.name}/real/${name}`, name, bytes: area.bytes('real', name) })),
);
const metadata = files.filter(({ bytes }) => isClassic(bytes));
const parsed = metadata.map(({ bytes }) => parseMetadata(bytes));
const layouts = parsed.filter((one): one is SignedLayout => one.type === 'layout');
const keys = new Map(
  [
    ...layouts.flatMap(({ layout }) => Object.values(layout.keys)),
    ...files
      .filter(({ name }) => name.endsWith('.pem'))
      .map(({ bytes }) => layoutKey(importPublicKey(new TextDecoder().decode(bytes)))),
  ].map((key) => [key.keyid, verifierFromLayoutKey(key)]),
);

describe.skipIf(inToto?.present !== true || dsse?.present !== true)('real layouts and links', () => {
  it('are there', () => {
    expect(metadata.length).toBeGreaterThan(0);
    expect(layouts.length).toBeGreaterThan(0);
  });

  it('name keys by the hash of their canonical form', () => {
    for (const { layout } of layouts) {
      for (const key of Object.values(layout.keys)) expect(layoutKeyId(key)).toBe(key.keyid);
    }
  });

  it.each(metadata)('$title reads, and reads the same as written', ({ bytes }) => {
    const one = parseMetadata(bytes);
    const signed = one.type === 'layout' ? encodeLayout(one.layout) : encodeLink(one.link);
    const again = parseMetadata(JSON.stringify({ signed, signatures: [] }));
    expect(content(again)).toEqual(content(one));
  });

  it.each(metadata)('$title holds its signatures by known keys, and no changed one', async ({ bytes }) => {
    const { signatures, message } = parseMetadata(bytes);
    expect(signatures.length).toBeGreaterThan(0);
    for (const { keyid, sig } of signatures) {
      const key = keys.get(keyid);
      if (key === undefined) continue; // a functionary whose key is not among the vectors
      expect(await key.verify(message, sig)).toBe(true);
      const changed = Uint8Array.from(message);
      changed[changed.length >> 1] = (changed[changed.length >> 1] ?? 0) ^ 1;
      expect(await key.verify(changed, sig)).toBe(false);
    }
  });

  it('verifies a layout as far as its links go', async () => {
    for (const { bytes } of metadata) {
      const one = parseMetadata(bytes);
      if (one.type !== 'layout') continue;
      const links = metadata.flatMap((file) => {
        const found = parseMetadata(file.bytes);
        return found.type === 'link' ? [{ step: found.link.name, content: file.bytes }] : [];
      });
      const owners = one.signatures
        .map(({ keyid }) => keys.get(keyid))
        .filter((key): key is Verifier => key !== undefined);
      expect(owners.length).toBeGreaterThan(0);
      const before = new Date(Date.parse(one.layout.expires) - 1000);
      const verdict = await verifyLayout(bytes, { keys: owners, time: before, links });
      const of = (kind: string) => verdict.checks.filter((check) => check.kind === kind);
      for (const kind of ['layout-signature', 'expiry'])
        expect(of(kind).every(({ outcome }) => outcome === 'pass')).toBe(true);
      for (const step of one.layout.steps) {
        const signers = new Set(
          links
            .filter((link) => link.step === step.name)
            .flatMap(({ content }) => parseMetadata(content).signatures.map(({ keyid }) => keyid)),
        );
        const enough = step.pubkeys.filter((id) => signers.has(id)).length >= step.threshold;
        expect(of('threshold').find(({ item }) => item === step.name)?.outcome).toBe(
          enough ? 'pass' : 'fail',
        );
      }
      expect(verdict.inspections.map(({ inspection }) => inspection.name)).toEqual(
        one.layout.inspections.map(({ name }) => name),
      );
      const late = await verifyLayout(bytes, {
        keys: owners,
        time: new Date(Date.parse(one.layout.expires) + 1000),
        links,
      });
      expect(late.checks).toContainEqual(expect.objectContaining({ kind: 'expiry', outcome: 'fail' }));
    }
  });
});

function content(one: SignedLayout | SignedLink): unknown {
  return one.type === 'layout' ? one.layout : one.link;
}

/** A metablock, or an envelope around a layout or link. */
function isClassic(bytes: Uint8Array): boolean {
  try {
    const value = parseJson(bytes);
    if (!isJsonObject(value)) return false;
    if (isJsonObject(value['signed'])) return true;
    const payload = parseJson(atob(String(value['payload'])));
    return isJsonObject(payload) && ['layout', 'link'].includes(String(payload['_type']));
  } catch {
    return false;
  }
}
