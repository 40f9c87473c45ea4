import { encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonValue, parseJson } from '@sealwright/json';
import type { RegistryCredentials } from '@sealwright/oci';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * Ask the program that keeps credentials, as `docker` and `podman` do.
 *
 * @param io - the world
 * @param name - what follows `docker-credential-`
 * @param registry - whose
 * @returns `undefined` where it has none
 */
export async function askHelper(
  io: Io,
  name: string,
  registry: string,
): Promise<RegistryCredentials | undefined> {
  // a name with a slash would run a program that is not on the PATH
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw failed(`${JSON.stringify(name)} is no name of a credential helper`);
  const program = `docker-credential-${name}`;
  const input = encodeUtf8(registry);
  const limits = { milliseconds: PATIENCE, maxBytes: MAX_ANSWER };
  const ran = await io.run({ program, args: ['get'], files: {}, env: 'inherited', input, ...limits });
  if (ran.ended === 'missing')
    throw failed(`${program} keeps the credentials for ${registry}, and is not there`);
  if (ran.ended !== 'itself') throw failed(`${program} took too long or said too much`);
  if (ran.status === 0) return credentialsOf(ran.stdout, program);
  if (ran.stdout.includes(NONE)) return undefined;
  throw failed(`${program} ended with status ${ran.status}: try it with docker login`);
}

/** Never what it said: that may be the password. */
function credentialsOf(text: string, program: string): RegistryCredentials {
  const json = parsed(text);
  const { Username: username, Secret: secret } = isJsonObject(json) ? json : {};
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw failed(`${program} said something else than credentials`);
  if (username === '<token>') return { username: '', password: '', identityToken: secret };
  return { username, password: secret };
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

function failed(message: string): CommandError {
  return new CommandError(message, 'ERR_CLI_CREDENTIALS', EXIT_FAILURE);
}

/** What helpers say where they have nothing. */
const NONE = 'credentials not found in native keychain';
const PATIENCE = 60_000;
const MAX_ANSWER = 1 << 20;
