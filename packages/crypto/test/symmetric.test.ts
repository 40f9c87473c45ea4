import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aesCtr,
  aesGcmOpen,
  aesGcmSeal,
  aesKwUnwrap,
  aesKwWrap,
  createDigest,
  digest,
  type DigestAlgorithm,
  ecdh,
  generateKeyPair,
  hmac,
  randomBytes,
  rsaOaepDecrypt,
  rsaOaepEncrypt,
  scrypt,
  secretboxOpen,
  secretboxSeal,
  sha2,
} from '../src/index.js';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hexOf = (value: Uint8Array): string =>
  Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('digest', () => {
  it.each([
    ['sha1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['sha224', '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7'],
    ['sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'sha384',
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    ],
    [
      'sha512',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    ],
    ['sm3', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'],
  ] as [DigestAlgorithm, string][])('%s of abc', (algorithm, expected) => {
    expect(hexOf(digest(algorithm, text('abc')))).toBe(expected);
    if (algorithm === 'sha256' || algorithm === 'sha384' || algorithm === 'sha512')
      expect(hexOf(sha2(algorithm, text('abc')))).toBe(expected);
  });

  it('is the same in parts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<DigestAlgorithm>('sha1', 'sha256', 'sha384', 'sha512', 'sm3'),
        fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 6 }),
        (algorithm, parts) => {
          const hash = createDigest(algorithm);
          for (const part of parts) hash.update(part);
          const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
          expect(hash.digest()).toEqual(digest(algorithm, whole));
        },
      ),
    );
  });

  // RFC 4231 section 4.3
  it('authenticates', () => {
    expect(hexOf(hmac('sha256', text('Jefe'), text('what do ya want for nothing?')))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    );
  });
});

describe('AES', () => {
  // NIST GCM test case 16
  it('seals as the GCM specification says', () => {
    const key = bytes('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
    const iv = bytes('cafebabefacedbaddecaf888');
    const plain = bytes(
      'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39',
    );
    const aad = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
    const sealed = aesGcmSeal(key, iv, plain, aad);
    expect(hexOf(sealed)).toBe(
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b',
    );
    expect(aesGcmOpen(key, iv, sealed, aad)).toEqual(plain);
    expect(() => aesGcmOpen(key, iv, sealed)).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => aesGcmOpen(key, iv, sealed.subarray(0, 15), aad)).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => aesGcmSeal(key.subarray(1), iv, plain)).toThrow(code('ERR_CRYPTO_ARGUMENT'));
    expect(() => aesGcmSeal(key, aad, plain)).toThrow(code('ERR_CRYPTO_ARGUMENT'));
  });

  it('releases nothing that was changed', () => {
    const key = randomBytes(32);
    const iv = randomBytes(12);
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, at, flip) => {
        const sealed = aesGcmSeal(key, iv, plain);
        expect(aesGcmOpen(key, iv, sealed)).toEqual(plain);
        const index = at % sealed.length;
        sealed[index] = (sealed[index] ?? 0) ^ flip;
        expect(() => aesGcmOpen(key, iv, sealed)).toThrow(code('ERR_CRYPTO_AUTH'));
      }),
    );
  });

  // RFC 3394 section 4.6
  it('wraps keys', () => {
    const kek = bytes('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
    const key = bytes('00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f');
    const wrapped = aesKwWrap(kek, key);
    expect(hexOf(wrapped)).toBe(
      '28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21',
    );
    expect(aesKwUnwrap(kek, wrapped)).toEqual(key);
    wrapped[3] = (wrapped[3] ?? 0) ^ 1;
    expect(() => aesKwUnwrap(kek, wrapped)).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => aesKwUnwrap(kek, wrapped.subarray(1))).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => aesKwWrap(kek, key.subarray(1))).toThrow(code('ERR_CRYPTO_ARGUMENT'));
  });

  // NIST SP 800-38A F.5.5
  it('counts', () => {
    const key = bytes('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    const iv = bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
    const plain = bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51');
    expect(hexOf(aesCtr(key, iv, plain))).toBe(
      '601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5',
    );
  });
});

describe('secretbox and scrypt', () => {
  // the first test of NaCl's secretbox
  it('seals as NaCl does', () => {
    const key = bytes('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
    const nonce = bytes('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
    const sealed = secretboxSeal(key, nonce, text('hello'));
    expect(sealed).toHaveLength(21);
    expect(secretboxOpen(key, nonce, sealed)).toEqual(text('hello'));
    sealed[20] = (sealed[20] ?? 0) ^ 1;
    expect(() => secretboxOpen(key, nonce, sealed)).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => secretboxOpen(key, nonce, sealed.subarray(0, 15))).toThrow(code('ERR_CRYPTO_AUTH'));
    expect(() => secretboxSeal(nonce, nonce, sealed)).toThrow(code('ERR_CRYPTO_ARGUMENT'));
  });

  // RFC 7914 section 12, second test
  it('derives as scrypt says', async () => {
    const derived = await scrypt(text('password'), text('NaCl'), { N: 1024, r: 8, p: 16, length: 64 });
    expect(hexOf(derived)).toBe(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    );
    for (const cost of [
      { N: 3, r: 8, p: 1, length: 32 },
      { N: 2 ** 30, r: 8, p: 1, length: 32 },
      { N: 1024, r: 8, p: 0, length: 32 },
    ]) {
      await expect(scrypt(text(''), text('salt'), cost)).rejects.toThrow(code('ERR_CRYPTO_ARGUMENT'));
    }
  });
});

describe('agreement', () => {
  it.each([
    ['ec-p256', 32],
    ['ec-p384', 48],
    ['ec-p521', 66],
  ] as const)('%s gives both sides the same', async (kind, width) => {
    const [mine, theirs] = await Promise.all([generateKeyPair(kind), generateKeyPair(kind)]);
    const shared = await ecdh(mine, theirs.publicKey);
    expect(shared).toHaveLength(width);
    expect(await ecdh(theirs, mine.publicKey)).toEqual(shared);
  });

  it('refuses two curves', async () => {
    const [a, b] = await Promise.all([generateKeyPair('ec-p256'), generateKeyPair('ec-p384')]);
    await expect(ecdh(a, b.publicKey)).rejects.toThrow(code('ERR_CRYPTO_UNSUPPORTED'));
  });

  it('encrypts to RSA', async () => {
    const key = await generateKeyPair('rsa', { bits: 2048 });
    const data = randomBytes(32);
    const sealed = await rsaOaepEncrypt(key.publicKey, data);
    expect(await rsaOaepDecrypt(key, sealed)).toEqual(data);
    await expect(rsaOaepDecrypt(key, sealed, { hash: 'sha1' })).rejects.toThrow(code('ERR_CRYPTO_AUTH'));
    await expect(rsaOaepEncrypt(key.publicKey, randomBytes(300))).rejects.toThrow(
      code('ERR_CRYPTO_ARGUMENT'),
    );
  });
});
