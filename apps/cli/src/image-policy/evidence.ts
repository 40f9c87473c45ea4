/**
 * What there is to judge an image by, for the policy file: signatures of the registry and of lookaside storage.
 *
 * @module
 */
import {
  type ImageEvidence,
  type LookasideConfig,
  lookasideFolder,
  lookasideFor,
  mergeLookasideConfigs,
  parseLookasideConfig,
  readSigstoreBundles,
  readSigstoreSignatures,
} from '@sealwright/cosign-sig/policy';
import { parseReference, type RegistryClient } from '@sealwright/oci';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { readObjects } from '../policy-files.js';
import type { ResolvedImage } from './resolve.js';

/** Signatures are looked for when a requirement asks for them. */
export async function evidenceFor(
  io: Io,
  registry: RegistryClient,
  image: string,
  { digest, indexDigest }: ResolvedImage,
  lookasideFiles: readonly string[],
): Promise<ImageEvidence> {
  const reference = parseReference(image);
  const lookaside = await lookasideOf(io, lookasideFiles);
  return {
    digest,
    indexDigest,
    sigstoreSignatures: () =>
      readSigstoreSignatures(registry, reference, [
        ...(indexDigest === undefined ? [] : [indexDigest]),
        digest,
      ]),
    sigstoreBundles: () =>
      readSigstoreBundles(registry, reference, [...(indexDigest === undefined ? [] : [indexDigest]), digest]),
    openPgpSignatures: async () => {
      const base = lookasideFor(lookaside, reference)?.lookaside;
      return base === undefined ? [] : readLookaside(io, lookasideFolder(base, reference, digest));
    },
  };
}

async function lookasideOf(io: Io, files: readonly string[]): Promise<LookasideConfig> {
  const configs: LookasideConfig[] = [];
  for (const file of files) {
    const [object = null] = await readObjects(io, file);
    configs.push(await about(file, () => parseLookasideConfig(object)));
  }
  return mergeLookasideConfigs(configs);
}

/** Signatures are numbered from 1; the first number that is missing ends them. */
async function readLookaside(io: Io, folder: string): Promise<readonly Uint8Array[]> {
  const signatures: Uint8Array[] = [];
  for (let number = 1; number <= MAX_SIGNATURES; number += 1) {
    const place = `${folder}/signature-${number}`;
    const signature = place.startsWith('file://')
      ? await readLocal(io, place.slice(7))
      : await readRemote(io, place);
    if (signature === undefined) break;
    signatures.push(signature);
  }
  return signatures;
}

async function readLocal(io: Io, path: string): Promise<Uint8Array | undefined> {
  return (await io.exists(path)) ? io.readFile(path) : undefined;
}

async function readRemote(io: Io, url: string): Promise<Uint8Array | undefined> {
  const response = await io.fetch(new Request(url, { signal: AbortSignal.timeout(30_000) }));
  if (response.status === 404) return undefined;
  const length = Number(response.headers.get('content-length') ?? MAX_SIGNATURE + 1);
  if (response.status !== 200 || length > MAX_SIGNATURE) {
    throw new CommandError(
      `${url}: expected a signature, found status ${response.status}`,
      'ERR_CLI_LOOKASIDE',
      EXIT_FAILURE,
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

const MAX_SIGNATURES = 128;
const MAX_SIGNATURE = 4 << 20;
