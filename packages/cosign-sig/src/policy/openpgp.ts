/**
 * OpenPGP signed messages, by the package `openpgp`, which is loaded when a policy asks for such a signature.
 *
 * @module
 */
import { type Bytes, copyBytes, decodeUtf8 } from '@sealwright/bytes';
import { CosignError } from '../errors.js';

/** Opens signed messages. */
export interface OpenPgpVerifier {
  /**
   * Check a message and give what was signed.
   *
   * @param message - binary: one-pass signature, literal data, signature; perhaps compressed
   * @param keyRings - whose keys may have signed, binary or armored
   * @param now - when the signature must not have expired: milliseconds since 1970
   * @throws {@link CosignError} `ERR_COSIGN_OPENPGP`.
   */
  open(message: Uint8Array, keyRings: readonly Uint8Array[], now: number): Promise<OpenPgpContent>;
}

/** What a key of a ring signed. */
export interface OpenPgpContent {
  /** The literal data. */
  readonly content: Bytes;
  /** The key that signed: 8 bytes in hex, upper case. */
  readonly keyId: string;
}

/** What {@link openPgpVerifier} takes. */
export interface OpenPgpOptions {
  /** Take signatures over SHA-1, which can be forged with money. Old data has them. Default `false`. */
  readonly dangerouslyAllowSha1?: boolean;
  /** Bytes of a message, packed and unpacked. Default 4 MiB. */
  readonly maxBytes?: number;
}

/**
 * Open OpenPGP messages with the package `openpgp` (an optional peer).
 *
 * A signature must be the only one, by a key of the ring that is not revoked, not expired itself, and made while its key was valid; that the
 * key expired later is no matter. Detached, clear-text and encrypted forms are refused, and so are signatures of version 3.
 *
 * @param options - SHA-1 and caps
 */
export function openPgpVerifier(options: OpenPgpOptions = {}): OpenPgpVerifier {
  const { dangerouslyAllowSha1 = false, maxBytes = MAX_BYTES } = options;
  return {
    open: async (message, keyRings, now) => {
      if (message.byteLength > maxBytes) throw fault(`the message is over ${maxBytes} bytes`);
      const openpgp = await load();
      const { md5, ripemd, sha1 } = openpgp.enums.hash;
      const config = {
        maxDecompressedMessageSize: maxBytes,
        rejectMessageHashAlgorithms: new Set(dangerouslyAllowSha1 ? [md5, ripemd] : [md5, ripemd, sha1]),
      };
      try {
        const keys = [];
        for (const ring of keyRings) keys.push(...(await readKeys(openpgp, ring)));
        const read = await openpgp.readMessage({ binaryMessage: copyBytes(message), config });
        const { data, signatures } = await openpgp.verify({
          message: read,
          verificationKeys: keys,
          date: new Date(now),
          format: 'binary',
          config,
        });
        const [signature, ...others] = signatures;
        if (signature === undefined || others.length > 0) throw fault('expected one signature');
        if (!(await signature.verified)) throw fault('the signature does not verify');
        return { content: copyBytes(data), keyId: signature.keyID.toHex().toUpperCase() };
      } catch (cause) {
        if (cause instanceof CosignError) throw cause;
        const why = cause instanceof Error ? cause.message.slice(0, 200) : 'unreadable';
        throw new CosignError('ERR_COSIGN_OPENPGP', `the OpenPGP signature will not do: ${why}`, { cause });
      }
    },
  };
}

type OpenPgp = typeof import('openpgp');

async function load(): Promise<OpenPgp> {
  try {
    return await import('openpgp');
  } catch (cause) {
    throw new CosignError('ERR_COSIGN_OPENPGP', 'a policy asks for OpenPGP: install the package openpgp', {
      cause,
    });
  }
}

/** Binary packets start with the top bit set; armor is text. */
async function readKeys(
  openpgp: OpenPgp,
  ring: Uint8Array,
): Promise<Awaited<ReturnType<OpenPgp['readKeys']>>> {
  if (ring.byteLength > MAX_BYTES) throw fault(`a key ring is over ${MAX_BYTES} bytes`);
  const binary = ((ring[0] ?? 0) & 0x80) !== 0;
  return binary
    ? openpgp.readKeys({ binaryKeys: copyBytes(ring) })
    : openpgp.readKeys({ armoredKeys: decodeUtf8(ring) });
}

function fault(message: string): CosignError {
  return new CosignError('ERR_COSIGN_OPENPGP', message);
}

const MAX_BYTES = 4 << 20;
