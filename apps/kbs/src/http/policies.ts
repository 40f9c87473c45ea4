/**
 * The endpoints of administrators that are not resources.
 *
 * @module
 */
import { BytesError, decodeBase64url, decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { wireErrors } from '@sealwright/kbs-protocol';
import { KbsError } from '../errors.js';
import { RESOURCE_POLICY_ID } from '../policy/active-policy.js';
import { adminGate, auditChange } from './admin-gate.js';
import { done, json, refuse } from './answer.js';
import { readBody } from './body.js';
import type { KbsDependencies } from './dependencies.js';
import type { Route } from './route.js';

/** `GET` and `POST /kbs/v0/resource-policy`. */
export async function resourcePolicy(
  deps: KbsDependencies,
  request: Request,
  route: Route,
): Promise<Response> {
  const gate = await adminGate(deps, request, route);
  if (!gate.open) return refuse(wireErrors.adminAccess(route.endpoint, gate.reason));
  if (request.method === 'GET') return json(JSON.stringify([RESOURCE_POLICY_ID]));
  const body = await readBody(request, deps.maxBodyBytes);
  try {
    const version = await deps.policy.replace(policyText(body));
    auditChange(deps, request, route, { who: gate.who, decision: 'done', reason: 'stored', version });
    return done();
  } catch (cause) {
    if (!(cause instanceof KbsError) || !cause.code.startsWith('ERR_KBS_POLICY')) throw cause;
    auditChange(deps, request, route, { who: gate.who, decision: 'refused', reason: cause.code });
    // The document itself was wrong, or else its wrapping.
    const isContent = cause.code === 'ERR_KBS_POLICY';
    return refuse(isContent ? wireErrors.policyEngine(cause.message) : wireErrors.parsePolicy(cause.message));
  }
}

/** `POST /kbs/v0/attestation-policy` and everything of `reference-value`: not yet, and said so. */
export async function notYet(deps: KbsDependencies, request: Request, route: Route): Promise<Response> {
  const gate = await adminGate(deps, request, route);
  if (!gate.open) return refuse(wireErrors.adminAccess(route.endpoint, gate.reason));
  auditChange(deps, request, route, { who: gate.who, decision: 'refused', reason: 'not_built_in_yet' });
  return route.endpoint === 'attestation-policy'
    ? refuse(wireErrors.parsePolicy('attestation policies cannot be replaced yet'))
    : refuse(
        wireErrors.rvps(
          'the reference value provider is not built in yet; see [sealwright.reference_values]',
        ),
      );
}

/** The text of an upload, `{"policy":"<base64url>"}`. */
function policyText(body: Uint8Array): string {
  try {
    const upload = parseJson(body, { maxBytes: MAX_UPLOAD_BYTES, maxDepth: 8 });
    const policy = isJsonObject(upload) ? upload['policy'] : undefined;
    if (typeof policy !== 'string')
      throw new KbsError('ERR_KBS_POLICY_UPLOAD', 'expected {"policy":"<base64url>"}');
    return decodeUtf8(decodeBase64url(policy));
  } catch (cause) {
    if (cause instanceof JsonError)
      throw new KbsError('ERR_KBS_POLICY_UPLOAD', `the body is JSON: ${cause.message}`, { cause });
    if (!(cause instanceof BytesError)) throw cause;
    throw new KbsError('ERR_KBS_POLICY_UPLOAD', 'policy is base64url, without padding, of UTF-8', { cause });
  }
}

const MAX_UPLOAD_BYTES = 0x20_0000;
