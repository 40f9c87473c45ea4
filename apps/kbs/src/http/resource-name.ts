import { formatResourcePath, KbsProtocolError, parseResourcePath } from '@sealwright/kbs-protocol';
import type { Route } from './route.js';

/**
 * The path of a resource: exactly three segments of the grammar, none with a slash that was percent-encoded.
 *
 * @param route - the route
 * @returns undefined for anything else
 */
export function resourceName(route: Route): string | undefined {
  if (route.path.length !== 3 || route.path.some((segment) => segment.includes('/'))) return undefined;
  try {
    return formatResourcePath(parseResourcePath(route.path.join('/')));
  } catch (cause) {
    if (cause instanceof KbsProtocolError) return undefined;
    throw cause;
  }
}
