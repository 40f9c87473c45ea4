/**
 * How logs are named: whole identifiers in entries, their first four bytes in signed notes.
 *
 * @module
 */
import { type Bytes, concatBytes, encodeUtf8 } from '@sealwright/bytes';
import { digest, type PublicKey } from '@sealwright/crypto';
import { parseSpki } from '@sealwright/der';

/**
 * The identifier that Rekor v1 and certificate logs derive from their key: SHA-256 of the SubjectPublicKeyInfo.
 *
 * @param key - of the log
 */
export function logIdOf(key: PublicKey): Bytes {
  return digest('sha256', key.spki);
}

/**
 * The identifier that signed notes derive from name and key; their hint is its first four bytes. ECDSA keys do without the name.
 *
 * @param name - of whoever signs, such as the origin of the log
 * @param key - of whoever signs
 */
export function noteKeyId(name: string, key: PublicKey): Bytes {
  const named = encodeUtf8(`${name}\n`);
  if (key.kind === 'ed25519')
    return digest('sha256', concatBytes(named, Uint8Array.of(0x01), parseSpki(key.spki).publicKey));
  if (key.kind !== 'rsa') return logIdOf(key);
  return digest(
    'sha256',
    concatBytes(named, Uint8Array.of(0xff), encodeUtf8('PKIX-RSA-PKCS#1v1.5'), key.spki),
  );
}

/**
 * The identifier under which a witness cosigns (C2SP tlog-cosignature, type 0x04).
 *
 * @param name - of the witness
 * @param key - of the witness, Ed25519
 */
export function witnessKeyId(name: string, key: PublicKey): Bytes {
  const { publicKey } = parseSpki(key.spki);
  return digest('sha256', concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(0x04), publicKey));
}
