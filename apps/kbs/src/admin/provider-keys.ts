import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { decodeBase64url, decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, parseJson, type JsonObject } from '@sealwright/json';
import { UsageError } from '@sealwright/service';
import { compactVerify } from 'jose';
import type { IdentityProvider } from '../config/types.js';
import type { LoadText } from '../load-text.js';

/** An identity provider with its keys loaded. */
export interface ProviderKeys {
  readonly issuer: string | null;
  readonly audience: string | null;
  /** The payload of a token that one of the keys signed; undefined for any other. */
  verify(token: string): Promise<Uint8Array | undefined>;
}

/**
 * Load the keys of an identity provider. A key that a token brings in its header is never used.
 *
 * @param provider - its configuration
 * @param load - reads key files
 * @throws {@link UsageError} when a key cannot be loaded.
 */
export async function loadProvider(provider: IdentityProvider, load: LoadText): Promise<ProviderKeys> {
  const { issuer, audience, public_key_uri: keyUri, jwk_set_uri: setUri } = provider;
  const single = keyUri === null ? undefined : await loaded(keyUri, 'public_key_uri', load, pemKey);
  const set = setUri === null ? [] : await loaded(setUri, 'jwk_set_uri', load, jwkSet);
  return {
    issuer,
    audience,
    async verify(token) {
      const kid = kidOf(token);
      const named = kid === undefined ? undefined : set.find((candidate) => candidate.kid === kid);
      const candidates = [...(named === undefined ? [] : [named]), ...(single === undefined ? [] : [single])];
      for (const { key, algorithms } of candidates) {
        try {
          return (await compactVerify(token, key, { algorithms: [...algorithms] })).payload;
        } catch {
          // Not signed with this key: the next one, or none.
        }
      }
      return undefined;
    },
  };
}

interface TrustedKey {
  readonly key: KeyObject;
  readonly algorithms: readonly string[];
}

async function loaded<T>(uri: string, name: string, load: LoadText, read: (text: string) => T): Promise<T> {
  try {
    return read(await load(uri));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new UsageError(`admin.authentication.bearer_jwt: ${name} ${uri}: ${reason}`, { cause });
  }
}

function pemKey(pem: string): TrustedKey {
  if (pem.includes('PRIVATE KEY')) throw new Error('expected a public key, not a private one');
  const key = createPublicKey(pem);
  const algorithms = ALGORITHMS.get(
    `${key.asymmetricKeyType ?? ''} ${key.asymmetricKeyDetails?.namedCurve ?? ''}`.trim(),
  );
  if (algorithms === undefined)
    throw new Error('expected an EC (P-256, P-384, P-521), RSA or Ed25519 public key');
  return { key, algorithms };
}

function jwkSet(text: string): (TrustedKey & { readonly kid: string })[] {
  const set = parseJson(text, { maxBytes: 1 << 20, maxDepth: 16 });
  const keys = isJsonObject(set) ? set['keys'] : undefined;
  if (!Array.isArray(keys)) throw new Error('expected a JWK set');
  return keys.flatMap((jwk) => {
    // A set may serve others too: what has no name, no algorithm or a kind that is not taken here is left out.
    if (!isJsonObject(jwk) || typeof jwk['kid'] !== 'string' || typeof jwk['alg'] !== 'string') return [];
    const key = importJwk(jwk);
    const known = [...ALGORITHMS.values()].flat().includes(jwk['alg']);
    return key === undefined || !known ? [] : [{ kid: jwk['kid'], key, algorithms: [jwk['alg']] }];
  });
}

function importJwk(jwk: JsonObject): KeyObject | undefined {
  if (jwk['kty'] === 'oct' || 'd' in jwk) return undefined;
  try {
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function kidOf(token: string): string | undefined {
  try {
    const header = parseJson(decodeUtf8(decodeBase64url(token.split('.', 1)[0] ?? '')), {
      maxBytes: 0x1_0000,
      maxDepth: 16,
    });
    const kid = isJsonObject(header) ? header['kid'] : undefined;
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

const ALGORITHMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ec prime256v1', ['ES256']],
  ['ec secp384r1', ['ES384']],
  ['ec secp521r1', ['ES512']],
  ['ed25519', ['EdDSA', 'Ed25519']],
  ['rsa', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
]);
