import { testExamples } from '../../../tools/examples.ts';

testExamples({
  root: 'packages/oci',
  prelude: `
import { createRegistryClient, EMPTY_DESCRIPTOR as descriptor, encodeManifest, formatReference, OCI_INDEX, OCI_MANIFEST, openLayout, parseAuthFile, parseManifest, parseReference, parseRegistriesConfig, pullAttempts, selectPlatform } from '../../src/index.js';
import { decryptLayer, encryptLayer, jweOpener, jweSealer } from '../../src/encryption/index.js';
import { encodeUtf8 } from '@sealwright/bytes';
import { generateKeyPair } from '@sealwright/crypto';
import { createRegistry, pushTestImage } from '@sealwright/testing';
const registry = createRegistry();
pushTestImage(registry, 'team/app', { tag: 'v1' });
const { fetch } = registry;
const key = await generateKeyPair('rsa', { bits: 2048 });
const mediaType = 'application/vnd.oci.image.layer.v1.tar';
const kept = new Map();
const files = {
  read: async (path) => kept.has(path) ? [kept.get(path)] : undefined,
  write: async (path, source) => { const parts = []; for await (const part of source) parts.push(...part); kept.set(path, Uint8Array.from(parts)); },
  move: async (from, to) => { kept.set(to, kept.get(from)); kept.delete(from); },
  remove: async (path) => { kept.delete(path); },
};
const manifest = encodeManifest({ mediaType: OCI_MANIFEST, config: descriptor, layers: [] });
`,
  given: {
    'layout.ts': `const { mediaType: _ } = descriptor;`,
    'encryption/decrypt.ts': `const made = encryptLayer([encodeUtf8('a layer')], { mediaType, sealers: [jweSealer(key.publicKey)] });
const encrypted = [new Uint8Array(await new Response(made.stream).arrayBuffer())];
const descriptor = await made.descriptor;`,
  },
  least: 7,
});
