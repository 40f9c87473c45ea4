import { type PublicKey, type SignatureHash, type SignatureScheme, verify } from '@sealwright/crypto';

/** The hash under which ECDSA and RSA signatures of images are checked. */
export type { SignatureHash } from '@sealwright/crypto';

/**
 * Check a signature as cosign does with `--key`: SHA-256 for every curve unless told otherwise, ECDSA as DER or r‖s, Ed25519
 * pure or, as cosign's own signer makes it, prehashed. The two Ed25519 forms are domain separated, so taking both is safe.
 *
 * @param key - the trusted key
 * @param data - as received
 * @param signature - of any length
 * @param hash - for ECDSA and RSA
 */
export async function verifyDetached(
  key: PublicKey,
  data: Uint8Array,
  signature: Uint8Array,
  hash: SignatureHash,
): Promise<boolean> {
  for (const scheme of schemesOf(key, hash)) {
    if (await verify(key, data, signature, { scheme, encoding: 'either' })) return true;
  }
  return false;
}

function schemesOf(key: PublicKey, hash: SignatureHash): readonly SignatureScheme[] {
  if (key.kind === 'ed25519') return ['ed25519', 'ed25519ph'];
  return [key.kind === 'rsa' ? `rsa-pkcs1-${hash}` : `ecdsa-${hash}`];
}
