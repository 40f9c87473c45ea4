import { decodeUtf8, encodeBase64, encodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, type JsonObject, parseJson } from '@sealwright/json';
import { print } from './command.js';
import { credentialFiles } from './credential-files.js';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/** The flags of `login`. */
export interface LoginFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly json?: boolean;
}

/**
 * Keep credentials for a registry. As with cosign, the registry is not asked whether they are right.
 *
 * @param io - the world
 * @param server - its name
 * @param flags - of the command line
 */
export async function keepCredentials(io: Io, server: string, flags: LoginFlags): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,253}(?::\d{1,5})?$/.test(server))
    throw new CommandError(`${server} is no name of a registry: it is a host, with a port if need be`);
  const { username } = flags;
  if (username === undefined || username === '') throw new CommandError('--username is needed');
  const password = await passwordOf(io, flags);
  const path = credentialFiles(io).at(-1) ?? '';
  const config = (await io.exists(path)) ? await readConfig(io, path) : {};
  if (config['credsStore'] !== undefined || config['credHelpers'] !== undefined)
    throw new CommandError(
      `${path}: a helper keeps credentials there: log in with docker login, or set REGISTRY_AUTH_FILE`,
      'ERR_CLI_CREDENTIALS',
      EXIT_FAILURE,
    );
  const auths = isJsonObject(config['auths']) ? config['auths'] : {};
  const auth = encodeBase64(encodeUtf8(`${username}:${password}`));
  const text = JSON.stringify({ ...config, auths: { ...auths, [keyOf(server)]: { auth } } }, null, '\t');
  await io.writeFiles([{ path, bytes: encodeUtf8(`${text}\n`), mode: 0o600, makeFolder: true }]);
  if (flags.json !== true) io.err(`logged in via ${path}\n`);
  print(io, flags.json, { server, file: path }, '');
}

async function passwordOf(io: Io, { password, passwordStdin }: LoginFlags): Promise<string> {
  if (password !== undefined && passwordStdin === true)
    throw new CommandError('give --password or --password-stdin, not both');
  const given =
    passwordStdin === true
      ? decodeUtf8(await io.readFile('-')).replace(/\r?\n$/, '')
      : (password ?? (await io.askSecret('Password: '))?.split('\n', 1)[0]);
  if (given !== undefined && given !== '') return given;
  throw new CommandError(
    'no password: give --password-stdin and pipe it in',
    'ERR_CLI_PASSWORD',
    EXIT_FAILURE,
  );
}

async function readConfig(io: Io, path: string): Promise<JsonObject> {
  const bytes = await io.readFile(path);
  const config = await about(path, () => parseJson(bytes));
  if (isJsonObject(config)) return config;
  throw new CommandError(`${path}: expected an object`, 'ERR_CLI_CREDENTIALS', EXIT_FAILURE);
}

/** Docker Hub has a name of its own in these files. */
function keyOf(server: string): string {
  return ['docker.io', 'index.docker.io'].includes(server) ? 'https://index.docker.io/v1/' : server;
}
