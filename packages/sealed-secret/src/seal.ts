import { type Bytes, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { SEALED_PREFIX } from './parse.js';
import { encodePayload, type SealedSecretPayload } from './payload.js';

/** Who signs: a key in memory, or a service that keeps one. */
export interface SealSigner {
  /** What readers find the public key by: a resource URI, or the name of a file beside the data hub. */
  readonly kid: string;
  /**
   * Sign with ES256.
   *
   * @param signed - the bytes to sign, not their hash
   * @returns 64 bytes, r‖s
   */
  sign(signed: Uint8Array): Promise<Uint8Array>;
}

/**
 * Write a signed sealed secret. The secret itself goes to its provider apart from this.
 *
 * @param payload - what it says
 * @param signer - who signs
 * @returns one line without a newline at its end
 *
 * @example
 * ```ts
 * const payload = { type: 'vault', name: 'kbs:///default/key/1', provider: 'kbs', providerSettings: {}, annotations: {} };
 * const signer = { kid: 'kbs:///default/signing/public', sign: (bytes) => sign(key, bytes, { encoding: 'raw' }) };
 * console.log((await sealSecret(payload, signer)).split('.').length); // 4
 * ```
 */
export async function sealSecret(payload: SealedSecretPayload, signer: SealSigner): Promise<string> {
  const header = encodeUtf8(JSON.stringify({ alg: 'ES256', kid: signer.kid }));
  const signed = `${encodeBase64url(header)}.${encodeBase64url(encodePayload(payload))}`;
  const signature = await signer.sign(encodeUtf8(signed));
  if (signature.byteLength !== 64) throw new TypeError('an ES256 signature is 64 bytes, r and s');
  return `${SEALED_PREFIX}${signed}.${encodeBase64url(signature)}`;
}

/**
 * Write the unsigned form that old deployments use. Only a guest that skips verification takes it, and such a guest takes it
 * from anybody.
 *
 * @param payload - what it says
 * @returns one line without a newline at its end
 */
export function dangerouslySealUnsigned(payload: SealedSecretPayload): string {
  const encoded: Bytes = encodePayload(payload);
  return `${SEALED_PREFIX}fakejwsheader.${encodeBase64url(encoded)}.fakesignature`;
}
