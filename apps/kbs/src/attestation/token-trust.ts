import type { PublicKey } from '@sealwright/crypto';
import { parseJson } from '@sealwright/json';
import { createTokenTrust, type TokenTrust } from '@sealwright/kbs-protocol';
import { UsageError } from '@sealwright/service';
import type { AttestationTokenConfig } from '../config/types.js';
import type { LoadText } from '../load-text.js';

/**
 * Whose tokens are believed: our own signing key's, and whoever `[attestation_token]` names.
 *
 * @param config - `[attestation_token]`
 * @param own - our own signing key
 * @param load - reads files
 * @throws {@link UsageError} when something that is to be trusted cannot be read.
 */
export async function loadTokenTrust(
  config: AttestationTokenConfig,
  own: PublicKey,
  load: LoadText,
): Promise<TokenTrust> {
  const trust = { trustedKeys: [own], dangerouslyTrustHeaderJwk: config.insecure_header_jwk };
  const trustedCertificates = await each('trusted_certs_paths', config.trusted_certs_paths, async (path) => {
    const pem = await load(path);
    createTokenTrust({ trustedCertificates: [pem] });
    return pem;
  });
  const trustedJwkSets = await each('trusted_jwk_sets', config.trusted_jwk_sets, async (uri) => {
    const set = parseJson(await load(uri), { maxBytes: 1 << 20 });
    createTokenTrust({ trustedJwkSets: [set] });
    return set;
  });
  return createTokenTrust({ ...trust, trustedCertificates, trustedJwkSets });
}

async function each<T>(
  name: string,
  uris: readonly string[],
  read: (uri: string) => Promise<T>,
): Promise<T[]> {
  const found: T[] = [];
  for (const uri of uris) {
    try {
      found.push(await read(uri));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'unknown';
      throw new UsageError(`attestation_token.${name}: ${uri}: ${reason}`, { cause });
    }
  }
  return found;
}
