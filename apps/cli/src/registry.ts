import { homedir } from 'node:os';
import { join } from 'node:path';
import { decodeBase64, decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, parseJson } from '@sealwright/json';
import {
  createRegistryClient,
  type ImageReference,
  parseReference,
  type RegistryClient,
  type RegistryCredentials,
} from '@sealwright/oci';
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
  const credentials = (registry: string): Promise<RegistryCredentials | undefined> =>
    dockerCredentials(io, registry);
  const insecure = flags.allowHttpRegistry === true || flags.allowInsecureRegistry === true;
  const patience = flags.timeout ?? PATIENCE_MILLISECONDS;
  return createRegistryClient({
    credentials,
    fetch: (request) => reach(io, request, patience),
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
        ? 'gave no answer in time: try again, or give --timeout'
        : 'cannot be reached: is the name right, and does it need --allow-http-registry?';
    throw new CommandError(`the registry at ${host} ${reason}`, 'ERR_OCI_REGISTRY', EXIT_FAILURE);
  }
}

/** What `docker login` left in a file. Credential helpers are not asked. */
async function dockerCredentials(io: Io, registry: string): Promise<RegistryCredentials | undefined> {
  const path = join(io.env['DOCKER_CONFIG'] ?? join(homedir(), '.docker'), 'config.json');
  if (!(await io.exists(path))) return undefined;
  return about(path, async () => {
    const config = parseJson(await io.readFile(path));
    const auths = isJsonObject(config) && isJsonObject(config['auths']) ? config['auths'] : {};
    const names =
      registry === 'docker.io'
        ? ['https://index.docker.io/v1/', registry]
        : [registry, `https://${registry}`];
    for (const name of names) {
      const entry = Object.hasOwn(auths, name) ? auths[name] : undefined;
      const auth = isJsonObject(entry) ? entry['auth'] : undefined;
      if (typeof auth !== 'string') continue;
      const text = decodeUtf8(decodeBase64(auth, { padding: 'optional' }));
      const colon = text.indexOf(':');
      if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) };
    }
    return undefined;
  });
}
