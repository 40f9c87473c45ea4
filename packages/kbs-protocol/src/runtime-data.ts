/**
 * Runtime data: what the evidence is bound to. Nonce and TEE key, and for the CPU also the evidence of the devices,
 * in RFC 8785 form and hashed into the report data.
 *
 * @module
 */
import { encodeUtf8, type Bytes } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { canonicalJson, type JsonObject, type JsonValue } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { isJsonObjectWith } from './fields.js';
import type { TeeName } from './tee.js';
import type { TeePublicKey } from './tee-key.js';

/** A hash over runtime data, as the challenge names it. */
export type RuntimeHash = 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** Every {@link RuntimeHash}, in the order in which clients offer them. */
export const RUNTIME_HASHES: readonly RuntimeHash[] = ['sha256', 'sha384', 'sha512', 'sm3'];

/** What runtime data is made of. */
export interface RuntimeDataParts {
  /** The nonce of the challenge, as received. */
  readonly nonce: string;
  /** The TEE's key; members its form does not know are left out. */
  readonly teePubkey: TeePublicKey;
  /**
   * The text of the devices' evidence: a string, also when empty, for the CPU in protocol 0.4.0; absent for a device
   * and in older protocols.
   */
  readonly additionalEvidence?: string;
}

/**
 * The object that is hashed, and that a token shows as `runtime_data_claims`.
 *
 * @param parts - what it is made of
 */
export function runtimeDataObject(parts: RuntimeDataParts): JsonObject {
  const shared = { nonce: parts.nonce, 'tee-pubkey': { ...parts.teePubkey.jwk } };
  return parts.additionalEvidence === undefined
    ? shared
    : { 'additional-evidence': parts.additionalEvidence, ...shared };
}

/**
 * The canonical text of runtime data, in the form of RFC 8785.
 *
 * @param parts - what it is made of
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE` for a string that Unicode cannot hold, such as a lone surrogate
 */
export function runtimeDataText(parts: RuntimeDataParts): string {
  try {
    return canonicalJson(runtimeDataObject(parts));
  } catch (cause) {
    throw new KbsProtocolError('ERR_KBS_MESSAGE', 'runtime data has no canonical form', { cause });
  }
}

/**
 * The report data that evidence must carry: the digest of {@link runtimeDataText}. Registers longer or shorter than
 * the digest hold it zero padded or cut; that is the verifier's business.
 *
 * @param parts - what the runtime data is made of
 * @param hash - the hash that was selected; SHA-384 unless the challenge names another
 * @throws {@link KbsProtocolError} `ERR_KBS_MESSAGE` as {@link runtimeDataText} does
 *
 * @example
 * ```ts
 * const { publicKey } = await generateTeeKey();
 * const bound = reportData({ nonce, teePubkey: publicKey, additionalEvidence: '' }, 'sha512');
 * console.log(bound.length); // 64: as many as TDX and SEV-SNP take
 * ```
 */
export function reportData(parts: RuntimeDataParts, hash: RuntimeHash = 'sha384'): Bytes {
  return digest(hash, encodeUtf8(runtimeDataText(parts)));
}

/** The hash of a session, and what its challenge says of it. */
export interface HashSelection {
  /** The hash over the runtime data. */
  readonly hash: RuntimeHash;
  /** The `extra-params` of the challenge: an empty string where nothing needs saying. */
  readonly extraParams: JsonValue;
}

/**
 * What a server selects for a TEE. Everything hashes with SHA-384 and the challenge does not say so, except IBM SE,
 * which needs SHA-512.
 *
 * @param tee - the TEE of the request
 * @param extraParams - the `extra-params` of the request
 * @throws {@link KbsProtocolError} `ERR_KBS_HASH` when the client does not offer what its TEE needs
 */
export function selectHash(tee: TeeName, extraParams: JsonValue): HashSelection {
  if (tee !== 'se') return { hash: 'sha384', extraParams: '' };
  if (!isJsonObjectWith(extraParams, 'supported-hash-algorithms')) return { hash: 'sha512', extraParams: '' };
  const offered = extraParams['supported-hash-algorithms'];
  if (!Array.isArray(offered) || !offered.includes('sha512')) {
    throw new KbsProtocolError('ERR_KBS_HASH', 'the TEE se needs sha512, and the client does not offer it', {
      pointer: '/extra-params/supported-hash-algorithms',
    });
  }
  return { hash: 'sha512', extraParams: { 'selected-hash-algorithm': 'sha512' } };
}

/**
 * The hash that a challenge selects: letter case does not matter, and saying nothing means SHA-384.
 *
 * @param extraParams - the `extra-params` of the challenge
 * @throws {@link KbsProtocolError} `ERR_KBS_HASH`
 */
export function selectedHash(extraParams: JsonValue): RuntimeHash {
  if (!isJsonObjectWith(extraParams, 'selected-hash-algorithm')) return 'sha384';
  const named = extraParams['selected-hash-algorithm'];
  const hash =
    typeof named === 'string' ? RUNTIME_HASHES.find((known) => known === named.toLowerCase()) : undefined;
  if (hash !== undefined) return hash;
  throw new KbsProtocolError('ERR_KBS_HASH', `expected one of ${RUNTIME_HASHES.join(', ')}`, {
    pointer: '/extra-params/selected-hash-algorithm',
  });
}
