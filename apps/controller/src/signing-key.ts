import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '@sealwright/bytes';
import { CosignError, decryptPrivateKey } from '@sealwright/cosign-sig';
import {
  createDigest,
  CryptoError,
  defaultScheme,
  importPrivateKey,
  keySigner,
  type PrivateKey,
  type Signer,
  sshFingerprint,
} from '@sealwright/crypto';
import { decodePem, DerError } from '@sealwright/der';
import { looksSealed } from '@sealwright/sealed-secret';

/** The signing secrets cannot be used. The message says which file and why, never what is in it. */
export class SigningKeyError extends Error {
  /** Always `SigningKeyError`. */
  override readonly name = 'SigningKeyError';
}

/** Gives the signer of the moment. */
export interface SigningKeys {
  /**
   * The signer that the folder holds now. A key that did not change is decrypted once.
   *
   * @throws {@link SigningKeyError} when there is none, or it cannot be used.
   */
  signer(): Promise<Signer>;
}

/**
 * Signing keys from a `signing-secrets` folder: `x509.pem`, else `cosign.key` with `cosign.password`.
 *
 * @param folder - where the agent has unsealed them
 */
export function signingKeys(folder: string): SigningKeys {
  let last: { readonly stamp: string; readonly signer: Signer } | undefined;
  return {
    signer: async () => {
      const files = await readSecrets(folder);
      const stamp = stampOf(files);
      try {
        if (last?.stamp !== stamp) last = { stamp, signer: await signerOf(files) };
        return last.signer;
      } finally {
        for (const bytes of files.values()) bytes.fill(0);
      }
    },
  };
}

async function signerOf(files: ReadonlyMap<string, Buffer>): Promise<Signer> {
  for (const [name, bytes] of files) {
    if (looksSealed(bytes.toString('latin1').trim())) {
      throw new SigningKeyError(
        `${name} is still sealed: the agent unseals it, or the folder is not the one it unseals to`,
      );
    }
  }
  const x509 = files.get('x509.pem');
  if (x509 !== undefined) return plainSigner(x509);
  const cosign = files.get('cosign.key');
  if (cosign === undefined)
    throw new SigningKeyError('no valid private key found, looked for: [x509.pem, cosign.key]');
  const password = files.get('cosign.password');
  if (password === undefined) throw new SigningKeyError('reading cosign.password file: there is none');
  return cosignSignerOf(cosign, password);
}

async function plainSigner(pem: Buffer): Promise<Signer> {
  const key = await guarded('x509.pem', async () => {
    const [block] = decodePem(pem.toString('latin1'));
    if (block?.label !== 'PRIVATE KEY')
      throw new SigningKeyError('x509.pem: expected the PEM block PRIVATE KEY');
    return importPrivateKey(block.bytes);
  });
  if (!key.kind.startsWith('ec-')) {
    throw new SigningKeyError(`unsupported private key type ${key.kind}, only ECDSA keys are supported`);
  }
  return named(key, keySigner(key, { scheme: 'ecdsa-sha256' }));
}

async function cosignSignerOf(pem: Buffer, password: Buffer): Promise<Signer> {
  const key = await guarded('cosign.key', () => decryptPrivateKey(pem.toString('latin1'), password));
  return named(key, keySigner(key, { scheme: key.kind === 'ed25519' ? 'ed25519ph' : defaultScheme(key) }));
}

function named(key: PrivateKey, signer: Signer): Signer {
  const keyid = sshFingerprint(key.publicKey);
  return { keyid, publicKey: key.publicKey, sign: (bytes) => signer.sign(bytes) };
}

async function guarded<T>(file: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof CosignError || cause instanceof CryptoError || cause instanceof DerError) {
      throw new SigningKeyError(`${file}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

async function readSecrets(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of ['x509.pem', 'cosign.key', 'cosign.password']) {
    const bytes = await readFile(join(folder, name)).catch((error: unknown) => absent(error, name));
    if (bytes !== undefined) files.set(name, bytes);
  }
  return files;
}

function absent(error: unknown, name: string): undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw new SigningKeyError(`${name} cannot be read: ${code}`, { cause: error });
}

function stampOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createDigest('sha256');
  for (const [name, bytes] of files) {
    hash.update(Buffer.from(`${name} ${bytes.length}\n`));
    hash.update(bytes);
  }
  return encodeHex(hash.digest());
}
