// Encrypted layers, beside what the cipher and the hashes alone cost.
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { paired, report } from '../../../tools/bench.ts';
import { decryptLayer, encryptLayer, kbsOpener, kbsSealer } from '../src/encryption/index.js';

const SIZE = 32 << 20;
const CHUNK = 1 << 16;
const layer = new Uint8Array(randomBytes(SIZE));
const key = new Uint8Array(32).fill(1);
const kid = 'kbs:///default/image_key/bench';
const mediaType = 'application/vnd.oci.image.layer.v1.tar';
const sealers = [kbsSealer({ kid, key })];
const openers = [kbsOpener({ key: async () => key })];

const made = encryptLayer(chunks(layer), { mediaType, sealers });
const blob = await drained(made.stream);
const descriptor = await made.descriptor;

report([
  await paired(
    'encrypt 32 MiB, beside cipher, HMAC and two hashes in chunks of 64 KiB',
    async () => (await drained(encryptLayer(chunks(layer), { mediaType, sealers }).stream)).byteLength,
    () => floor(2),
  ),
  await paired(
    'decrypt 32 MiB, beside two ciphers, HMAC and one hash in chunks of 64 KiB',
    async () => {
      const opened = await decryptLayer(descriptor, chunks(blob), { openers });
      return (await drained(opened.stream)).byteLength;
    },
    () => floor(1) + cipherOnly(),
  ),
]);

function floor(hashes: number): number {
  const cipher = createCipheriv('aes-256-ctr', key, key.subarray(0, 16));
  const mac = createHmac('sha256', key);
  const each = Array.from({ length: hashes }, () => createHash('sha256'));
  for (const chunk of chunks(layer)) {
    mac.update(cipher.update(chunk));
    for (const hash of each) hash.update(chunk);
  }
  return mac.digest()[0] ?? 0;
}

function cipherOnly(): number {
  const cipher = createCipheriv('aes-256-ctr', key, key.subarray(0, 16));
  let sum = 0;
  for (const chunk of chunks(layer)) sum += cipher.update(chunk)[0] ?? 0;
  return sum;
}

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += CHUNK) yield bytes.subarray(from, from + CHUNK);
}

async function drained(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const all = new Uint8Array(SIZE);
  let at = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return all;
    all.set(value, at);
    at += value.byteLength;
  }
}
