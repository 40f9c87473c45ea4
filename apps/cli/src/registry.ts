import {
  createRegistryClient,
  type CredentialHelper,
  type ImageReference,
  parseAuthFile,
  parseReference,
  type RegistryClient,
  type RegistryCredentials,
} from '@sealwright/oci';
import { credentialFiles } from './credential-files.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { PATIENCE_MILLISECONDS } from './network.js';
import type { RegistryFlags } from './registry-flags.js';

/**
 * The client for registries.
 *
 * @param io - the world
 * @param flags - what was allowed
 */
export function registryClient(io: Io, flags: RegistryFlags): RegistryClient {
  const credentials = (_: string, reference: ImageReference): Promise<RegistryCredentials | undefined> =>
    credentialsFor(io, reference, flags);
  const insecure = flags.allowHttpRegistry === true || flags.allowInsecureRegistry === true;
  const patience = flags.timeout ?? PATIENCE_MILLISECONDS;
  return createRegistryClient({
    credentials,
    fetch: (request) => reach(io, request, patience),
    // what is given here ends first, and says what to do
    ...(flags.timeout === undefined ? {} : { graceMilliseconds: patience + 1000 }),
    ...(insecure ? { insecure: () => true } : {}),
  });
}

/**
 * The image that an argument names.
 *
 * @param name - the argument
 */
export function imageOf(name: string): Promise<ImageReference> {
  return about(name, () => parseReference(name));
}

/**
 * Where signatures are: beside the image, or in `COSIGN_REPOSITORY`.
 *
 * @param io - the world
 * @param flags - of the command
 */
export function placeOf(
  io: Io,
  flags: RegistryFlags,
): { readonly repository?: ImageReference; readonly tagPrefix?: string } {
  const repository = io.env['COSIGN_REPOSITORY'] ?? '';
  const { attachmentTagPrefix: tagPrefix } = flags;
  return {
    ...(repository === '' ? {} : { repository: parseReference(repository) }),
    ...(tagPrefix === undefined ? {} : { tagPrefix }),
  };
}

async function reach(io: Io, request: Request, patience: number): Promise<Response> {
  try {
    return await io.fetch(new Request(request, { signal: AbortSignal.timeout(patience) }));
  } catch (cause) {
    const { host } = new URL(request.url);
    const reason =
      cause instanceof DOMException && cause.name === 'TimeoutError'
        ? 'gave no answer in time: try again, or give a longer --timeout'
        : 'cannot be reached: is the name right, and does it need --allow-http-registry?';
    throw new CommandError(`the registry at ${host} ${reason}`, 'ERR_OCI_REGISTRY', EXIT_FAILURE);
  }
}

/** What flags say, else what `docker login`, `podman login` or `skopeo login` left in a file or with a helper. */
async function credentialsFor(
  io: Io,
  reference: ImageReference,
  { registryUsername: username, registryPassword: password, registryToken }: RegistryFlags,
): Promise<RegistryCredentials | undefined> {
  if ((username === undefined) !== (password === undefined))
    throw new CommandError('--registry-username and --registry-password are needed together');
  const token = registryToken === undefined ? {} : { registryToken };
  if (username !== undefined && password !== undefined) return { username, password, ...token };
  if (registryToken !== undefined) return { username: '', password: '', ...token };
  const helper: CredentialHelper = async (name, registry) =>
    (await import('./credential-helper.js')).askHelper(io, name, registry);
  for (const path of credentialFiles(io)) {
    if (!(await io.exists(path))) continue;
    const found = await about(path, async () =>
      parseAuthFile(await io.readFile(path)).find(reference, { helper }),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
