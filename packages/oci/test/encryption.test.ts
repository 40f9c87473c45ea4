import { decodeBase64, decodeUtf8, encodeBase64, encodeHex, encodeUtf8 } from '@sealwright/bytes';
import { digest, generateKeyPair } from '@sealwright/crypto';
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LayerKeySealer, LayerSpool } from '../src/encryption/index.js';
import {
  decryptLayer,
  encryptLayer,
  jweOpener,
  jweSealer,
  PUBLIC_OPTIONS_ANNOTATION,
} from '../src/encryption/index.js';
import { OciError } from '../src/index.js';
import { readAll } from './read-all.ts';
import { open, opener, refusal, seal, type Sealed, sealer, TYPE } from './sealed-layer.ts';

const sha256 = (content: Uint8Array): string => `sha256:${encodeHex(digest('sha256', content))}`;
const PACKETS = 'org.opencontainers.image.enc.keys.provider.attestation-agent';

describe('layers', () => {
  it('come back as they were, in whatever parts they travel', async () => {
    const part = fc.uint8Array({ maxLength: 5000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 5 }),
        fc.integer({ min: 1, max: 4000 }),
        async (parts, cut) => {
          const whole = Uint8Array.from(parts.flatMap((each) => [...each]));
          const made = encryptLayer(parts, { mediaType: TYPE, sealers: [sealer] });
          const blob = await readAll(made.stream);
          const descriptor = await made.descriptor;
          expect([descriptor.size, descriptor.mediaType]).toEqual([whole.length, `${TYPE}+encrypted`]);
          const pieces = function* (): Generator<Uint8Array> {
            for (let from = 0; from < blob.length; from += cut) yield blob.subarray(from, from + cut);
          };
          const opened = await decryptLayer(descriptor, pieces(), { openers: [opener] });
          expect(opened.mediaType).toBe(TYPE);
          expect(await readAll(opened.stream)).toEqual(whole);
        },
      ),
      { numRuns: 50 },
    );
  }, 60_000);

  it('are opened by each recipient with its own key, and by nobody else', async () => {
    const [rsa, p256, p521, stranger] = await Promise.all([
      generateKeyPair('rsa'),
      generateKeyPair('ec-p256'),
      generateKeyPair('ec-p521'),
      generateKeyPair('ec-p256'),
    ]);
    const layer = encodeUtf8('for three and a guest');
    const sealed = await seal(layer, [
      jweSealer(rsa.publicKey),
      sealer,
      jweSealer(p256.publicKey),
      jweSealer(p521.publicKey),
    ]);
    expect(Object.keys(sealed.descriptor.annotations ?? {}).sort()).toEqual([
      'org.opencontainers.image.enc.keys.jwe',
      PACKETS,
      PUBLIC_OPTIONS_ANNOTATION,
    ]);
    for (const each of [jweOpener(rsa), jweOpener(p256), jweOpener(p521), opener]) {
      expect(await open(sealed, [each])).toEqual(layer);
      expect(await open(sealed, [jweOpener(stranger), each])).toEqual(layer);
    }
    await expect(open(sealed, [jweOpener(stranger)])).rejects.toThrow(refusal('ERR_OCI_UNWRAP'));
    await expect(open(sealed, [])).rejects.toThrow('names no recipient that can be tried here');
    const ed25519 = await generateKeyPair('ed25519');
    expect(() => jweSealer(ed25519.publicKey)).toThrow(TypeError);
  });

  it('are encrypted under a fresh key each time', async () => {
    const layer = encodeUtf8('same');
    const [one, two] = [await seal(layer), await seal(layer)];
    expect(one.blob).not.toEqual(two.blob);
    expect(one.descriptor.annotations).not.toEqual(two.descriptor.annotations);
  });

  it('release nothing before the tag holds', async () => {
    const sealed = await seal(new Uint8Array(200_000).fill(7));
    for (const at of [0, 100_000, 199_999]) {
      const blob = sealed.blob.slice();
      blob[at] = (blob[at] ?? 0) ^ 1;
      await expect(open({ ...sealed, blob })).rejects.toThrow(refusal('ERR_OCI_HMAC'));
    }
    for (const blob of [
      sealed.blob.subarray(0, -1),
      Uint8Array.from([...sealed.blob, 0]),
      new Uint8Array(),
    ]) {
      await expect(open({ ...sealed, blob })).rejects.toThrow(refusal('ERR_OCI_HMAC'));
    }
  });

  it('are compared with the digest that was sealed with the key', async () => {
    const lying: LayerKeySealer = {
      scheme: sealer.scheme,
      seal: (options) => {
        const text = new TextDecoder()
          .decode(options)
          .replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
        return sealer.seal(encodeUtf8(text));
      },
    };
    await expect(open(await seal(encodeUtf8('x'), [lying]))).rejects.toThrow(refusal('ERR_OCI_DIGEST'));
  });

  it('are bounded', async () => {
    const sealed = await seal(new Uint8Array(1000));
    await expect(open(sealed, [opener], { maxBytes: 999 })).rejects.toThrow(refusal('ERR_OCI_SIZE'));
    const made = encryptLayer([new Uint8Array(1000)], { mediaType: TYPE, sealers: [sealer], maxBytes: 999 });
    await expect(readAll(made.stream)).rejects.toThrow(refusal('ERR_OCI_SIZE'));
    await expect(made.descriptor).rejects.toThrow(refusal('ERR_OCI_SIZE'));
    const many = Array.from({ length: 101 }, () => 'AAAA').join(',');
    await expect(
      open({
        ...sealed,
        descriptor: {
          ...sealed.descriptor,
          annotations: { ...sealed.descriptor.annotations, [PACKETS]: many },
        },
      }),
    ).rejects.toThrow(refusal('ERR_OCI_SIZE'));
  });

  it('have no descriptor unless they were read to their end', async () => {
    const made = encryptLayer([new Uint8Array(10), new Uint8Array(10)], {
      mediaType: TYPE,
      sealers: [sealer],
    });
    const reader = made.stream.getReader();
    await reader.read();
    await reader.cancel();
    await expect(made.descriptor).rejects.toThrow(refusal('ERR_OCI_CIPHER'));
    const unread = encryptLayer([], { mediaType: TYPE, sealers: [sealer] });
    await unread.stream.cancel();
    await expect(unread.descriptor).rejects.toThrow(refusal('ERR_OCI_CIPHER'));
    expect(() => encryptLayer([], { mediaType: TYPE, sealers: [] })).toThrow(TypeError);
    expect(() => encryptLayer([], { mediaType: `${TYPE}+encrypted`, sealers: [sealer] })).toThrow(
      refusal('ERR_OCI_MEDIA_TYPE'),
    );
  });

  it('are refused with cipher options that anybody could have written', async () => {
    const sealed = await seal(encodeUtf8('x'));
    const annotations = sealed.descriptor.annotations ?? {};
    const good = JSON.parse(atob(annotations[PUBLIC_OPTIONS_ANNOTATION] ?? '')) as object;
    const nonce = encodeBase64(new Uint8Array(16));
    for (const change of [
      { cipheroptions: { nonce } },
      { cipheroptions: [] },
      { cipher: 'AES_128_CTR' },
      { cipher: undefined },
      { hmac: undefined },
      { hmac: '' },
      { hmac: '?' },
    ]) {
      const changed = {
        ...annotations,
        [PUBLIC_OPTIONS_ANNOTATION]: btoa(JSON.stringify({ ...good, ...change })),
      };
      const descriptor = { ...sealed.descriptor, annotations: changed };
      await expect(open({ ...sealed, descriptor })).rejects.toThrow(refusal('ERR_OCI_CIPHER'));
    }
    for (const options of ['', '!', btoa('[]'), btoa('{"cipher":1,"cipher":1}')]) {
      const changed = { ...annotations, [PUBLIC_OPTIONS_ANNOTATION]: options };
      const descriptor = { ...sealed.descriptor, annotations: changed };
      await expect(open({ ...sealed, descriptor })).rejects.toThrow(refusal('ERR_OCI_CIPHER'));
    }
    for (const hmac of [encodeBase64(new Uint8Array(16)), encodeBase64(new Uint8Array(32))]) {
      const changed = {
        ...annotations,
        [PUBLIC_OPTIONS_ANNOTATION]: btoa(JSON.stringify({ ...good, hmac })),
      };
      const descriptor = { ...sealed.descriptor, annotations: changed };
      await expect(open({ ...sealed, descriptor })).rejects.toThrow(refusal('ERR_OCI_HMAC'));
    }
    const plain = { ...sealed, descriptor: { ...sealed.descriptor, mediaType: TYPE } };
    await expect(open(plain)).rejects.toThrow(refusal('ERR_OCI_MEDIA_TYPE'));
  });

  it('notice a spool that gives back something else', async () => {
    const sealed = await seal(new Uint8Array(100_000));
    const kept: Uint8Array[] = [];
    let discarded = 0;
    const spool = (change: (parts: Uint8Array[]) => Uint8Array[]): LayerSpool => ({
      append: async (part) => void kept.push(part),
      parts: async function* () {
        yield* change(kept);
      },
      discard: async () => {
        kept.splice(0);
        discarded += 1;
      },
    });
    expect(await open(sealed, [opener], { spool: spool((parts) => parts) })).toEqual(new Uint8Array(100_000));
    for (const change of [
      (parts: Uint8Array[]) => parts.slice(1),
      (parts: Uint8Array[]) => parts.slice(0, 1),
      (parts: Uint8Array[]) => [...parts, new Uint8Array(1)],
      (parts: Uint8Array[]) => parts.map((part) => part.map((byte) => byte ^ 1)),
    ]) {
      await expect(open(sealed, [opener], { spool: spool(change) })).rejects.toThrow(
        refusal('ERR_OCI_DIGEST'),
      );
    }
    expect([kept.length, discarded]).toEqual([0, 5]);
  });

  it('may have been compressed while they were encrypted', async () => {
    const archive = encodeUtf8('an archive '.repeat(20_000));
    const layer = gzipSync(archive);
    const withDigest = (named: string): LayerKeySealer => ({
      scheme: sealer.scheme,
      seal: async (options) => {
        const json = JSON.parse(decodeUtf8(options)) as object;
        return sealer.seal(encodeUtf8(JSON.stringify({ ...json, digest: named })));
      },
    });
    const [mine, other] = [sha256(archive), sha256(encodeUtf8('another archive'))];
    const sealed = await seal(layer, [withDigest(mine)]);
    const opened = await decryptLayer(sealed.descriptor, [sealed.blob], { openers: [opener] });
    expect([opened.digest, await readAll(opened.stream)]).toEqual([sha256(layer), layer]);
    const wrong = await seal(layer, [withDigest(other)]);
    await expect(open(wrong)).rejects.toThrow(refusal('ERR_OCI_DIGEST'));
    const damaged = await seal(layer.subarray(0, -20), [withDigest(mine)]);
    await expect(open(damaged)).rejects.toThrow(refusal('ERR_OCI_DIGEST'));
    const { mediaType, ...rest } = sealed.descriptor;
    const tar = { ...rest, mediaType: mediaType.replace('+gzip', '') };
    await expect(open({ ...sealed, descriptor: tar })).rejects.toThrow(refusal('ERR_OCI_DIGEST'));
  });

  it('leave the spool empty when they are refused or given up', async () => {
    const sealed = await seal(new Uint8Array(200_000));
    let held = 0;
    const spool: LayerSpool = {
      append: async () => void (held += 1),
      parts: async function* () {
        for (let index = 0; index < held; index += 1) yield new Uint8Array();
      },
      discard: async () => void (held = 0),
    };
    const blob = sealed.blob.map((byte) => byte ^ 1);
    await expect(open({ ...sealed, blob }, [opener], { spool })).rejects.toThrow(refusal('ERR_OCI_HMAC'));
    expect(held).toBe(0);
    const { stream } = await decryptLayer(sealed.descriptor, [sealed.blob], { openers: [opener] });
    const reader = stream.getReader();
    expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    const unread = await decryptLayer(sealed.descriptor, [sealed.blob], { openers: [opener], spool });
    expect(held).toBeGreaterThan(0);
    await unread.stream.cancel();
    expect(held).toBe(0);
    let released = false;
    const layer = new ReadableStream<Uint8Array>({ cancel: () => void (released = true) });
    await encryptLayer(layer, { mediaType: TYPE, sealers: [sealer] }).stream.cancel();
    expect(released).toBe(true);
  });

  describe('answer changed annotations and blobs with an OciError or the layer itself,', () => {
    const layer = encodeUtf8('the layer that was encrypted');
    let sealed: Sealed;
    beforeAll(async () => {
      sealed = await seal(layer);
    });

    it('never with another layer', async () => {
      const { annotations = {} } = sealed.descriptor;
      const names = Object.keys(annotations);
      const edit = fc.record({
        name: fc.constantFrom(...names),
        at: fc.nat(),
        byte: fc.nat(255),
        inner: fc.boolean(),
        cut: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(edit, fc.nat({ max: 40 }), async ({ name, at, byte, inner, cut }, blobAt) => {
          const value = annotations[name] ?? '';
          const bytes = inner ? decodeBase64(value) : encodeUtf8(value);
          bytes[at % bytes.length] = byte;
          const kept = cut ? bytes.subarray(0, at % bytes.length) : bytes;
          const changed = inner ? encodeBase64(kept) : new TextDecoder('latin1').decode(kept);
          const blob = sealed.blob.slice();
          if (blobAt < blob.length) blob[blobAt] = byte;
          const descriptor = { ...sealed.descriptor, annotations: { ...annotations, [name]: changed } };
          try {
            expect(await open({ blob, descriptor })).toEqual(layer);
          } catch (error) {
            expect(error).toBeInstanceOf(OciError);
          }
        }),
        { numRuns: MUTATIONS, seed: 7 },
      );
    }, 600_000);
  });
});

const MUTATIONS = Number(
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[
    'SEALWRIGHT_MUTATIONS'
  ] ?? 10_000,
);
