/**
 * What checks signatures of every kind in browsers and Workers.
 *
 * @module
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { copyBytes } from '@sealwright/bytes';
import { type KeyKind, parseSpki } from '@sealwright/der';
import type { SchemeParts } from '../algorithms.js';
import { prehashVerify, pureVerify } from './ed25519ph.js';
import type { Platform } from './platform.js';
import { ecdsaImport, ecdsaParameters, type ImportParameters, publicHandle, subtle } from './web-ecdsa.js';

export const checkPublic: Platform['checkPublic'] = (key) => {
  const { publicKey } = parseSpki(key.spki);
  if (key.kind === 'ed25519') ed25519.Point.fromBytes(publicKey);
  return true;
};

export const verify: Platform['verify'] = async (key, scheme, data, signature) => {
  if (scheme.family === 'ed25519ph') return prehashVerify(key.spki, data, signature);
  if (scheme.family === 'ed25519') return pureVerify(key.spki, data, signature);
  const handle = await publicHandle(key, importParameters(key.kind, scheme), 'verify');
  return subtle().verify(signParameters(scheme), handle, copyBytes(signature), copyBytes(data));
};

/** How to import a key for a scheme. */
export function importParameters(kind: KeyKind, scheme: SchemeParts): ImportParameters {
  if (scheme.family === 'ecdsa') return ecdsaImport(kind);
  const name = scheme.family === 'rsa-pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5';
  return { name, hash: `SHA-${scheme.hash.slice(3)}` };
}

/** How to sign or verify by a scheme. */
export function signParameters(scheme: SchemeParts): EcdsaParams | RsaPssParams | Algorithm {
  if (scheme.family === 'ecdsa') return ecdsaParameters(scheme.hash);
  if (scheme.family === 'rsa-pss') return { name: 'RSA-PSS', saltLength: SALT_BYTES[scheme.hash] };
  return { name: 'RSASSA-PKCS1-v1_5' };
}

const SALT_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;
