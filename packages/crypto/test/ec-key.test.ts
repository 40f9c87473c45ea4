import { describe, expect, it } from 'vitest';
import { generateKeyPair, importP256, sign, verify, verifyEcdsa } from '../src/index.js';

const MESSAGE = new TextEncoder().encode('a message');
const pair = await generateKeyPair('ec-p256');
const { spki } = pair.publicKey;
const refused = (code: string) => expect.objectContaining({ code });

describe('a key on P-256', () => {
  it('is the same from DER and from its coordinates', async () => {
    const signature = await sign(pair, MESSAGE);
    for (const input of [spki, spki.subarray(27)]) {
      const key = importP256(input);
      expect(key.spki).toEqual(spki);
      expect(key.fingerprint).toBe(pair.publicKey.fingerprint);
      expect(await verify(key, MESSAGE, signature)).toBe(true);
      expect(await verifyEcdsa(key, 'sha256', MESSAGE, signature, 'der')).toBe(true);
      expect(await verifyEcdsa(key, 'sha384', MESSAGE, signature, 'der')).toBe(false);
    }
  });

  it('keeps nothing of the bytes it was given', () => {
    const given = spki.slice();
    const key = importP256(given);
    given.fill(0);
    expect(key.spki).toEqual(spki);
  });

  it('verifies either form where either is asked for', async () => {
    const [der, raw] = [await sign(pair, MESSAGE), await sign(pair, MESSAGE, { encoding: 'raw' })];
    const outcomes = async (signature: Uint8Array): Promise<boolean[]> => [
      await verifyEcdsa(pair.publicKey, 'sha256', MESSAGE, signature, 'der'),
      await verifyEcdsa(pair.publicKey, 'sha256', MESSAGE, signature, 'raw'),
      await verifyEcdsa(pair.publicKey, 'sha256', MESSAGE, signature, 'either'),
    ];
    expect(await outcomes(der)).toEqual([true, false, true]);
    expect(await outcomes(raw)).toEqual([false, true, true]);
    expect(await outcomes(new Uint8Array(64))).toEqual([false, false, false]);
    expect(await outcomes(new Uint8Array(0))).toEqual([false, false, false]);
  });

  it('is refused off the curve, cut, compressed or on another curve', async () => {
    const off = spki.slice();
    off[90] = (off[90] ?? 0) ^ 1;
    const compressed = spki.slice();
    compressed[26] = 0x02;
    expect(() => importP256(off)).toThrow(refused('ERR_CRYPTO_KEY'));
    expect(() => importP256(new Uint8Array(64))).toThrow(refused('ERR_CRYPTO_KEY'));
    const others = [
      compressed,
      spki.subarray(0, 90),
      new Uint8Array(0),
      (await generateKeyPair('ec-p384')).publicKey.spki,
    ];
    for (const other of others) expect(() => importP256(other)).toThrow(refused('ERR_CRYPTO_UNSUPPORTED'));
  });
});
