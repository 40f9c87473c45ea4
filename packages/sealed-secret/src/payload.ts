/**
 * What a sealed secret says: where the secret is (vault), or the secret itself under a key of a provider (envelope).
 *
 * @module
 */
import { type Bytes, BytesError, decodeBase64, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import {
  isJsonObject,
  JsonError,
  jsonPointer,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@sealwright/json';
import { SealedSecretError } from './errors.js';

/** How an envelope is encrypted. `A256CTR` authenticates nothing: it is read inside a verified signature, never written. */
export type WrapType = 'A256GCM' | 'A256CTR';

/** A pointer to a secret that a provider keeps. */
export interface VaultPayload {
  /** Always `vault`. */
  readonly type: 'vault';
  /** What the provider knows it by; for `kbs` a resource URI. */
  readonly name: string;
  /** Who keeps it; compared without regard to letter case. */
  readonly provider: string;
  /** How to reach the provider. */
  readonly providerSettings: JsonObject;
  /** What else the provider wants to know. Empty when the payload has none. */
  readonly annotations: JsonObject;
}

/** A secret, encrypted under a data key that a provider can decrypt. */
export interface EnvelopePayload {
  /** Always `envelope`. */
  readonly type: 'envelope';
  /** The provider's key. */
  readonly keyId: string;
  /** The data key, encrypted by the provider. */
  readonly encryptedKey: Bytes;
  /** The secret, encrypted under the data key; for `A256GCM` the tag of 16 bytes stands at its end. */
  readonly encryptedData: Bytes;
  /** How it is encrypted. */
  readonly wrapType: WrapType;
  /** 12 bytes for `A256GCM`, 16 for `A256CTR`. */
  readonly iv: Bytes;
  /** Who can decrypt the data key; compared without regard to letter case. */
  readonly provider: string;
  /** How to reach the provider. */
  readonly providerSettings: JsonObject;
  /** What else the provider wants to know. Empty when the payload has none. */
  readonly annotations: JsonObject;
}

/** Either form. */
export type SealedSecretPayload = VaultPayload | EnvelopePayload;

/**
 * Read a payload. Unknown members are ignored; a missing `annotations` counts as empty.
 *
 * @param bytes - the JSON
 * @throws {@link SealedSecretError} `ERR_SEALED_PAYLOAD`, `ERR_SEALED_VERSION` or `ERR_SEALED_ENCODING`.
 */
export function parsePayload(bytes: Uint8Array): SealedSecretPayload {
  const payload = objectOf(bytes);
  const version = text(payload, 'version');
  if (version !== '0.1.0') {
    throw new SealedSecretError('ERR_SEALED_VERSION', 'the version of a sealed secret is 0.1.0', {
      pointer: '/version',
    });
  }
  const type = text(payload, 'type');
  const common = () => ({
    provider: text(payload, 'provider'),
    providerSettings: object('provider_settings', payload['provider_settings']),
    annotations: object('annotations', payload['annotations'] ?? {}),
  });
  if (type === 'vault') return { type, name: text(payload, 'name'), ...common() };
  if (type !== 'envelope') throw invalid('type', 'is vault or envelope');
  const wrapType = text(payload, 'wrap_type');
  if (wrapType !== 'A256GCM' && wrapType !== 'A256CTR') throw invalid('wrap_type', 'is A256GCM or A256CTR');
  const [key, data, iv] = [
    text(payload, 'encrypted_key'),
    text(payload, 'encrypted_data'),
    text(payload, 'iv'),
  ];
  return {
    type,
    keyId: text(payload, 'key_id'),
    wrapType,
    ...common(),
    encryptedKey: base64('encrypted_key', key),
    encryptedData: base64('encrypted_data', data),
    iv: base64('iv', iv),
  };
}

/**
 * Write a payload: compact, members in the order that the originals write.
 *
 * @param payload - either form
 */
export function encodePayload(payload: SealedSecretPayload): Bytes {
  const common = {
    provider: payload.provider,
    provider_settings: payload.providerSettings,
    annotations: payload.annotations,
  };
  const json: JsonObject =
    payload.type === 'vault'
      ? { version: '0.1.0', type: 'vault', name: payload.name, ...common }
      : {
          version: '0.1.0',
          type: 'envelope',
          key_id: payload.keyId,
          encrypted_key: encodeBase64(payload.encryptedKey),
          encrypted_data: encodeBase64(payload.encryptedData),
          wrap_type: payload.wrapType,
          iv: encodeBase64(payload.iv),
          ...common,
        };
  return encodeUtf8(JSON.stringify(json));
}

function objectOf(bytes: Uint8Array): JsonObject {
  let value: JsonValue;
  try {
    value = parseJson(bytes, { maxDepth: 32 });
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw new SealedSecretError('ERR_SEALED_PAYLOAD', 'the payload is JSON', {
      pointer: cause.pointer,
      cause,
    });
  }
  if (isJsonObject(value)) return value;
  throw new SealedSecretError('ERR_SEALED_PAYLOAD', 'the payload is a JSON object', { pointer: '' });
}

function text(payload: JsonObject, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string') throw invalid(name, 'is text');
  return value;
}

function object(name: string, value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) throw invalid(name, 'is an object');
  return value;
}

function base64(name: string, value: string): Bytes {
  try {
    return decodeBase64(value);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SealedSecretError('ERR_SEALED_ENCODING', `member ${name} is standard base64 with padding`, {
      pointer: jsonPointer(name),
      cause,
    });
  }
}

function invalid(name: string, expected: string): SealedSecretError {
  return new SealedSecretError('ERR_SEALED_PAYLOAD', `member ${name} ${expected}`, {
    pointer: jsonPointer(name),
  });
}
