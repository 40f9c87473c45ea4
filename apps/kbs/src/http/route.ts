/** A request's path, taken apart. */
export interface Route {
  /** The first segment: an endpoint of the server, or a plugin. */
  readonly endpoint: string;
  /** The other segments, percent-decoded. */
  readonly path: readonly string[];
  /** The query, the last value of each name. */
  readonly query: Readonly<Record<string, string>>;
  /** Path and query as they stand in the URL, for the rules of administrators. */
  readonly uri: string;
}

/**
 * Take the path of a request apart.
 *
 * @param url - the request's URL, normalized
 * @returns undefined for a path that is not of the protocol
 */
export function routeOf(url: URL): Route | undefined {
  if (!url.pathname.startsWith(PREFIX)) return undefined;
  const segments = url.pathname.slice(PREFIX.length).split('/').map(decoded);
  const [endpoint, ...path] = segments;
  if (endpoint === undefined || endpoint === '' || !isWhole(path)) return undefined;
  const query = Object.create(null) as Record<string, string>;
  for (const [name, value] of url.searchParams) query[name] = value;
  return { endpoint, path, query: { ...query }, uri: url.pathname + url.search };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isWhole(path: readonly (string | undefined)[]): path is readonly string[] {
  return path.every((segment) => segment !== undefined);
}

const PREFIX = '/kbs/v0/';
