import type { CallContext, Implementation, PreparedMethod } from './implement.js';
import type { StatusName } from './status.js';

/** A method that something answers. */
export type Route = PreparedMethod & { readonly handler: (input: unknown, call: CallContext) => unknown };

/** Why there is none, in the words of the Rust server. */
export interface NoRoute {
  readonly status: StatusName;
  readonly message: string;
}

/** Find what answers a method. */
export function findMethod(
  services: ReadonlyMap<string, Implementation>,
  service: string,
  method: string,
): Route | NoRoute {
  const found = services.get(service);
  if (found === undefined) {
    return { status: 'INVALID_ARGUMENT', message: `${shown(service)} service does not exist` };
  }
  const route = found.methods.get(method);
  if (route === undefined) return { status: 'UNIMPLEMENTED', message: `${shown(method)} method` };
  if (!isServed(route)) return { status: 'NOT_FOUND', message: `/${service}/${method} is not supported` };
  return route;
}

function isServed(method: PreparedMethod): method is Route {
  return method.handler !== undefined;
}

/** A name of a client, which may be of any length. */
function shown(name: string): string {
  return name.length <= MAX_SHOWN ? name : `a name of ${name.length} characters:`;
}

const MAX_SHOWN = 256;
