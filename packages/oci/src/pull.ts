/**
 * Manifests by way of mirrors.
 *
 * @module
 */
import type { RegistryClient } from './client.js';
import { OciError } from './errors.js';
import type { GetManifestOptions, RegistryManifest } from './manifests.js';
import { formatReference } from './reference.js';
import type { PullAttempt } from './registries.js';

/** A manifest, and where it was found. */
export interface PulledManifest {
  /** The attempt that worked: ask there for blobs too. */
  readonly attempt: PullAttempt;
  /** The manifest. */
  readonly manifest: RegistryManifest;
}

/**
 * Get a manifest from the first place that has it.
 *
 * @param client - to ask with
 * @param attempts - from `pullAttempts`
 * @param options - cap and cancellation
 * @throws {@link OciError} the code of the last failure, the message of all of them.
 */
export async function pullManifest(
  client: Pick<RegistryClient, 'getManifest'>,
  attempts: readonly PullAttempt[],
  options: GetManifestOptions = {},
): Promise<PulledManifest> {
  const failures: string[] = [];
  let last: OciError | undefined;
  for (const attempt of attempts) {
    try {
      const call = attempt.insecure ? { ...options, insecure: true } : options;
      return { attempt, manifest: await client.getManifest(attempt.reference, call) };
    } catch (error) {
      if (!(error instanceof OciError)) throw error;
      last = error;
      failures.push(`${formatReference(attempt.reference)}: ${error.message}`);
    }
  }
  throw new OciError(last?.code ?? 'ERR_OCI_NOT_FOUND', `no place has the image: ${failures.join('; ')}`, {
    status: last?.status,
    cause: last,
  });
}
