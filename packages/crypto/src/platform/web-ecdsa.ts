/**
 * What checks signatures of ECDSA in browsers and Workers, in a file of its own so that bundles can do with it alone.
 *
 * @module
 */
import { copyBytes } from '@sealwright/bytes';
import type { KeyKind } from '@sealwright/der';
import type { SignatureHash } from '../algorithms.js';
import { ecdsaToRaw, scalarBytes } from '../ecdsa.js';
import type { Platform, PlatformPublicKey } from './platform.js';

export const verifyEcdsa: Platform['verifyEcdsa'] = async (key, hash, data, signature, encoding) => {
  const handle = await publicHandle(key, ecdsaImport(key.kind), 'verify');
  const plain = encoding === 'der' ? ecdsaToRaw(signature, scalarBytes(key.kind)) : signature;
  if (plain === undefined) return false;
  return subtle().verify(ecdsaParameters(hash), handle, copyBytes(plain), copyBytes(data));
};

/** How WebCrypto names what a key is for. */
export type ImportParameters = RsaHashedImportParams | EcKeyImportParams;

/** WebCrypto. */
export function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle;
  if (found === undefined) throw new TypeError('WebCrypto needs a secure context: https, or localhost');
  return found;
}

/** A public key as WebCrypto has it. */
export function publicHandle(
  key: PlatformPublicKey,
  parameters: ImportParameters,
  usage: KeyUsage,
): Promise<CryptoKey> {
  return remembered(key, parameters, usage, () =>
    subtle().importKey('spki', key.spki, parameters, false, [usage]),
  );
}

/** WebCrypto binds a key to one use: a key remembers one handle for each. */
export function remembered(
  key: { handle: unknown },
  parameters: ImportParameters,
  use: string,
  load: () => Promise<CryptoKey>,
): Promise<CryptoKey> {
  const handles = (key.handle ??= new Map()) as Map<string, Promise<CryptoKey>>; // only this platform sets it
  const name = JSON.stringify([parameters, use]);
  const found = handles.get(name) ?? load();
  handles.set(name, found);
  return found;
}

/** How to import a key for ECDSA. */
export function ecdsaImport(kind: KeyKind): EcKeyImportParams {
  return { name: 'ECDSA', namedCurve: curveName(kind) };
}

/** How to verify or sign with ECDSA. */
export function ecdsaParameters(hash: SignatureHash): EcdsaParams {
  return { name: 'ECDSA', hash: `SHA-${hash.slice(3)}` };
}

/** What WebCrypto calls the curve of a key: `P-256` for `ec-p256`. It does not know what comes of any other kind. */
export function curveName(kind: KeyKind): string {
  return `P-${kind.slice(4)}`;
}
