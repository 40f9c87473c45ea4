import { BytesError, decodeHex, encodeHex } from '@sealwright/bytes';
import {
  CryptoError,
  digest,
  exportPublicPem,
  importPublicKey,
  type KeyKind,
  type PublicKey,
  type SignatureScheme,
} from '@sealwright/crypto';
import { encodeSpki, parseSpki } from '@sealwright/der';
import type { JsonObject } from '@sealwright/json';
import { InTotoError } from '../errors.js';
import { type Verifier, verifierFromKey } from '../verifier.js';
import { canonicalMetadata } from './canonical.js';

/** A public key as layouts hold it. Private parts are never kept. */
export interface LayoutKey {
  /** Its id. */
  readonly keyid: string;
  /** Part of what is hashed for the id; history. */
  readonly keyidHashAlgorithms?: readonly string[];
  /** `rsa`, `ed25519` or `ecdsa`. */
  readonly keytype: string;
  /** Such as `rsassa-pss-sha256`. */
  readonly scheme: string;
  /** PEM, or hexadecimal for Ed25519; empty for authorities. */
  readonly public: string;
  /** PEM of a certificate. */
  readonly certificate?: string;
}

/**
 * The id of a key: SHA-256 in hexadecimal over the canonical JSON of its type, scheme, public part and hash algorithms.
 *
 * @param key - its `keyid` does not matter
 */
export function layoutKeyId(key: Omit<LayoutKey, 'keyid'>): string {
  const algorithms = key.keyidHashAlgorithms;
  const hashed: JsonObject = {
    ...(algorithms === undefined ? {} : { keyid_hash_algorithms: [...algorithms] }),
    keytype: key.keytype,
    keyval: { public: key.public },
    scheme: key.scheme,
  };
  return encodeHex(digest('sha256', canonicalMetadata(hashed)));
}

/**
 * A public key as layouts hold it, with the id that follows. RSA keys sign with PSS.
 *
 * @param key - the public key
 */
export function layoutKey(key: PublicKey): LayoutKey {
  const { keytype, scheme } = NAMES[key.kind];
  const text =
    key.kind === 'ed25519' ? encodeHex(parseSpki(key.spki).publicKey) : exportPublicPem(key).trim();
  const parts = { keyidHashAlgorithms: ['sha256', 'sha512'], keytype, scheme, public: text };
  return { keyid: layoutKeyId(parts), ...parts };
}

/**
 * A verifier over a key of a layout.
 *
 * @param key - as parsed
 * @throws {@link InTotoError} `LAYOUT_BAD_KEY`
 */
export function verifierFromLayoutKey(key: LayoutKey): Verifier {
  const publicKey = publicKeyOf(key);
  const { keytype, scheme } = NAMES[publicKey.kind];
  const fits =
    (key.keytype === keytype || key.keytype === scheme) && SCHEMES[publicKey.kind].includes(key.scheme);
  if (!fits)
    throw new InTotoError('LAYOUT_BAD_KEY', 'the type and scheme of a key are not those of the key itself');
  return metadataVerifier(publicKey, key.keyid);
}

/** A verifier by the one scheme that classic in-toto has for each kind of key. */
export function metadataVerifier(key: PublicKey, keyid: string): Verifier {
  return verifierFromKey(key, { keyid, scheme: NAMES[key.kind].signature });
}

function publicKeyOf(key: LayoutKey): PublicKey {
  try {
    return importPublicKey(
      key.keytype === 'ed25519' ? encodeSpki('ed25519', rawEd25519(key.public)) : key.public,
    );
  } catch (cause) {
    if (!(cause instanceof CryptoError || cause instanceof BytesError)) throw cause;
    throw new InTotoError('LAYOUT_BAD_KEY', 'a public key is PEM, or hexadecimal for Ed25519', { cause });
  }
}

function rawEd25519(text: string): Uint8Array {
  const raw = decodeHex(text);
  if (raw.byteLength !== 32) throw new InTotoError('LAYOUT_BAD_KEY', 'an Ed25519 key is 32 bytes');
  return raw;
}

const NAMES: Readonly<Record<KeyKind, { keytype: string; scheme: string; signature: SignatureScheme }>> = {
  rsa: { keytype: 'rsa', scheme: 'rsassa-pss-sha256', signature: 'rsa-pss-sha256' },
  ed25519: { keytype: 'ed25519', scheme: 'ed25519', signature: 'ed25519' },
  'ec-p256': { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', signature: 'ecdsa-sha256' },
  'ec-p384': { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp384', signature: 'ecdsa-sha384' },
  'ec-p521': { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp521', signature: 'ecdsa-sha512' },
};
const SCHEMES: Readonly<Record<KeyKind, readonly string[]>> = {
  rsa: ['rsassa-pss-sha256'],
  ed25519: ['ed25519'],
  'ec-p256': ['ecdsa-sha2-nistp256', 'ecdsa'],
  'ec-p384': ['ecdsa-sha2-nistp384', 'ecdsa'],
  'ec-p521': ['ecdsa-sha2-nistp521', 'ecdsa'],
};
