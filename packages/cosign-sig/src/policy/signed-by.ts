import type { ImageReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { ATOMIC_SIGNATURE_TYPE, parseSimpleSigning, type SimpleSigning } from '../simple-signing.js';
import type { ImageEvidence } from './evidence.js';
import { matchIdentity } from './identity.js';
import type { OpenPgpVerifier } from './openpgp.js';
import type { PolicyRequirement } from './policy-file.js';
import { refuse } from './refuse.js';

/** One OpenPGP signature by a key of the rings, over this image and a name that will do; who made it. */
export async function checkSignedBy(
  requirement: Extract<PolicyRequirement, { type: 'signedBy' }>,
  image: ImageReference,
  evidence: ImageEvidence,
  keyRings: readonly Uint8Array[],
  verifier: OpenPgpVerifier,
  now: number,
): Promise<string> {
  if (requirement.keyType !== 'GPGKeys') throw refuse(`nothing fulfils the key type ${requirement.keyType}`);
  const signatures = (await evidence.openPgpSignatures?.()) ?? [];
  if (signatures.length === 0) throw refuse('a signature was required, but no signature exists');
  if (signatures.length > MAX_SIGNATURES) throw refuse(`an image has at most ${MAX_SIGNATURES} signatures`);
  const reasons: string[] = [];
  for (const [index, signature] of signatures.entries()) {
    try {
      const { content, keyId } = await verifier.open(signature, keyRings, now);
      const payload = parseSimpleSigning(content, { type: ATOMIC_SIGNATURE_TYPE, allowNullOptional: true });
      mustBeAbout(payload, requirement, image, evidence);
      return `signature ${index + 1} by the key ${keyId}`;
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      reasons.push(`signature ${index + 1}: ${error.message}`);
    }
  }
  throw refuse(reasons.join('; '));
}

function mustBeAbout(
  payload: SimpleSigning,
  { signedIdentity }: Extract<PolicyRequirement, { type: 'signedBy' }>,
  image: ImageReference,
  evidence: ImageEvidence,
): void {
  if (payload.manifestDigest !== evidence.digest) {
    throw refuse(`expected the digest ${evidence.digest}, found ${payload.manifestDigest}`);
  }
  if (!matchIdentity(signedIdentity, image, payload.dockerReference)) {
    throw refuse(
      `the signed name ${payload.dockerReference.slice(0, 256)} does not match by ${signedIdentity.type}`,
    );
  }
}

const MAX_SIGNATURES = 128;
