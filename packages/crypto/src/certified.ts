import type { SignatureCheck } from '@sealwright/der';
import { CryptoError } from './errors.js';
import { importSpki } from './keys.js';
import { verify } from './sign.js';

/**
 * Make one of the checks that `@sealwright/der` asks for when it follows a chain of certificates.
 *
 * @param check - scheme, key, data and signature, all from certificates that nobody vouches for yet
 * @returns `false` also for a key that cannot be used and for a scheme that does not fit it
 */
export async function verifySignature({ scheme, spki, data, signature }: SignatureCheck): Promise<boolean> {
  try {
    return await verify(importSpki(spki), data, signature, { scheme });
  } catch (error) {
    if (error instanceof CryptoError) return false;
    throw error;
  }
}
