/**
 * Where trust in a repository begins: keys that are known beforehand, not a file that somebody gives.
 *
 * @module
 */
import { decodeBase64 } from '@sealwright/bytes';
import { importPublicKey, type PublicKey } from '@sealwright/crypto';
import { CosignError } from '../errors.js';
import { authorityOf, parseMetadata, verifySignatures } from './metadata.js';
import type { TufState } from './update.js';

/** Keys that are trusted to sign the root of a repository. */
export interface PinnedTufRoot {
  /** Where the repository is. */
  readonly mirror: string;
  /** Version of the root metadata that they signed. */
  readonly version: number;
  /** How many of them must have signed. */
  readonly threshold: number;
  /** The keys. */
  readonly keys: readonly PublicKey[];
}

/**
 * The public instance of Sigstore: the holders of its root since version 15 of 2026, and their keys, as they are published
 * (sigstore/root-signing). Later roots follow from there, each signed by enough of the holders before.
 */
const SIGSTORE_PUBLIC_ROOT: Omit<PinnedTufRoot, 'keys'> & { readonly spki: readonly string[] } = {
  mirror: 'https://tuf-repo-cdn.sigstore.dev',
  version: 15,
  threshold: 3,
  spki: [
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEXsz3SZXFb8jMV42j6pJlyjbjR8KN3Bwocexq6LMIb5qsWKOQvLN16NUefLc4HswOoumRsVVaajSpQS6fobkRw==',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzBzVOmHCPojMVLSI364WiiV8NPrD6IgRxVliskz/v+y3JER5mcVGcONliDcWMC5J2lfHmjPNPhb4H7xm8LzfSA==',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEinikSsAQmYkNeH5eYq/CnIzLaacOxlSaawQDOwqKy/tCqxq5xxPSJc21K4WIhs9GyOkKfzueY3GILzcMJZ4cWw==',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0ghrh92Lw1Yr3idGV5WqCtMDB8Cx+D8hdC4w2ZLNIplVRoVGLskYa3gheMyOjiJ8kPi15aQ2//7P+oj7UvJPGw==',
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMxpPOJCIZ5otG4106fGJseEQi3V9pkMYQ4uyV9Tj1M7WHXIyLG+jkfvuG0glQ1JZbRZZBV3gAR4sojdGHISeow==',
  ],
};

/** The keys of the public instance, ready for {@link trustPinnedRoot}. */
export function sigstorePublicRoot(): PinnedTufRoot {
  const { spki, ...rest } = SIGSTORE_PUBLIC_ROOT;
  return { ...rest, keys: spki.map((text) => importPublicKey(decodeBase64(text))) };
}

/**
 * Believe root metadata because enough of the pinned keys signed it.
 *
 * @param bytes - root metadata of the pinned version
 * @param pinned - the keys
 * @returns what an update begins with
 * @throws {@link CosignError} `ERR_COSIGN_TUF`.
 */
export async function trustPinnedRoot(bytes: Uint8Array, pinned: PinnedTufRoot): Promise<TufState> {
  const metadata = parseMetadata(bytes, 'root', MAX_ROOT);
  if (metadata.version !== pinned.version)
    throw new CosignError('ERR_COSIGN_TUF', `expected root ${pinned.version}, found ${metadata.version}`);
  const known = new Set(pinned.keys.map(({ fingerprint }) => fingerprint));
  const named = authorityOf(metadata, 'root').keys;
  const keys = new Map([...named].filter(([, { key }]) => known.has(key.fingerprint)));
  await verifySignatures(metadata, { keys, threshold: pinned.threshold });
  return { root: bytes };
}

const MAX_ROOT = 512_000;
