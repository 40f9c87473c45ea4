import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.js';

/**
 * Where credentials of registries are kept, in the order in which they are looked for.
 *
 * @param io - the world
 */
export function credentialFiles(io: Io): readonly string[] {
  const { REGISTRY_AUTH_FILE: only, XDG_RUNTIME_DIR: runtime, DOCKER_CONFIG: docker } = io.env;
  if (only !== undefined && only !== '') return [only];
  const ofContainers =
    runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')];
  const folder = docker === undefined || docker === '' ? join(homedir(), '.docker') : docker;
  return [...ofContainers, join(folder, 'config.json')];
}
