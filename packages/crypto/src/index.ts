/**
 * One interface over node:crypto, WebCrypto and noble. Digests, MACs and ciphers are synchronous everywhere; what needs an
 * asymmetric key is asynchronous, because WebCrypto is. Keys are prepared once and remember what the platform made of them.
 *
 * @packageDocumentation
 */
export { aesCtr, aesGcmOpen, aesGcmSeal, aesKwUnwrap, aesKwWrap, createAesCtr } from './aes.js';
export { ecdh, rsaOaepDecrypt, rsaOaepEncrypt, type OaepOptions } from './agree.js';
export type { DigestAlgorithm, SignatureHash, SignatureScheme } from './algorithms.js';
export { verifySignature } from './certified.js';
export { createDigest, createHmac, digest, hmac, randomBytes, sha2 } from './digest.js';
export { CryptoError, type CryptoErrorCode } from './errors.js';
export { importP256, verifyEcdsa } from './ec-key.js';
export { integerBytes, integerOf, modularPower } from './integer.js';
export { exportPrivateJwk, exportPublicJwk, type Jwk } from './jwk.js';
export {
  exportPkcs8,
  exportPkcs8Pem,
  exportPublicPem,
  generateKeyPair,
  importPrivateKey,
  importPublicKey,
  importSpki,
  PrivateKey,
  PublicKey,
  type GenerateOptions,
} from './keys.js';
export type { Hasher, ScryptCost, StreamCipher } from './platform/platform.js';
export { scrypt } from './scrypt.js';
export { secretboxOpen, secretboxSeal } from './secretbox.js';
export { defaultScheme, sign, verify, type SignOptions, type VerifyOptions } from './sign.js';
export { keySigner, type KeySignerOptions, type Signer } from './signer.js';
export { sshFingerprint } from './ssh.js';
export { verifyDigest, type VerifyDigestOptions } from './verify-digest.js';
export type { KeyKind } from '@sealwright/der';
