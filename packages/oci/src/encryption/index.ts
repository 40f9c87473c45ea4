/**
 * Encrypted layers as ocicrypt makes them: AES-256 in counter mode under a key that is wrapped for each recipient, and an HMAC over the
 * ciphertext. Both ways as streams; nothing of a layer is released before its tag and its digest hold.
 *
 * @packageDocumentation
 */
export type { ByteSource } from '../byte-source.js';
export type { DecompressLayerOptions, Decompressor } from '../decompress.js';
export type { Descriptor, Platform } from '../descriptor.js';
export type { LayerCompression } from '../media-types.js';
export {
  decryptLayer,
  type DecryptedLayer,
  type DecryptLayerOptions,
  type EncryptedLayer,
} from './decrypt.js';
export { encryptLayer, type EncryptedLayerStream, type EncryptLayerOptions } from './encrypt.js';
export { OciError, type OciErrorCode, type OciErrorOptions } from '../errors.js';
export { jweOpener, jweSealer } from './jwe.js';
export {
  answerKeyProvider,
  keyProviderOpener,
  keyProviderSealer,
  parseKeyParameters,
  parseKeyProviderRequest,
  type KeyProvider,
  type KeyProviderCall,
  type KeyProviderForm,
  type KeyProviderRequest,
} from './key-provider.js';
export { parseKeyProviderConfig, type KeyProviderAddress } from './key-provider-config.js';
export { KEYS_ANNOTATION, PUBLIC_OPTIONS_ANNOTATION } from './options.js';
export {
  encodeKeyPacket,
  kbsOpener,
  kbsSealer,
  openKeyPacket,
  parseKeyId,
  parseKeyPacket,
  sealKeyPacket,
  type KbsOpenerOptions,
  type KbsSealerOptions,
  type KeyId,
  type KeyPacket,
  type KeyPacketOptions,
  type WrapType,
} from './packet.js';
export type { LayerKeyOpener, LayerKeySealer } from './recipients.js';
export type { LayerSpool } from './spool.js';
