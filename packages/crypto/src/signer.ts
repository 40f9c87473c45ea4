import type { Bytes } from '@sealwright/bytes';
import type { SignatureScheme } from './algorithms.js';
import type { PrivateKey, PublicKey } from './keys.js';
import { sign } from './sign.js';

/** What signs: a key in memory, or anything behind it. ECDSA signatures are DER. */
export interface Signer {
  /** A hint for verifiers about which key it was; it proves nothing. */
  readonly keyid?: string;
  /** What verifies the signatures. */
  readonly publicKey: PublicKey;
  /**
   * Sign a message.
   *
   * @param bytes - the message itself, not its hash
   */
  sign(bytes: Uint8Array): Promise<Bytes>;
}

/** How a key becomes a signer. */
export interface KeySignerOptions {
  /** The hint to give. None unless set. */
  readonly keyid?: string;
  /** Default: the default scheme of the key. */
  readonly scheme?: SignatureScheme;
}

/**
 * A signer over a key in memory.
 *
 * @param key - the private key
 * @param options - hint and scheme
 *
 * @example
 * ```ts
 * const signer = keySigner(await generateKeyPair('ec-p256'), { keyid: 'release' });
 * console.log(signer.keyid, (await signer.sign(message)).length > 64); // release true
 * ```
 */
export function keySigner(key: PrivateKey, options: KeySignerOptions = {}): Signer {
  return {
    ...(options.keyid === undefined ? {} : { keyid: options.keyid }),
    publicKey: key.publicKey,
    sign: (bytes) => sign(key, bytes, options.scheme === undefined ? {} : { scheme: options.scheme }),
  };
}
