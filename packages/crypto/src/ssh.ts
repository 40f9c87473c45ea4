import { type Bytes, ByteWriter, concatBytes, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { parseRsaPublicKey, parseSpki } from '@sealwright/der';
import { digest } from './digest.js';
import type { PublicKey } from './keys.js';

/**
 * The fingerprint that OpenSSH prints, and Tekton Chains writes as key id: `SHA256:` and the unpadded base64 of the SHA-256
 * of the key's wire form (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709).
 *
 * @param key - the key
 */
export function sshFingerprint(key: PublicKey): string {
  return `SHA256:${encodeBase64(digest('sha256', wireForm(key))).replaceAll('=', '')}`;
}

function wireForm(key: PublicKey): Bytes {
  const { kind, publicKey } = parseSpki(key.spki);
  if (kind === 'rsa') {
    const { modulus, exponent } = parseRsaPublicKey(publicKey);
    return strings(encodeUtf8('ssh-rsa'), positive(exponent), positive(modulus));
  }
  if (kind === 'ed25519') return strings(encodeUtf8('ssh-ed25519'), publicKey);
  const curve = `nistp${kind.slice('ec-p'.length)}`;
  return strings(encodeUtf8(`ecdsa-sha2-${curve}`), encodeUtf8(curve), publicKey);
}

function strings(...parts: readonly Uint8Array[]): Bytes {
  const writer = new ByteWriter();
  for (const part of parts) writer.u32(part.byteLength).bytes(part);
  return writer.finish();
}

/** An mpint has a zero byte in front where its high bit is set. */
function positive(magnitude: Uint8Array): Bytes {
  const sign = ((magnitude[0] ?? 0) & 0x80) === 0 ? new Uint8Array() : Uint8Array.of(0);
  return concatBytes(sign, magnitude);
}
