import { CryptoError, importPublicKey, type Jwk, type PublicKey, verify } from '@sealwright/crypto';
import { isJsonObject } from '@sealwright/json';
import { SealedSecretError } from './errors.js';
import { parseSealedSecret } from './parse.js';
import { parsePayload, type SealedSecretPayload } from './payload.js';

declare const verified: unique symbol;

/** A payload whose signature was checked. Only {@link verifySealedSecret} makes one. */
export interface VerifiedSealedSecret {
  /** Marks that the signature was checked. */
  readonly [verified]: true;
  /** What it says. */
  readonly payload: SealedSecretPayload;
  /** Which key signed. */
  readonly kid: string;
}

/**
 * Finds the key that an identifier names: a parsed JWK, `undefined` when there is none. Whoever writes a sealed secret
 * chooses the identifier, so a resolver must never open files or URLs beyond what it means to trust.
 *
 * @param kid - the identifier, which the caller has found to be a resource URI or a plain file name
 */
export type KeyResolver = (kid: string) => Promise<unknown>;

/** Whom to trust. */
export interface VerifyOptions {
  /** Finds keys. */
  readonly keyResolver: KeyResolver;
  /** The identifiers that may sign. Any that resolves, unless given: with the KBS as resolver, any key that it serves. */
  readonly allowedKids?: readonly string[];
}

/**
 * Verify the signature of a sealed secret over the bytes as received, then read what it says.
 *
 * @param input - the text, or its UTF-8
 * @param options - whom to trust
 * @throws {@link SealedSecretError}
 */
export async function verifySealedSecret(
  input: string | Uint8Array,
  options: VerifyOptions,
): Promise<VerifiedSealedSecret> {
  const { header, signed, payload, signature } = parseSealedSecret(input);
  mustBeKid(header.kid, options.allowedKids);
  const key = await resolve(header.kid, options.keyResolver);
  if (!(await verify(key, signed, signature, { scheme: 'ecdsa-sha256', encoding: 'raw' }))) {
    throw new SealedSecretError(
      'ERR_SEALED_SIGNATURE',
      'the signature does not verify under the key that is named',
    );
  }
  return { payload: parsePayload(payload), kid: header.kid } as VerifiedSealedSecret; // the brand has no value
}

function mustBeKid(kid: string, allowed: readonly string[] | undefined): void {
  const uri = kid.startsWith('kbs://') || kid.startsWith('kbs+');
  if (
    !uri &&
    (kid.includes('/') || kid.includes('\\') || kid.includes('\0') || kid === '.' || kid === '..')
  ) {
    throw new SealedSecretError('ERR_SEALED_KID', 'a key is named by a resource URI or a plain file name', {
      pointer: '/kid',
    });
  }
  if (allowed !== undefined && !allowed.includes(kid)) {
    throw new SealedSecretError('ERR_SEALED_KID', 'the key that is named may not sign sealed secrets here', {
      pointer: '/kid',
    });
  }
}

async function resolve(kid: string, keyResolver: KeyResolver): Promise<PublicKey> {
  const fault = (message: string, cause?: unknown) =>
    new SealedSecretError('ERR_SEALED_KEY', message, { cause });
  let jwk: unknown;
  try {
    jwk = await keyResolver(kid);
  } catch (cause) {
    throw fault('the key that is named could not be fetched', cause);
  }
  if (!isJsonObject(jwk) || jwk['kty'] !== 'EC' || jwk['crv'] !== 'P-256')
    throw fault('a key is a JWK of P-256');
  try {
    return importPublicKey(jwk as unknown as Jwk); // the import reads each member and checks it
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause;
    throw fault('a key is a JWK of P-256', cause);
  }
}
