/** Signs statements for tests. */
import { generateKeyPair, keySigner, type PrivateKey } from '@sealwright/crypto';
import {
  encodeEnvelope,
  signEnvelope,
  verifierFromKey,
  type VerifiedPayload,
  verifyEnvelope,
} from '@sealwright/in-toto';

const keys = new Map<string, Promise<PrivateKey>>();

/** What `verifyEnvelope` gives for a payload that a key signed; the key has the same identity each time it has the same name. */
export async function signedBy(name: string, payload: Uint8Array): Promise<VerifiedPayload> {
  const key = await keyOf(name);
  const envelope = await signEnvelope({ payload, signers: [keySigner(key)] });
  return verifyEnvelope(encodeEnvelope(envelope), { verifiers: [verifierFromKey(key.publicKey)] });
}

export async function identityOf(name: string): Promise<string> {
  return verifierFromKey((await keyOf(name)).publicKey).identity;
}

async function keyOf(name: string): Promise<PrivateKey> {
  const key = keys.get(name) ?? generateKeyPair('ec-p256');
  keys.set(name, key);
  return key;
}
