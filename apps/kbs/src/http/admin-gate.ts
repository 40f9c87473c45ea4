import type { AdminIdentity } from '../admin/access.js';
import type { KbsDependencies } from './dependencies.js';
import type { Route } from './route.js';

/** Whether an administrator's request may go on, with the entry for the log either way. */
export type Gate =
  | { readonly open: true; readonly who: AdminIdentity }
  | { readonly open: false; readonly reason: string };

/**
 * Check an administrator before anything of the request is read.
 *
 * @param deps - who decides, and the log
 * @param request - the request
 * @param route - where it goes
 */
export async function adminGate(deps: KbsDependencies, request: Request, route: Route): Promise<Gate> {
  const decision = await deps.admin.check({
    uri: route.uri,
    authorization: request.headers.get('authorization'),
  });
  if (decision.allowed) return { open: true, who: decision.who };
  deps.log.warn(
    {
      who: decision.who,
      method: request.method,
      path: pathOf(route),
      decision: 'refused',
      reason: decision.reason,
    },
    'admin',
  );
  return { open: false, reason: decision.reason };
}

/**
 * Write what an administrator changed, or could not, to the log.
 *
 * @param deps - the log
 * @param request - the request
 * @param route - where it went
 * @param entry - who, and what came of it
 */
export function auditChange(
  deps: KbsDependencies,
  request: Request,
  route: Route,
  entry: {
    readonly who: AdminIdentity;
    readonly decision: 'done' | 'refused';
    readonly reason: string;
    readonly version?: number;
  },
): void {
  deps.log.info({ ...entry, method: request.method, path: pathOf(route) }, 'admin');
}

/** The path of a route for the log, not longer than a path can be. */
export function pathOf(route: Route): string {
  return [route.endpoint, ...route.path].join('/').slice(0, 1024);
}
