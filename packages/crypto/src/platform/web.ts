/**
 * The platform of browsers and Workers. What verifies in a browser stands in files of its own, so that a bundle can do with those.
 *
 * @module
 */
export { verifyEcdsa } from './web-ecdsa.js';
export { sha2 } from './web-sha2.js';
export { checkPublic, verify } from './web-verify.js';
export {
  createCtr,
  createDigest,
  createHmac,
  ctr,
  digest,
  ecdh,
  gcmOpen,
  gcmSeal,
  generate,
  hmac,
  oaepDecrypt,
  oaepEncrypt,
  platform,
  publicOf,
  randomBytes,
  scrypt,
  sign,
} from './web-whole.js';
