import { encodeHex } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import type { Command } from 'commander';
import { collect, digestPair } from './collect.js';
import { CommandError } from './failure.js';
import type { Io } from './io.js';

/** The flags that say what an attestation is to be about. */
export interface ArtifactFlags {
  readonly artifact?: string;
  readonly digest?: readonly string[];
}

/**
 * Add the flags that say what an attestation is to be about.
 *
 * @param to - the command
 */
export function artifactFlags(to: Command): Command {
  return to.option('--artifact <file>', 'what it is to be about').option(
    '--digest <algorithm:hex>',
    'what it is to be about, by digest; more than once, and then all must be there',
    collect((text) => {
      if (digestPair(text) === undefined)
        throw new CommandError(`--digest is algorithm:hex, not ${JSON.stringify(text)}`);
      return text;
    }),
  );
}

/**
 * What an attestation is to be about: digests, each `algorithm:hex`; at least one.
 *
 * @param io - the world
 * @param flags - of the command line
 */
export async function artifactDigests(
  io: Io,
  { artifact, digest: given = [] }: ArtifactFlags,
): Promise<readonly string[]> {
  const own =
    artifact === undefined ? [] : [`sha256:${encodeHex(digest('sha256', await io.readFile(artifact)))}`];
  const digests = [...own, ...given];
  if (digests.length === 0) throw new CommandError('give --artifact or --digest: what it is to be about');
  return digests;
}
