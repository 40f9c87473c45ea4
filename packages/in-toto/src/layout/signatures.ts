import type { Verifier } from '../verifier.js';
import type { SignedMetadata } from './metadata.js';

/**
 * The keys that signed, each once. A key id narrows the search, as it does for envelopes, and decides nothing.
 */
export async function signersOf(
  signed: SignedMetadata,
  verifiers: readonly Verifier[],
): Promise<readonly Verifier[]> {
  const signers = new Map<string, Verifier>();
  for (const verifier of verifiers) {
    if (signers.has(verifier.identity)) continue;
    const named = signed.signatures.filter(({ keyid }) => keyid !== '' && keyid === verifier.keyid);
    for (const { sig } of named.length > 0 ? named : signed.signatures) {
      if (!(await verifier.verify(signed.message, sig))) continue;
      signers.set(verifier.identity, verifier);
      break;
    }
  }
  return [...signers.values()];
}
