/**
 * The Kubernetes Secret that holds a key pair: what `cosign generate-key-pair k8s://namespace/name` writes and Tekton Chains reads.
 *
 * @module
 */
import { encodeBase64, encodeUtf8, Secret } from '@sealwright/bytes';
import type { JsonObject } from '@sealwright/json';
import { CosignError } from '../errors.js';
import type { Password } from '../key-file.js';
import type { CosignKeyPair } from '../key-pair.js';

/** A Secret's place. */
export interface SecretName {
  /** The namespace. */
  readonly namespace: string;
  /** The name. */
  readonly name: string;
}

/**
 * Read a reference to a Secret.
 *
 * @param reference - `k8s://namespace/name`, exactly two parts
 * @throws {@link CosignError} `ERR_COSIGN_KEY_REFERENCE`.
 */
export function parseSecretReference(reference: string): SecretName {
  const [, namespace, name] = /^k8s:\/\/([a-z0-9.-]{1,253})\/([a-z0-9.-]{1,253})$/.exec(reference) ?? [];
  if (namespace !== undefined && name !== undefined) return { namespace, name };
  throw new CosignError('ERR_COSIGN_KEY_REFERENCE', 'expected k8s://namespace/name');
}

/**
 * The Secret of a key pair, as the Kubernetes interface takes it. Members of an existing Secret are kept.
 *
 * @param place - namespace and name
 * @param pair - the key pair
 * @param password - what opens the private key; exactly these bytes, no line end added
 * @param existing - `data` of a Secret that is there already. Default none.
 * @returns the object; it holds secrets
 */
export function keyPairSecret(
  place: SecretName,
  pair: Pick<CosignKeyPair, 'privatePem' | 'publicPem'>,
  password: Password,
  existing: JsonObject = {},
): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: place.namespace, name: place.name },
    type: 'Opaque',
    immutable: true,
    data: {
      ...existing,
      'cosign.key': encodeBase64(pair.privatePem.expose()),
      'cosign.pub': encodeBase64(encodeUtf8(pair.publicPem)),
      'cosign.password': encodeBase64(bytesOf(password)),
    },
  };
}

function bytesOf(password: Password): Uint8Array {
  if (typeof password === 'string') return encodeUtf8(password);
  return password instanceof Secret ? password.expose() : password;
}
