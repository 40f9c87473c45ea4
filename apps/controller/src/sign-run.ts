import { encodeUtf8 } from '@sealwright/bytes';
import type { Signer } from '@sealwright/crypto';
import { encodeEnvelope, signEnvelope } from '@sealwright/in-toto';
import type { Log } from '@sealwright/service';
import { formatRun, ociArtifacts, runKeys, SlsaError } from '@sealwright/slsa/tekton';
import type { ChainsConfig } from './config.js';
import type { StoredRun } from './run-source.js';
import type { SigningKeys } from './signing-key.js';
import type { Signed, Storage } from './storage/storage.js';

/** What signing a run needs. */
export interface SignRunDependencies {
  readonly config: ChainsConfig;
  readonly keys: SigningKeys;
  readonly storages: readonly Storage[];
  readonly log: Log;
  /** Told of each step that succeeded. */
  readonly count: (step: 'sign_created' | 'payload_stored', run: StoredRun) => void;
}

/** Why a run could not be signed: `payload_creation`, `signing` or `storage`, as the metric of Chains names them. */
export interface Failure {
  readonly type: 'payload_creation' | 'signing' | 'storage';
  readonly reason: string;
}

/**
 * Sign a run: its statement, then the images that it names. All back ends are tried; a failure of the statement leaves the images
 * alone.
 *
 * @param run - the run
 * @param children - the TaskRuns of a PipelineRun
 * @param dependencies - configuration, keys, storages
 * @returns what failed; nothing when all is stored
 */
export async function signRun(
  run: StoredRun,
  children: readonly StoredRun[],
  dependencies: SignRunDependencies,
): Promise<readonly Failure[]> {
  const { config } = dependencies;
  const artifact = run.run.kind === 'TaskRun' ? config.taskRun : config.pipelineRun;
  if (artifact.enabled) {
    const failures = await attempt(
      async (signer) => [await signStatement(run, children, dependencies, signer)],
      artifact.storage,
      run,
      dependencies,
    );
    if (failures.length > 0) return failures;
  }
  if (run.run.kind !== 'TaskRun' || !config.oci.enabled) return [];
  return attempt((signer) => signImages(run, signer), config.oci.storage, run, dependencies);
}

async function attempt(
  make: (signer: Signer) => Promise<readonly Signed[]>,
  storage: readonly string[],
  run: StoredRun,
  dependencies: SignRunDependencies,
): Promise<readonly Failure[]> {
  let made: readonly Signed[];
  try {
    made = await make(await dependencies.keys.signer());
  } catch (error) {
    return [{ type: error instanceof SlsaError ? 'payload_creation' : 'signing', reason: reasonOf(error) }];
  }
  const failures: Failure[] = [];
  for (const signed of made) {
    dependencies.count('sign_created', run);
    for (const name of storage) {
      const failure = await storeIn(name, run, signed, dependencies);
      if (failure !== undefined) failures.push(failure);
    }
  }
  return failures;
}

async function storeIn(
  name: string,
  run: StoredRun,
  signed: Signed,
  { storages, count }: SignRunDependencies,
): Promise<Failure | undefined> {
  const storage = storages.find((each) => each.name === name);
  if (storage === undefined) return { type: 'storage', reason: `could not find backend '${name}'` };
  try {
    await storage.store(run, signed);
    count('payload_stored', run);
    return undefined;
  } catch (error) {
    return { type: 'storage', reason: `${name}: ${reasonOf(error)}` };
  }
}

async function signStatement(
  run: StoredRun,
  children: readonly StoredRun[],
  { config, log }: SignRunDependencies,
  signer: Signer,
): Promise<Signed> {
  const provenance = formatRun(run.run, {
    format: (run.run.kind === 'TaskRun' ? config.taskRun : config.pipelineRun).format,
    builderId: config.builderId,
    buildType: config.buildType,
    deepInspection: config.pipelineRun.deepInspection,
    taskRuns: children.map((child) => child.run),
    compat: config.compat,
  });
  const { missingImageIds } = provenance;
  if (missingImageIds.length > 0)
    log.warn({ run: run.run.name, missingImageIds }, 'steps that never started');
  const envelope = await signEnvelope({ payload: provenance.payload, signers: [signer] });
  return {
    shortKey: runKeys(run.run).shortKey,
    payload: provenance.payload,
    signature: encodeUtf8(encodeEnvelope(envelope)),
    subject: { kind: 'statement', provenance },
    signer,
  };
}

async function signImages(run: StoredRun, signer: Signer): Promise<readonly Signed[]> {
  return Promise.all(
    ociArtifacts(run.run).map(async (artifact): Promise<Signed> => ({
      shortKey: artifact.shortKey,
      payload: artifact.payload,
      signature: await signer.sign(artifact.payload),
      subject: { kind: 'image', artifact },
      signer,
    })),
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
