import { decodeUtf8, encodeBase64, encodeUtf8, Secret } from '@sealwright/bytes';
import { exportPkcs8Pem, generateKeyPair, type PrivateKey } from '@sealwright/crypto';
import { decodePem, encodePem } from '@sealwright/der';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bundleHint,
  CosignError,
  type CosignKeyPair,
  cosignSigner,
  decryptPrivateKey,
  encryptPrivateKey,
  generateCosignKeyPair,
  importCosignKeyPair,
  parseCosignPublicKey,
  parseKeyFile,
} from '../src/index.js';

let pair: CosignKeyPair;
let pem: string;
let key: PrivateKey;

beforeAll(async () => {
  pair = await generateCosignKeyPair({ password: 'pässword', scryptN: 32_768 });
  pem = decodeUtf8(pair.privatePem.expose());
  key = pair.privateKey;
});

describe('a key file', () => {
  it('may have line ends in its base64, as Go reads it', async () => {
    const [block] = decodePem(pem);
    const json = decodeUtf8(block?.bytes ?? new Uint8Array(0));
    const wrapped = json.replaceAll(/"(salt|nonce|ciphertext)":"(.{8})/g, '"$1":"$2\\r\\n');
    expect(wrapped).not.toBe(json);
    const opened = await decryptPrivateKey(
      encodePem('ENCRYPTED SIGSTORE PRIVATE KEY', encodeUtf8(wrapped)),
      'pässword',
    );
    expect(opened.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
  });

  it('to import is the first block alone', async () => {
    const plain = decodeUtf8(exportPkcs8Pem(key).expose());
    for (const text of [`a comment\n${plain}`, plain + plain, `${plain}-----BEGIN broken`]) {
      const { privateKey } = await importCosignKeyPair(text, { password: '', scryptN: 32_768 });
      expect(privateKey.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
    }
    const certificate = encodePem('CERTIFICATE', Uint8Array.of(0x30, 0));
    await expect(
      importCosignKeyPair(certificate + plain, { password: '', scryptN: 32_768 }),
    ).rejects.toMatchObject({ code: 'ERR_COSIGN_PEM_LABEL' });
  });
});

describe('a key pair', () => {
  it('opens again with its password, given as text, bytes or a secret', async () => {
    for (const password of ['pässword', encodeUtf8('pässword'), Secret.of(encodeUtf8('pässword'))]) {
      const opened = await decryptPrivateKey(pair.privatePem, password);
      expect(opened.publicKey.fingerprint).toBe(key.publicKey.fingerprint);
    }
    expect(parseCosignPublicKey(pair.publicPem).fingerprint).toBe(key.publicKey.fingerprint);
  });

  it('is written as cosign writes it', async () => {
    const written = await encryptPrivateKey(key, '');
    const { label, scryptN, salt, nonce } = parseKeyFile(decodeUtf8(written.expose()));
    expect({ label, scryptN, salt: salt.length, nonce: nonce.length }).toEqual({
      label: 'ENCRYPTED SIGSTORE PRIVATE KEY',
      scryptN: 65_536,
      salt: 32,
      nonce: 24,
    });
    const [block] = decodePem(decodeUtf8(written.expose()));
    expect(decodeUtf8(block?.bytes ?? new Uint8Array())).toMatch(
      /^\{"kdf":\{"name":"scrypt","params":\{"N":65536,"r":8,"p":1\},"salt":"[^"]{44}"\},"cipher":\{"name":"nacl\/secretbox","nonce":"[^"]{32}"\},"ciphertext":"[^"]*"\}$/,
    );
  });

  it('does not print', () => {
    expect(JSON.stringify(pair)).not.toContain('BEGIN ENCRYPTED');
    expect(`${pair.privateKey} ${pair.privatePem}`).toBe('[secret] [secret]');
  });

  it('takes the old label, and text around the first block', async () => {
    const old = await encryptPrivateKey(key, '', { label: 'ENCRYPTED COSIGN PRIVATE KEY', scryptN: 32_768 });
    const text = `a comment\n${decodeUtf8(old.expose())}\n-----BEGIN broken\n`;
    expect(parseKeyFile(text).label).toBe('ENCRYPTED COSIGN PRIVATE KEY');
    expect((await decryptPrivateKey(text, '')).kind).toBe('ec-p256');
  });
});

describe('a bad key file', () => {
  it('says no to another password', async () => {
    await expect(decryptPrivateKey(pem, 'password')).rejects.toMatchObject({ code: 'ERR_COSIGN_DECRYPT' });
  });

  it.each<[string, (file: Draft) => void, string]>([
    ['kdf', (file) => void (file.kdf.name = 'argon2id'), 'ERR_COSIGN_KDF'],
    ['N too small', (file) => void (file.kdf.params.N = 16_384), 'ERR_COSIGN_SCRYPT'],
    ['N too large', (file) => void (file.kdf.params.N = 262_144), 'ERR_COSIGN_SCRYPT'],
    ['r', (file) => void (file.kdf.params.r = 16), 'ERR_COSIGN_SCRYPT'],
    ['p', (file) => void (file.kdf.params.p = 2), 'ERR_COSIGN_SCRYPT'],
    ['cipher', (file) => void (file.cipher.name = 'aes-gcm'), 'ERR_COSIGN_CIPHER'],
    ['nonce', (file) => void (file.cipher.nonce = encodeBase64(new Uint8Array(12))), 'ERR_COSIGN_NONCE'],
    [
      'ciphertext',
      (file) => void (file.ciphertext = encodeBase64(new Uint8Array(15))),
      'ERR_COSIGN_CIPHERTEXT',
    ],
    ['salt', (file) => void (file.kdf.salt = '!'), 'ERR_COSIGN_KEY_FILE'],
  ])('names what is wrong: %s', (_name, change, code) => {
    const file = draft();
    change(file);
    const text = encodePem('ENCRYPTED SIGSTORE PRIVATE KEY', encodeUtf8(JSON.stringify(file)));
    expect(() => parseKeyFile(text)).toThrow(expect.objectContaining({ name: 'CosignError', code }));
  });

  it('names the label, the missing block and the body', () => {
    const code = (text: string): unknown => {
      try {
        return parseKeyFile(text);
      } catch (error) {
        return error instanceof CosignError ? error.code : error;
      }
    };
    expect(code(encodePem('ENCRYPTED PRIVATE KEY', new Uint8Array(4)))).toBe('ERR_COSIGN_PEM_LABEL');
    expect(code('nothing here')).toBe('ERR_COSIGN_PEM');
    expect(code('-----BEGIN A-----\n-----END B-----')).toBe('ERR_COSIGN_PEM');
    expect(code(encodePem('ENCRYPTED COSIGN PRIVATE KEY', encodeUtf8('hello')))).toBe('ERR_COSIGN_KEY_FILE');
    expect(code('x'.repeat(300_000))).toBe('ERR_COSIGN_LIMIT');
  });

  it('is a key file or a CosignError, whatever the text', () => {
    const mutated = fc
      .record({ at: fc.nat(pem.length - 1), with: fc.string({ maxLength: 3 }), cut: fc.nat(5) })
      .map(({ at, with: text, cut }) => pem.slice(0, at) + text + pem.slice(at + cut));
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (text) => {
        try {
          parseKeyFile(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CosignError);
        }
      }),
    );
  });

  function draft(): Draft {
    const [block] = decodePem(pem);
    return JSON.parse(decodeUtf8(block?.bytes ?? new Uint8Array())) as Draft;
  }
});

describe('taking a key over', () => {
  it('takes a plain key and encrypts it', async () => {
    const plain = await generateKeyPair('ed25519');
    const taken = await importCosignKeyPair(exportPkcs8Pem(plain), { password: 'p', scryptN: 32_768 });
    expect((await decryptPrivateKey(taken.privatePem, 'p')).publicKey.fingerprint).toBe(
      plain.publicKey.fingerprint,
    );
  });

  it('refuses public keys, encrypted keys and rubbish', async () => {
    const take = (text: string): Promise<unknown> => importCosignKeyPair(text, { password: '' });
    await expect(take(pair.publicPem)).rejects.toMatchObject({ code: 'ERR_COSIGN_PEM_LABEL' });
    await expect(take(pem)).rejects.toMatchObject({ code: 'ERR_COSIGN_PEM_LABEL' });
    await expect(take(encodePem('PRIVATE KEY', new Uint8Array(9)))).rejects.toMatchObject({
      code: 'ERR_COSIGN_PKCS8',
    });
    expect(() => parseCosignPublicKey(pem)).toThrow(
      expect.objectContaining({ code: 'ERR_COSIGN_PEM_LABEL' }),
    );
  });
});

it('names keys as bundles do', () => {
  expect(bundleHint(key.publicKey)).toMatch(/^[A-Za-z0-9+/]{43}=$/);
});

it('signs as stock cosign verifies', async () => {
  const p384 = await generateKeyPair('ec-p384');
  expect(cosignSigner(p384).publicKey).toBe(p384.publicKey);
  expect(cosignSigner(p384).keyid).toBeUndefined();
});

interface Draft {
  kdf: { name: string; params: { N: number; r: number; p: number }; salt: string };
  cipher: { name: string; nonce: string };
  ciphertext: string;
}
