/**
 * What a signature is to be about: a file, or what is known of it.
 *
 * @module
 */
import { type Bytes, decodeHex } from '@sealwright/bytes';
import { digest, type SignatureHash } from '@sealwright/crypto';
import { CosignError } from '../errors.js';

/** What is to be verified: the bytes, or digests of them in hexadecimal. Pure Ed25519 signatures need the bytes. */
export type ArtifactInput =
  | { readonly bytes: Uint8Array }
  | { readonly sha256?: string; readonly sha384?: string; readonly sha512?: string };

/** The artifact of one verification; each digest is made once. */
export class Artifact {
  /** The bytes, where they are known. */
  readonly bytes: Uint8Array | undefined;
  readonly #digests = new Map<SignatureHash, Bytes>();

  constructor(input: ArtifactInput) {
    this.bytes = 'bytes' in input ? input.bytes : undefined;
    if (!('bytes' in input)) {
      for (const algorithm of HASHES) {
        const text = input[algorithm];
        if (text === undefined) continue;
        if (!/^(?:[0-9a-f]{2})+$/.test(text) || text.length !== HEX_LENGTHS[algorithm])
          throw new CosignError(
            'ERR_COSIGN_DIGEST',
            `expected a ${algorithm} digest in lower case hexadecimal`,
          );
        this.#digests.set(algorithm, decodeHex(text));
      }
      if (this.#digests.size === 0)
        throw new CosignError(
          'ERR_COSIGN_DIGEST',
          'expected the bytes, or a sha256, sha384 or sha512 digest',
        );
    }
  }

  /** A digest, `undefined` where it cannot be known. */
  digest(algorithm: SignatureHash): Bytes | undefined {
    const known = this.#digests.get(algorithm);
    if (known !== undefined || this.bytes === undefined) return known;
    const made = digest(algorithm, this.bytes);
    this.#digests.set(algorithm, made);
    return made;
  }

  /** The digests that can be known, strongest last. */
  known(): readonly (readonly [SignatureHash, Bytes])[] {
    return HASHES.flatMap((algorithm) => {
      const value = this.digest(algorithm);
      return value === undefined ? [] : [[algorithm, value] as const];
    });
  }
}

const HASHES = ['sha256', 'sha384', 'sha512'] as const;
const HEX_LENGTHS = { sha256: 64, sha384: 96, sha512: 128 } as const;
