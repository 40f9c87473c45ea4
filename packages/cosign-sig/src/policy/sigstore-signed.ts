import { decodeUtf8 } from '@sealwright/bytes';
import { type PublicKey, type SignatureScheme, verify } from '@sealwright/crypto';
import type { ImageReference } from '@sealwright/oci';
import { CosignError } from '../errors.js';
import { parseCosignPublicKey } from '../key-pair.js';
import { parseSimpleSigning } from '../simple-signing.js';
import { SIMPLE_SIGNING_MEDIA_TYPE } from '../tag-layout.js';
import { signatureOf } from '../verify-image.js';
import type { ImageEvidence, SigstoreSignature } from './evidence.js';
import { matchIdentity, type SignedIdentity } from './identity.js';
import { refuse } from './refuse.js';

/** What a signature is checked with. */
export interface SigstoreTrust {
  /** Finds out who signed: the words for it, else it throws. */
  readonly signer: (signature: SigstoreSignature, bytes: Uint8Array) => Promise<string>;
  /** Which name must have been signed; `undefined` asks for none. */
  readonly identity: SignedIdentity | undefined;
}

/** One signature that is trusted, over this image and a name that will do; who made it. */
export async function checkSigstoreSigned(
  image: ImageReference,
  evidence: ImageEvidence,
  trust: SigstoreTrust,
): Promise<string> {
  const signatures = ((await evidence.sigstoreSignatures?.()) ?? []).filter(
    ({ mediaType }) => mediaType === SIMPLE_SIGNING_MEDIA_TYPE,
  );
  if (signatures.length === 0) throw refuse('a signature was required, but no signature exists');
  if (signatures.length > MAX_SIGNATURES) throw refuse(`an image has at most ${MAX_SIGNATURES} signatures`);
  const reasons: string[] = [];
  for (const [index, signature] of signatures.entries()) {
    try {
      const by = await trust.signer(signature, signatureOf(signature));
      mustBeAbout(signature.payload, image, evidence, trust.identity);
      return `signature ${index + 1} ${by}`;
    } catch (error) {
      if (!(error instanceof CosignError)) throw error;
      reasons.push(`signature ${index + 1}: ${error.message}`);
    }
  }
  throw refuse(reasons.join('; '));
}

/** Public keys; all must parse, even if the first would do. */
export function readKeys(files: readonly Uint8Array[]): readonly PublicKey[] {
  return files.map((bytes) => parseCosignPublicKey(decodeUtf8(bytes)));
}

/** The key that signed. */
export async function keyOf(
  keys: readonly PublicKey[],
  payload: Uint8Array,
  signature: Uint8Array,
): Promise<PublicKey> {
  for (const key of keys) {
    for (const scheme of schemesOf(key)) {
      if (await verify(key, payload, signature, { scheme, encoding: 'der' })) return key;
    }
  }
  throw refuse('the signature does not verify with the keys of the policy');
}

function mustBeAbout(
  payload: Uint8Array,
  image: ImageReference,
  evidence: ImageEvidence,
  identity: SignedIdentity | undefined,
): void {
  const { manifestDigest, dockerReference } = parseSimpleSigning(payload);
  if (manifestDigest !== evidence.digest && manifestDigest !== evidence.indexDigest) {
    throw refuse(`expected the digest ${evidence.digest}, found ${manifestDigest}`);
  }
  if (identity !== undefined && !matchIdentity(identity, image, dockerReference)) {
    throw refuse(`the signed name ${dockerReference.slice(0, 256)} does not match by ${identity.type}`);
  }
}

/** image-rs hashes as long as the curve is, containers/image with SHA-256: neither can be mistaken for the other. */
function schemesOf(key: PublicKey): readonly SignatureScheme[] {
  switch (key.kind) {
    case 'rsa':
      return ['rsa-pkcs1-sha256'];
    case 'ed25519':
      return ['ed25519', 'ed25519ph'];
    case 'ec-p384':
      return ['ecdsa-sha384', 'ecdsa-sha256'];
    case 'ec-p521':
      return ['ecdsa-sha512', 'ecdsa-sha256'];
    case 'ec-p256':
      return ['ecdsa-sha256'];
  }
}

const MAX_SIGNATURES = 1000;
