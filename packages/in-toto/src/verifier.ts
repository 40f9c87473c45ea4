import { type PublicKey, type SignatureScheme, verify } from '@sealwright/crypto';

/** What checks signatures of one key: a key in memory, or anything behind it. */
export interface Verifier {
  /** The id that signatures name this key by, when it has one. It narrows the search and decides nothing. */
  readonly keyid?: string;
  /** What makes two keys the same, such as the hash of the public key. One identity counts once towards a threshold. */
  readonly identity: string;
  /**
   * Check a signature. Never throws for a bad one.
   *
   * @param message - the signed bytes
   * @param signature - of any length
   */
  verify(message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** How a key becomes a verifier. */
export interface VerifierOptions {
  /** The id that signatures name it by. None unless given. */
  readonly keyid?: string;
  /** Default: the default scheme of the key. It never comes from an envelope. */
  readonly scheme?: SignatureScheme;
}

/**
 * A verifier over a public key. ECDSA signatures are read as ASN.1 and as r‖s; both occur in the wild.
 *
 * @param key - the key
 * @param options - id and scheme
 */
export function verifierFromKey(key: PublicKey, options: VerifierOptions = {}): Verifier {
  const scheme = options.scheme === undefined ? {} : { scheme: options.scheme };
  return {
    ...(options.keyid === undefined ? {} : { keyid: options.keyid }),
    identity: key.fingerprint,
    verify: (message, signature) => verify(key, message, signature, { ...scheme, encoding: 'either' }),
  };
}
