/**
 * Credentials for registries out of a `containers-auth.json` or Docker `config.json`.
 *
 * @module
 */
import { BytesError, decodeBase64, decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, type JsonObject, jsonPointer, parseJson } from '@sealwright/json';
import { OciError } from './errors.js';
import { type ImageReference, repositoryScopes } from './reference.js';

/** Who asks. */
export interface RegistryCredentials {
  /** The user; empty where there is an identity token instead. */
  readonly username: string;
  /** The password or token. It is sent to the registry and to the token service that the registry names. */
  readonly password: string;
  /** A refresh token: exchanged for a token of the registry with OAuth 2, never sent to the registry itself. */
  readonly identityToken?: string;
  /** A token of the registry itself, shown to it as it is where it asks for one. It counts before all else. */
  readonly registryToken?: string;
}

/**
 * Asks a credential helper program, `docker-credential-` and its name.
 *
 * @param helper - its name
 * @param registry - what to ask for: a registry, or for Docker Hub `https://index.docker.io/v1/`, as the file or `docker login` has it
 */
export type CredentialHelper = (helper: string, registry: string) => Promise<RegistryCredentials | undefined>;

/** How to look for credentials. */
export interface CredentialOptions {
  /** Asks the programs that `credHelpers` and `credsStore` name. Without it, needing one is an error rather than an anonymous pull. */
  readonly helper?: CredentialHelper;
}

/** A credential file, parsed. It prints as nothing but the names of its entries. */
export interface AuthFile {
  /** The keys of `auths`: registries and repositories, in the order of the file. */
  readonly keys: readonly string[];
  /**
   * The credentials for an image: the entry with the longest path, else one whose registry is the same once both are normalised.
   *
   * @param reference - the image
   * @param options - the way to credential helpers
   * @returns `undefined` where nothing matches: ask without credentials
   */
  find(reference: ImageReference, options?: CredentialOptions): Promise<RegistryCredentials | undefined>;
}

/**
 * Parse a credential file. Entries are checked when they match, as containers/image and image-rs do: a broken entry for another
 * registry is no obstacle.
 *
 * @param input - the JSON text, at most 4 MiB
 * @throws {@link OciError} `ERR_OCI_CREDENTIALS`.
 *
 * @example
 * ```ts
 * const file = parseAuthFile('{ "auths": { "registry.example/team": { "auth": "YWRhOnNlY3JldA==" } } }');
 * console.log((await file.find(parseReference('registry.example/team/app')))?.username); // ada
 * console.log(await file.find(parseReference('registry.example/other'))); // undefined
 * ```
 */
export function parseAuthFile(input: string | Uint8Array): AuthFile {
  const json = parse(input);
  const auths = section(json, 'auths');
  const helpers = section(json, 'credHelpers');
  const store = json['credsStore'];
  if (store !== undefined && typeof store !== 'string') throw fault('expected a string', 'credsStore');
  return {
    keys: Object.keys(auths),
    find: async (reference, { helper } = {}) => {
      const registry = Object.hasOwn(helpers, reference.registry)
        ? reference.registry
        : normalisedKey(helpers, reference);
      if (registry !== undefined) {
        const name = helpers[registry];
        if (typeof name !== 'string') throw fault('expected a string', 'credHelpers', registry);
        return ask(helper, name, registry);
      }
      const key = matchingKey(auths, reference);
      const entry = key === undefined ? undefined : auths[key];
      const unanswered = entry === undefined || (isJsonObject(entry) && Object.keys(entry).length === 0);
      if (store !== undefined && store !== '' && unanswered)
        return ask(helper, store, serverOf(reference.registry));
      return entry === undefined || key === undefined ? undefined : credentialsOf(entry, key);
    },
  };
}

/**
 * The keys under which credentials for an image are looked up before registries are normalised, the longest first.
 *
 * @param reference - the image
 */
export function credentialKeys(reference: ImageReference): readonly string[] {
  return repositoryScopes(reference);
}

function matchingKey(auths: JsonObject, reference: ImageReference): string | undefined {
  const exact = credentialKeys(reference).find((key) => Object.hasOwn(auths, key));
  return exact ?? normalisedKey(auths, reference);
}

function normalisedKey(entries: JsonObject, reference: ImageReference): string | undefined {
  const registry = canonical(reference.registry);
  return Object.keys(entries).find((key) => canonical(withoutScheme(key)) === registry);
}

/** What `docker login` has a store keep credentials under. */
function serverOf(registry: string): string {
  return canonical(registry) === 'index.docker.io' ? 'https://index.docker.io/v1/' : registry;
}

/** A key such as `https://index.docker.io/v1/` stands for its host; one without a scheme for itself. */
function withoutScheme(key: string): string {
  const scheme = ['http://', 'https://'].find((prefix) => key.startsWith(prefix));
  return scheme === undefined ? key : (key.slice(scheme.length).split('/', 1)[0] ?? '');
}

function canonical(registry: string): string {
  return registry === 'docker.io' || registry === 'registry-1.docker.io' ? 'index.docker.io' : registry;
}

function credentialsOf(entry: unknown, key: string): RegistryCredentials {
  if (!isJsonObject(entry)) throw fault('expected an object', 'auths', key);
  const { auth, username, password, identitytoken, registrytoken } = entry;
  const token = {
    ...(isText(identitytoken) ? { identityToken: identitytoken } : {}),
    ...(isText(registrytoken) ? { registryToken: registrytoken } : {}),
  };
  if (isText(auth)) return { ...decode(auth, key), ...token };
  if (typeof username === 'string' && typeof password === 'string') return { username, password, ...token };
  if (Object.keys(token).length > 0) return { username: '', password: '', ...token };
  throw fault('expected base64 of user:password in auth', 'auths', key);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function decode(auth: string, key: string): RegistryCredentials {
  try {
    const text = decodeUtf8(decodeBase64(auth));
    const colon = text.indexOf(':');
    if (colon >= 0) {
      return { username: text.slice(0, colon), password: trim(text.slice(colon + 1)) };
    }
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
  }
  throw fault('expected base64 of user:password in auth', 'auths', key);
}

/** Some writers put a newline or a NUL around the password. */
function trim(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && '\r\n\0'.includes(text.charAt(start))) start += 1;
  while (end > start && '\r\n\0'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

async function ask(
  helper: CredentialHelper | undefined,
  name: string,
  registry: string,
): Promise<RegistryCredentials | undefined> {
  if (helper !== undefined) return helper(name, registry);
  throw new OciError(
    'ERR_OCI_CREDENTIALS',
    `the credentials for ${registry} are kept by the helper ${name}, which cannot be asked here`,
  );
}

function section(json: JsonObject, name: string): JsonObject {
  const value = json[name] ?? {};
  if (!isJsonObject(value)) throw fault('expected an object', name);
  return value;
}

function parse(input: string | Uint8Array): JsonObject {
  try {
    const json = parseJson(input);
    if (isJsonObject(json)) return json;
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    // neither the text nor the cause, which may quote it
    throw new OciError('ERR_OCI_CREDENTIALS', `a credential file is JSON; it has a fault (${cause.code})`);
  }
  throw fault('expected an object');
}

function fault(message: string, ...path: readonly string[]): OciError {
  return new OciError('ERR_OCI_CREDENTIALS', message, { pointer: jsonPointer(...path) });
}
