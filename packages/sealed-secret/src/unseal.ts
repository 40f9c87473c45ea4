import { BytesError, decodeBase64url, Secret } from '@sealwright/bytes';
import { aesCtr, aesGcmOpen, CryptoError } from '@sealwright/crypto';
import type { JsonObject } from '@sealwright/json';
import { SealedSecretError } from './errors.js';
import { SEALED_PREFIX, textOf } from './parse.js';
import {
  type EnvelopePayload,
  parsePayload,
  type SealedSecretPayload,
  type VaultPayload,
} from './payload.js';
import { type VerifyOptions, verifySealedSecret } from './verify.js';

/** Fetches a secret that a vault payload points to. */
export interface VaultProvider {
  /**
   * Fetch it.
   *
   * @param payload - what the payload says
   * @returns the secret, byte for byte
   */
  getSecret(payload: VaultPayload): Promise<Uint8Array>;
}

/** Decrypts the data key of an envelope. */
export interface EnvelopeProvider {
  /**
   * Decrypt it.
   *
   * @param keyId - the provider's key
   * @param ciphertext - the data key, encrypted
   * @param context - settings and annotations of the payload
   * @returns the data key, 32 bytes
   */
  decrypt(
    keyId: string,
    ciphertext: Uint8Array,
    context: { readonly providerSettings: JsonObject; readonly annotations: JsonObject },
  ): Promise<Uint8Array>;
}

/** Providers by lower-case name, for each role. */
export interface Providers {
  /** Who keeps secrets. */
  readonly vault?: Readonly<Record<string, VaultProvider>>;
  /** Who decrypts data keys. */
  readonly envelope?: Readonly<Record<string, EnvelopeProvider>>;
}

/** Whom to trust, and who has the secrets. */
export interface UnsealOptions extends VerifyOptions {
  /** Who has the secrets. */
  readonly providers: Providers;
}

/**
 * Exchange a sealed secret for the secret: verify the signature, then ask the provider that the payload names.
 *
 * @param input - the text, or its UTF-8; trim the content of a file first
 * @param options - whom to trust, and who has the secrets
 * @throws {@link SealedSecretError}
 *
 * @example
 * ```ts
 * const secret = await unsealSecret(sealed, {
 *   keyResolver: async (kid) => publicKeys[kid],
 *   allowedKids: ['kbs:///default/signing/public'],
 *   providers: { vault: { kbs: { getSecret: async ({ name }) => encodeUtf8(`what is at ${name}`) } } },
 * });
 * console.log(decodeUtf8(secret.expose())); // what is at kbs:///default/key/1
 * ```
 */
export async function unsealSecret(input: string | Uint8Array, options: UnsealOptions): Promise<Secret> {
  return open((await verifySealedSecret(input, options)).payload, options.providers);
}

/**
 * Exchange a sealed secret for the secret without looking at its signature, as the data hub does with
 * `skip_sealed_secret_verification`: whoever can write the text decides what the guest gets.
 *
 * @param input - four parts joined by dots; the first, second and fourth are not looked at, the third may be padded
 * @param options - who has the secrets
 * @throws {@link SealedSecretError}
 */
export async function dangerouslyUnsealUnverified(
  input: string | Uint8Array,
  options: { readonly providers: Providers },
): Promise<Secret> {
  const parts = textOf(input).split('.', 5);
  const payload = parts[2];
  if (payload === undefined || parts.length !== 4) {
    throw new SealedSecretError(
      'ERR_SEALED_FORMAT',
      `expected four parts: ${SEALED_PREFIX}header.payload.signature`,
    );
  }
  return open(parsePayload(lenient(payload)), options.providers);
}

function lenient(payload: string): Uint8Array {
  try {
    return decodeBase64url(payload, { padding: 'optional' });
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new SealedSecretError('ERR_SEALED_FORMAT', 'the payload is base64url', { cause });
  }
}

async function open(payload: SealedSecretPayload, providers: Providers): Promise<Secret> {
  if (payload.type === 'vault') {
    const provider = find(providers.vault, payload.provider, 'keeps secrets');
    return Secret.of(await asked(() => provider.getSecret(payload)));
  }
  const provider = find(providers.envelope, payload.provider, 'decrypts data keys');
  const dataKey = Secret.of(
    await asked(() => provider.decrypt(payload.keyId, payload.encryptedKey, payload)),
  );
  try {
    return decrypt(dataKey, payload);
  } finally {
    dataKey.wipe();
  }
}

function decrypt(dataKey: Secret, { wrapType, iv, encryptedData }: EnvelopePayload): Secret {
  try {
    if (dataKey.expose().byteLength !== 32)
      throw new CryptoError('ERR_CRYPTO_ARGUMENT', 'a data key is 32 bytes');
    const plain =
      wrapType === 'A256GCM'
        ? aesGcmOpen(dataKey.expose(), iv, encryptedData)
        : aesCtr(dataKey.expose(), iv, encryptedData);
    const secret = Secret.of(plain);
    plain.fill(0);
    return secret;
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw new SealedSecretError('ERR_SEALED_DECRYPT', `the envelope does not open: ${cause.message}`);
  }
}

function find<T>(providers: Readonly<Record<string, T>> | undefined, name: string, role: string): T {
  const known = name.toLowerCase();
  const provider = providers !== undefined && Object.hasOwn(providers, known) ? providers[known] : undefined;
  if (provider === undefined) {
    throw new SealedSecretError('ERR_SEALED_PROVIDER', `no provider of this name ${role}`, {
      pointer: '/provider',
    });
  }
  return provider;
}

/** What a provider says may hold tokens, so it stays the cause and out of the message. */
async function asked(ask: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await ask();
  } catch (cause) {
    throw new SealedSecretError('ERR_SEALED_PROVIDER', 'the provider did not give what it was asked for', {
      cause,
    });
  }
}
