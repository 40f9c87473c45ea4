import { encodeHex } from '@sealwright/bytes';
import { digest, exportPkcs8, exportPublicPem } from '@sealwright/crypto';
import { describe, expect, it } from 'vitest';
import { vectorArea } from '../../../tools/vectors.ts';
import { CosignError, decryptPrivateKey, importCosignKeyPair, parseKeyFile } from '../src/index.js';

interface KeyCase {
  file: string;
  password: string;
  expect: 'ok' | 'error';
  pemType: string;
  scryptN: number;
  keyType: string;
  pkcs8Sha256: string;
  spkiSha256: string;
  publicKeyPem: string;
  error?: string;
}

interface ImportCase {
  file: string;
  expect: 'ok' | 'error';
  keyType: string;
  spkiSha256: string;
}

/** What the vectors call a failure, and the code that we give it; the first that the text contains. */
const CODES: readonly (readonly [string, string])[] = [
  ['PKCS#8', 'ERR_COSIGN_PKCS8'],
  ['decryption failed', 'ERR_COSIGN_DECRYPT'],
  ['scrypt', 'ERR_COSIGN_SCRYPT'],
  ['unknown kdf', 'ERR_COSIGN_KDF'],
  ['unknown cipher', 'ERR_COSIGN_CIPHER'],
  ['nonce', 'ERR_COSIGN_NONCE'],
  ['ciphertext shorter', 'ERR_COSIGN_CIPHERTEXT'],
  ['PEM type', 'ERR_COSIGN_PEM_LABEL'],
  ['not JSON', 'ERR_COSIGN_KEY_FILE'],
  ['no PEM', 'ERR_COSIGN_PEM'],
];

const area = vectorArea('cosign-sig');

describe.skipIf(!area.present)('encrypted private keys of the vectors', () => {
  it.each(area.present ? area.json<KeyCase[]>('keys', 'cases.json') : [])('$file', async (sample) => {
    const pem = area.text(sample.file);
    if (sample.expect === 'error') {
      const code = CODES.find(([words]) => sample.error?.includes(words))?.[1] ?? expect.any(String);
      expect(sample.error).toEqual(expect.any(String));
      const error = await decryptPrivateKey(pem, sample.password).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CosignError);
      expect(error).toMatchObject({ code });
      return;
    }
    expect(sample.expect).toBe('ok');
    expect(parseKeyFile(pem)).toMatchObject({ label: sample.pemType, scryptN: sample.scryptN });
    const key = await decryptPrivateKey(pem, sample.password);
    expect(encodeHex(digest('sha256', exportPkcs8(key).expose()))).toBe(sample.pkcs8Sha256);
    expect(key.publicKey.fingerprint).toBe(sample.spkiSha256);
    expect(exportPublicPem(key.publicKey)).toBe(sample.publicKeyPem);
    expect(describeKind(key.kind, key.publicKey.bits)).toBe(sample.keyType);
  });
});

describe.skipIf(!area.present)('plain private keys of the vectors', () => {
  it.each(area.present ? area.json<ImportCase[]>('import', 'cases.json') : [])('$file', async (sample) => {
    const taken = importCosignKeyPair(area.text(sample.file), { password: '', scryptN: 32_768 });
    if (sample.expect === 'error') {
      expect(await taken.catch((reason: unknown) => reason)).toBeInstanceOf(CosignError);
      return;
    }
    expect(sample.expect).toBe('ok');
    const { privateKey, privatePem } = await taken;
    expect(privateKey.publicKey.fingerprint).toBe(sample.spkiSha256);
    expect(describeKind(privateKey.kind, privateKey.publicKey.bits)).toBe(sample.keyType);
    const again = await decryptPrivateKey(privatePem, '');
    expect(again.publicKey.fingerprint).toBe(sample.spkiSha256);
  });
});

function describeKind(kind: string, bits: number | undefined): string {
  if (kind === 'rsa') return `RSA ${bits}`;
  return kind === 'ed25519' ? 'Ed25519' : `EC P-${kind.slice('ec-p'.length)}`;
}
