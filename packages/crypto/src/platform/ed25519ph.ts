import { ed25519, ed25519ph } from '@noble/curves/ed25519.js';
import { type Bytes, copyBytes } from '@sealwright/bytes';
import { parsePkcs8, parseSpki } from '@sealwright/der';

/** Sign the SHA-512 of a message with Ed25519ph and an empty context, which no platform offers. */
export function prehashSign(pkcs8: Uint8Array, data: Uint8Array): Bytes {
  return copyBytes(ed25519ph.sign(data, parsePkcs8(pkcs8).privateKey));
}

/** Verify Ed25519ph with an empty context. */
export function prehashVerify(spki: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return ed25519ph.verify(signature, data, parseSpki(spki).publicKey, { zip215: false });
}

/** Sign with pure Ed25519. */
export function pureSign(pkcs8: Uint8Array, data: Uint8Array): Bytes {
  return copyBytes(ed25519.sign(data, parsePkcs8(pkcs8).privateKey));
}

/** Verify pure Ed25519, as RFC 8032 says and not as ZIP 215 does. */
export function pureVerify(spki: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  return ed25519.verify(signature, data, parseSpki(spki).publicKey, { zip215: false });
}
