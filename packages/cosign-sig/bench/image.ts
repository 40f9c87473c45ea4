/** An image with a key, against the bare signature check under it: `pnpm bench cosign-sig`. */
import { generateKeyPair, sign, verify } from '@sealwright/crypto';
import { paired, report } from '../../../tools/bench.ts';
import { cosignSigner, signImage, verifyImageSignatures } from '../src/index.js';
import { MemoryRegistry, pushImage } from '../test/memory-registry.js';

const registry = new MemoryRegistry();
const { privateKey, publicKey } = await keys();
const images = await Promise.all(['v1', 'v2', 'v3'].map((tag) => pushImage(registry, tag)));
for (const image of images) await signImage(registry, image, { signer: cosignSigner(privateKey) });
const message = new Uint8Array(240);
const signature = await sign(privateKey, message);
let turn = 0;

async function keys() {
  const privateKey = await generateKeyPair('ec-p256');
  return { privateKey, publicKey: privateKey.publicKey };
}

const result = await paired(
  'verify an image in a registry in memory with a key, against the bare check; the goal is 1000 us more',
  async () => {
    turn += 1;
    const image = images[turn % images.length] ?? images[0];
    return image === undefined
      ? 0
      : (await verifyImageSignatures(registry, image, { key: publicKey })).signatures.length;
  },
  () => verify(publicKey, message, signature),
);
report([result]);
console.log(`${(result.candidate - result.floor).toFixed(0)} us more than the signature check`);
