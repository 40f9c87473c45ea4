/**
 * Recipients with a key pair: ocicrypt's JWE scheme.
 *
 * @module
 */
import { encodeUtf8 } from '@sealwright/bytes';
import { exportPrivateJwk, exportPublicJwk, type PrivateKey, type PublicKey } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { errors, type FlattenedJWE, type GeneralJWE } from 'jose';
import { flattenedDecrypt } from 'jose/jwe/flattened/decrypt';
import { FlattenedEncrypt } from 'jose/jwe/flattened/encrypt';
import { generalDecrypt } from 'jose/jwe/general/decrypt';
import { OciError } from '../errors.js';
import { object } from './options.js';
import type { LayerKeyOpener, LayerKeySealer } from './recipients.js';

/**
 * Opens JWE packets with a private key: RSA-OAEP, or ECDH-ES with key wrapping.
 *
 * @param key - RSA of 2048 bits or more, P-256, P-384 or P-521
 */
export function jweOpener(key: PrivateKey): LayerKeyOpener {
  return {
    handles: (scheme) => scheme === 'jwe',
    open: async (packet) => {
      const json = object(packet, 'ERR_OCI_UNWRAP');
      const jwk = await exportPrivateJwk(key);
      try {
        // jose judges each member; the types only say which of the two serialisations it is
        const { plaintext } = Array.isArray(json['recipients'])
          ? await generalDecrypt(bounded(json) as unknown as GeneralJWE, jwk, ALGORITHMS)
          : await flattenedDecrypt(json as unknown as FlattenedJWE, jwk, ALGORITHMS);
        return plaintext;
      } catch (cause) {
        if (!(cause instanceof errors.JOSEError || cause instanceof TypeError)) throw cause;
        throw new OciError('ERR_OCI_UNWRAP', 'the JWE does not open with the key given');
      }
    },
  };
}

/**
 * Seals for whoever has the private key.
 *
 * @param key - RSA (RSA-OAEP) or P-256, P-384, P-521 (ECDH-ES+A256KW), as ocicrypt chooses
 */
export function jweSealer(key: PublicKey): LayerKeySealer {
  if (key.kind === 'ed25519') throw new TypeError('an Ed25519 key cannot be encrypted to');
  const alg = key.kind === 'rsa' ? 'RSA-OAEP' : 'ECDH-ES+A256KW';
  return {
    scheme: 'jwe',
    seal: async (privateOptions) => {
      const jwe = await new FlattenedEncrypt(privateOptions)
        .setProtectedHeader({ alg, enc: 'A256GCM' })
        .encrypt(exportPublicJwk(key));
      return encodeUtf8(JSON.stringify(jwe));
    },
  };
}

function bounded(json: JsonObject): JsonObject {
  const { recipients } = json;
  if (Array.isArray(recipients) && recipients.length <= MAX_RECIPIENTS) return json;
  throw new OciError('ERR_OCI_UNWRAP', `a JWE has at most ${MAX_RECIPIENTS} recipients`);
}

const MAX_RECIPIENTS = 100;
const ALGORITHMS = {
  keyManagementAlgorithms: ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A256KW'],
  contentEncryptionAlgorithms: ['A256GCM', 'A128GCM', 'A256CBC-HS512'],
};
