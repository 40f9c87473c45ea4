import { wireErrors } from '@sealwright/kbs-protocol';
import type { ResourceStore } from '../storage/types.js';
import { adminGate, auditChange } from './admin-gate.js';
import { done, refuse } from './answer.js';
import { readBody } from './body.js';
import type { KbsDependencies } from './dependencies.js';
import { release } from './release.js';
import { resourceName } from './resource-name.js';
import type { Route } from './route.js';

/** The plugin `resource`: GET for attested guests, POST and DELETE for administrators. */
export async function resource(
  deps: KbsDependencies,
  resources: ResourceStore,
  request: Request,
  route: Route,
): Promise<Response> {
  deps.metrics.pluginRequests.inc({ plugin_name: 'resource' });
  const response = await answer(deps, resources, request, route);
  if (response.status !== 200) deps.metrics.pluginErrors.inc({ plugin_name: 'resource' });
  return response;
}

async function answer(
  deps: KbsDependencies,
  resources: ResourceStore,
  request: Request,
  route: Route,
): Promise<Response> {
  if (request.method === 'GET') return release(deps, resources, request, route);
  if (request.method === 'PUT') return refuse(wireErrors.pluginInternal());
  const gate = await adminGate(deps, request, route);
  if (!gate.open) return refuse(wireErrors.adminPluginAccess(gate.reason));
  const path = resourceName(route);
  if (path === undefined) {
    auditChange(deps, request, route, { who: gate.who, decision: 'refused', reason: 'bad_path' });
    return refuse(wireErrors.pluginInternal());
  }
  if (request.method === 'DELETE') {
    const existed = await resources.delete(path);
    auditChange(deps, request, route, {
      who: gate.who,
      decision: existed ? 'done' : 'refused',
      reason: existed ? 'deleted' : 'not_found',
    });
    if (!existed) return refuse(wireErrors.resourceNotFound());
    deps.metrics.deletes.inc({ resource_path: path });
    return done();
  }
  const value = await readBody(request, deps.maxBodyBytes);
  const version = await resources.put(path, value);
  value.fill(0);
  deps.metrics.writes.inc({ resource_path: path });
  auditChange(deps, request, route, { who: gate.who, decision: 'done', reason: 'stored', version });
  return done();
}
