import { type Bytes, concatBytes, encodeUtf8, type Secret } from '@sealwright/bytes';
import { aesGcmOpen, aesGcmSeal, CryptoError, hmac, randomBytes } from '@sealwright/crypto';
import { KbsError } from '../errors.js';

/** Seals what is stored. A sealed value opens only under the kind, name and version that it was sealed for. */
export interface Vault {
  /** Seal a value: 12 bytes of nonce, then ciphertext and tag. */
  seal(place: SealedPlace, value: Uint8Array): Bytes;
  /** Open a value. */
  open(place: SealedPlace, sealed: Uint8Array): Bytes;
  /** Names the key without telling it: the same for the same key. */
  readonly keyCheck: Bytes;
}

/** What a sealed value belongs to. */
export interface SealedPlace {
  /** The table. */
  readonly kind: 'resource' | 'record' | 'session';
  /** The row. */
  readonly name: string;
  /** The version of the row. */
  readonly version: number;
}

/**
 * Make a vault over a data key: AES-256-GCM with a random nonce, and the place as additional authenticated data.
 *
 * @param key - 32 bytes
 */
export function createVault(key: Secret): Vault {
  return {
    seal(place, value) {
      const nonce = randomBytes(NONCE_BYTES);
      return concatBytes(nonce, aesGcmSeal(key.expose(), nonce, value, placeBytes(place)));
    },
    open(place, sealed) {
      const nonce = sealed.subarray(0, NONCE_BYTES);
      try {
        return aesGcmOpen(key.expose(), nonce, sealed.subarray(NONCE_BYTES), placeBytes(place));
      } catch (cause) {
        if (!(cause instanceof CryptoError)) throw cause;
        throw new KbsError(
          'ERR_KBS_STORAGE',
          `the stored ${place.kind} does not open: it was changed, or moved`,
          { cause },
        );
      }
    },
    keyCheck: hmac('sha256', key.expose(), encodeUtf8('sealwright-kbs data key')),
  };
}

function placeBytes({ kind, name, version }: SealedPlace): Bytes {
  return encodeUtf8(JSON.stringify(['sealwright-kbs/v1', kind, name, version]));
}

const NONCE_BYTES = 12;
