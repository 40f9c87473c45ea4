/**
 * Errors as the protocol writes them: one table from what went wrong to status, name and detail.
 *
 * @module
 */
import { isJsonObject } from '@sealwright/json';
import { KbsProtocolError } from './errors.js';
import { own, readJson } from './fields.js';

/** The names that error bodies have. */
export type KbsErrorName =
  | 'AdminAuthInitialization'
  | 'AdminAuthAccess'
  | 'AttestationError'
  | 'HTTPFailed'
  | 'HTTPSFailed'
  | 'InvalidRequestPath'
  | 'JweError'
  | 'PluginManagerInitialization'
  | 'PluginNotFound'
  | 'PluginInternalError'
  | 'PolicyDeny'
  | 'ParsePolicyError'
  | 'PolicyEngineError'
  | 'RvpsError'
  | 'SerdeError'
  | 'StorageBackendInitialization'
  | 'TokenNotFound'
  | 'TokenVerifierError'
  | 'PrometheusError';

/** What a server answers when it refuses. Plain data: the server's log gets the cause, the client does not. */
export interface KbsWireError {
  /** 404 for what does not exist, 401 for everything else. */
  readonly status: 401 | 404;
  /** What went wrong, as clients know it. */
  readonly name: KbsErrorName;
  /** For people. */
  readonly detail: string;
}

/** Every refusal with its exact detail: the one place where failures become wire errors. */
export const wireErrors: {
  /** The challenge could not be made; clients look for the version mismatch in the cause. */
  readonly authFailed: (cause: string) => KbsWireError;
  /** The attestation failed. The cause goes to the log only. */
  readonly attestFailed: () => KbsWireError;
  /** Neither a session with a token nor a bearer token. */
  readonly tokenNotFound: () => KbsWireError;
  /** The token does not verify. */
  readonly tokenRefused: () => KbsWireError;
  /** The resource policy says no. */
  readonly policyDeny: () => KbsWireError;
  /** The resource policy could not be evaluated, or is not one. */
  readonly policyEngine: (cause: string) => KbsWireError;
  /** An uploaded policy is not in its envelope. */
  readonly parsePolicy: (cause: string) => KbsWireError;
  /** No plugin of this name. */
  readonly pluginNotFound: (plugin: string) => KbsWireError;
  /** A plugin failed, or the request is not one that it answers. */
  readonly pluginInternal: () => KbsWireError;
  /** The policy allows it, but there is no such resource. */
  readonly resourceNotFound: () => KbsWireError;
  /** The path is not one of the protocol. */
  readonly invalidRequestPath: () => KbsWireError;
  /** An administrator's request that is refused. */
  readonly adminAccess: (endpoint: string, cause: string) => KbsWireError;
  /** The same on a plugin's path, where the name is another. */
  readonly adminPluginAccess: (cause: string) => KbsWireError;
  /** Reference values could not be read or stored. */
  readonly rvps: (cause: string) => KbsWireError;
  /** The resource could not be sealed to the key in the token. */
  readonly jwe: () => KbsWireError;
} = {
  authFailed: (cause) =>
    refuse('AttestationError', `Attestation error: RCAR handshake Auth failed: ${cause}`),
  attestFailed: () => refuse('AttestationError', 'Attestation error: RCAR handshake Attest failed'),
  tokenNotFound: () => refuse('TokenNotFound', 'Attestation Token not found'),
  tokenRefused: () => refuse('TokenVerifierError', 'Token Verifier error'),
  policyDeny: () => refuse('PolicyDeny', 'Access denied by policy'),
  policyEngine: (cause) => refuse('PolicyEngineError', `Policy engine error: ${cause}`),
  parsePolicy: (cause) => refuse('ParsePolicyError', `Policy error: ${cause}`),
  pluginNotFound: (plugin) => ({ status: 404, name: 'PluginNotFound', detail: `Plugin ${plugin} not found` }),
  pluginInternal: () => refuse('PluginInternalError', 'Plugin internal error'),
  resourceNotFound: () => ({ status: 404, name: 'PluginInternalError', detail: 'Resource not found' }),
  invalidRequestPath: () => ({
    status: 404,
    name: 'InvalidRequestPath',
    detail: 'The request path is illegal',
  }),
  adminAccess: (endpoint, cause) =>
    refuse('AdminAuthAccess', `admin access denied for endpoint ${endpoint}: ${cause}`),
  adminPluginAccess: (cause) =>
    refuse(
      'AdminAuthInitialization',
      `failed to initialize [admin] configuration: Admin access denied: ${cause}`,
    ),
  rvps: (cause) => refuse('RvpsError', `Failed to get reference_values: ${cause}`),
  jwe: () => refuse('JweError', 'JWE error'),
};

/**
 * The body of an error answer.
 *
 * @param error - the refusal
 */
export function encodeWireError(error: KbsWireError): string {
  return JSON.stringify({ type: ERROR_TYPE_PREFIX + error.name, detail: error.detail });
}

/** What an error body says. */
export interface WireErrorBody {
  /** The name: what follows the last slash of the type. */
  readonly name: string;
  /** For people. */
  readonly detail: string;
}

/**
 * Read the body of an error answer.
 *
 * @param input - the body, 64 KiB at most
 * @throws {@link KbsProtocolError} `ERR_KBS_RESPONSE`, or `ERR_KBS_LIMIT`
 */
export function parseWireError(input: string | Uint8Array): WireErrorBody {
  const value = readJson(input, 0x1_0000, 'ERR_KBS_RESPONSE');
  const type = isJsonObject(value) ? own(value, 'type') : undefined;
  const detail = isJsonObject(value) ? own(value, 'detail') : undefined;
  if (typeof type !== 'string' || typeof detail !== 'string') {
    throw new KbsProtocolError('ERR_KBS_RESPONSE', 'expected an error body with type and detail');
  }
  return { name: type.slice(type.lastIndexOf('/') + 1), detail };
}

/** What the `type` of every error body begins with. */
export const ERROR_TYPE_PREFIX = 'https://github.com/confidential-containers/kbs/errors/';

function refuse(name: KbsErrorName, detail: string): KbsWireError {
  return { status: 401, name, detail };
}
