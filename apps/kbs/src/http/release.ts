/**
 * A resource for an attested guest: token, policy, key, resource, seal; and one line in the log that says how it went.
 *
 * @module
 */
import type { JsonObject } from '@sealwright/json';
import {
  encodeResponseJwe,
  KbsProtocolError,
  sealResponse,
  teeKeyFromClaims,
  TEE_NAMES,
  verifyToken,
  wireErrors,
  type KbsWireError,
  type TeePublicKey,
} from '@sealwright/kbs-protocol';
import { bearerOf } from '../admin/access.js';
import { KbsError } from '../errors.js';
import { cpuEvidence, type PolicyDecision } from '../policy/resource-policy.js';
import type { ResourceStore } from '../storage/types.js';
import { pathOf } from './admin-gate.js';
import { json, refuse } from './answer.js';
import type { KbsDependencies } from './dependencies.js';
import { resourceName } from './resource-name.js';
import type { Route } from './route.js';

/** `GET /kbs/v0/resource/…`. */
export async function release(
  deps: KbsDependencies,
  resources: ResourceStore,
  request: Request,
  route: Route,
): Promise<Response> {
  const token = await tokenOf(deps, request);
  if ('error' in token) return refused(deps, route, token.error, token.reason);
  const who = holderOf(token.claims, token.via);
  const decision = await decide(deps, route, token.claims);
  if (decision === undefined)
    return refused(deps, route, wireErrors.policyEngine('the evaluation failed'), 'policy_error', who);
  if (!decision.allow) return refused(deps, route, wireErrors.policyDeny(), decision.reason, who);
  const path = resourceName(route);
  if (path === undefined) return refused(deps, route, wireErrors.pluginInternal(), 'bad_path', who);
  const teeKey = teeKeyOf(deps, token.claims);
  if (teeKey === undefined) return refused(deps, route, wireErrors.tokenRefused(), 'no_tee_key', who);
  const stored = await resources.get(path);
  if (stored === undefined) return refused(deps, route, wireErrors.resourceNotFound(), 'not_found', who);
  const body = encodeResponseJwe(await sealResponse(teeKey, stored.value));
  stored.value.fill(0);
  deps.metrics.reads.inc({ resource_path: path });
  const sealedTo = teeKey.key.fingerprint;
  deps.log.info(
    {
      who,
      path: pathOf(route),
      decision: 'released',
      reason: decision.reason,
      version: stored.version,
      sealedTo,
    },
    'resource',
  );
  return json(body);
}

interface FoundToken {
  readonly claims: JsonObject;
  readonly via: 'session' | 'bearer';
}

/** The token of the session, and if that is not good (any more), the bearer token. */
async function tokenOf(
  deps: KbsDependencies,
  request: Request,
): Promise<FoundToken | { readonly error: KbsWireError; readonly reason: string }> {
  const session = await deps.machine.sessionToken(request.headers.get('cookie'));
  const bearer = bearerOf(request.headers.get('authorization'));
  let reason: string | undefined;
  for (const [via, token] of [
    ['session', session],
    ['bearer', bearer],
  ] as const) {
    if (token === undefined) continue;
    try {
      return { claims: (await verifyToken(token, deps.trust, { now: deps.now() })).claims, via };
    } catch (cause) {
      if (!(cause instanceof KbsProtocolError)) throw cause;
      reason = cause.code;
    }
  }
  if (reason === undefined) return { error: wireErrors.tokenNotFound(), reason: 'no_token' };
  return { error: wireErrors.tokenRefused(), reason };
}

async function decide(
  deps: KbsDependencies,
  route: Route,
  claims: JsonObject,
): Promise<PolicyDecision | undefined> {
  const { metrics } = deps;
  metrics.policyEvaluations.inc();
  try {
    const policy = await deps.policy.current();
    const decision = await policy.decide({
      plugin: route.endpoint,
      path: route.path,
      query: route.query,
      claims,
    });
    (decision.allow ? metrics.policyApprovals : metrics.policyViolations).inc();
    return decision;
  } catch (cause) {
    metrics.policyErrors.inc();
    const reason =
      cause instanceof KbsError ? cause.message : cause instanceof Error ? cause.name : 'unknown';
    deps.log.error({ path: pathOf(route), reason }, 'policy_failed');
    return undefined;
  }
}

function teeKeyOf(deps: KbsDependencies, claims: JsonObject): TeePublicKey | undefined {
  try {
    return teeKeyFromClaims(claims, deps.teeKeyPaths);
  } catch (cause) {
    if (cause instanceof KbsProtocolError) return undefined;
    throw cause;
  }
}

function refused(
  deps: KbsDependencies,
  route: Route,
  error: KbsWireError,
  reason: string,
  who: object = {},
): Response {
  deps.log.info({ who, path: pathOf(route), decision: 'refused', reason, error: error.name }, 'resource');
  return refuse(error);
}

/** Who holds a token, as far as it is anybody's business: no nonce, no key, no claims of an application. */
function holderOf(claims: JsonObject, via: string): object {
  const tee = TEE_NAMES.filter((name) => cpuEvidence(claims, name) !== undefined);
  return { via, tee, issuer: claims['iss'] };
}
