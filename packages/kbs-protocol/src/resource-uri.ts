/**
 * Resource URIs as clients write them: `kbs:///repository/type/tag` and `kbs+plugin:///path?query`.
 *
 * @module
 */
import { KbsProtocolError } from './errors.js';

/** A decoded resource URI. */
export interface ResourceUri {
  /** Host and port of the key broker; normally empty, which means the configured one. */
  readonly address: string;
  /** The plugin that answers: `resource` unless the scheme names another. */
  readonly plugin: string;
  /** The segments of the path, as written. A resource has three; plugins have what they want. */
  readonly path: readonly string[];
  /** What follows the question mark, as written. */
  readonly query: string | undefined;
}

/**
 * Read a resource URI.
 *
 * @param text - the URI, 4096 characters at most
 * @throws {@link KbsProtocolError} `ERR_KBS_RESOURCE_URI`
 *
 * @example
 * ```ts
 * const { path } = parseResourceUri('kbs:///default/cosign-secrets/cosign.key');
 * console.log(path.join(' ')); // default cosign-secrets cosign.key
 * ```
 */
export function parseResourceUri(text: string): ResourceUri {
  if (text.length > MAX_CHARACTERS) throw refused(`expected at most ${MAX_CHARACTERS} characters`);
  if (!URI_CHARACTERS.test(text))
    throw refused('expected a URI without fragment, of the characters that URIs have');
  const separator = text.indexOf('://');
  if (separator < 0) throw refused('expected kbs:// or kbs+plugin://');
  const plugin = pluginOf(text.slice(0, separator));
  const rest = text.slice(separator + 3);
  const question = rest.indexOf('?');
  const beforeQuery = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? undefined : rest.slice(question + 1);
  const slash = beforeQuery.indexOf('/');
  if (slash < 0 || slash === beforeQuery.length - 1) throw refused('expected a path');
  const address = beforeQuery.slice(0, slash);
  if (!ADDRESS.test(address)) throw refused('expected a host, a host with a port, or neither');
  const path = beforeQuery.slice(slash + 1).split('/');
  if (path.some(isDots)) throw refused('expected no segment that is . or ..');
  return { address, plugin, path, query };
}

/**
 * Write a resource URI in its canonical form, in which the plugin `resource` goes without saying.
 *
 * @param uri - the URI in its parts
 */
export function formatResourceUri(uri: ResourceUri): string {
  const scheme = uri.plugin === 'resource' ? 'kbs' : `kbs+${uri.plugin}`;
  return `${scheme}://${uri.address}/${pathAndQuery(uri)}`;
}

/**
 * The path and query of the HTTP request for a resource URI, below the key broker's URL.
 *
 * @param uri - the URI in its parts
 */
export function resourceHttpPath(uri: ResourceUri): string {
  return `/kbs/v0/${uri.plugin}/${pathAndQuery(uri)}`;
}

function pathAndQuery(uri: ResourceUri): string {
  return uri.path.join('/') + (uri.query === undefined ? '' : `?${uri.query}`);
}

function pluginOf(scheme: string): string {
  if (scheme === 'kbs') return 'resource';
  const plugin = scheme.startsWith('kbs+') ? scheme.slice(4) : '';
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(plugin)) throw refused('expected the scheme kbs or kbs+plugin');
  return plugin;
}

/** URL parsers read `.` and `..`, plain or percent-encoded, as steps: the request would go elsewhere. */
function isDots(segment: string): boolean {
  const plain = segment.toLowerCase().replaceAll('%2e', '.');
  return plain === '.' || plain === '..';
}

function refused(message: string): KbsProtocolError {
  return new KbsProtocolError('ERR_KBS_RESOURCE_URI', message);
}

const MAX_CHARACTERS = 4096;

/** RFC 3986 less the number sign. */
const URI_CHARACTERS = /^[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=%]*$/;

/** A name, an IPv4 address or a bracketed IPv6 address, and a port. */
const ADDRESS = /^(?:(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?)?$/;
