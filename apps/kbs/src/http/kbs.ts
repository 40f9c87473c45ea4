import { wireErrors } from '@sealwright/kbs-protocol';
import { KbsError } from '../errors.js';
import { plain, refuse } from './answer.js';
import type { KbsDependencies } from './dependencies.js';
import { attest, auth } from './handshake.js';
import { notYet, resourcePolicy } from './policies.js';
import { resource } from './resource.js';
import { routeOf, type Route } from './route.js';

/**
 * The key broker's endpoints as one function.
 *
 * @param deps - what they work with
 */
export function createKbs(deps: KbsDependencies): (request: Request) => Promise<Response> {
  const { log, metrics, now } = deps;
  return async (request) => {
    const began = now();
    const url = new URL(request.url);
    metrics.requests.inc();
    metrics.active.inc();
    const response = await answered(deps, request, url).finally(() => metrics.active.dec());
    const duration = now() - began;
    metrics.seconds.observe(duration / 1000);
    const agent = request.headers.get('user-agent')?.slice(0, 200);
    log.info(
      { method: request.method, path: url.pathname.slice(0, 1024), status: response.status, duration, agent },
      'request',
    );
    return response;
  };
}

async function answered(deps: KbsDependencies, request: Request, url: URL): Promise<Response> {
  try {
    if (!METHODS.includes(request.method)) return plain(405, '', { allow: METHODS.join(', ') });
    const route = routeOf(url);
    return route === undefined
      ? refuse(wireErrors.invalidRequestPath())
      : await dispatch(deps, request, route);
  } catch (cause) {
    if (cause instanceof KbsError && cause.code === 'ERR_KBS_BODY_LIMIT') {
      return plain(413, cause.message, { connection: 'close' });
    }
    const reason =
      cause instanceof KbsError ? cause.message : cause instanceof Error ? cause.name : 'unknown';
    deps.log.error({ path: url.pathname.slice(0, 1024), reason }, 'failed');
    return plain(500, 'internal error\n');
  }
}

function dispatch(deps: KbsDependencies, request: Request, route: Route): Promise<Response> {
  const endpoint = ENDPOINTS.get(`${request.method} ${route.endpoint}`);
  if (endpoint !== undefined && (route.path.length === 0 || route.endpoint === 'reference-value')) {
    return endpoint(deps, request, route);
  }
  // The name of an endpoint with another method is taken for a plugin's, as the original does.
  if (route.endpoint === 'resource' && deps.resources !== undefined) {
    return resource(deps, deps.resources, request, route);
  }
  return Promise.resolve(refuse(wireErrors.pluginNotFound(route.endpoint.slice(0, 128))));
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

const ENDPOINTS: ReadonlyMap<
  string,
  (deps: KbsDependencies, request: Request, route: Route) => Promise<Response>
> = new Map([
  ['POST auth', auth],
  ['POST attest', attest],
  ['GET resource-policy', resourcePolicy],
  ['POST resource-policy', resourcePolicy],
  ['POST attestation-policy', notYet],
  ['GET reference-value', notYet],
  ['POST reference-value', notYet],
]);
