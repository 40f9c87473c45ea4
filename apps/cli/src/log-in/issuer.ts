import { BytesError, decodeUtf8 } from '@sealwright/bytes';
import {
  allowInsecureRequests,
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  type CustomFetchOptions,
  discoveryRequest,
  None,
  processDiscoveryResponse,
} from 'oauth4webapi';
import { bodyOf } from '../body.js';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';

/** Where to log in, and as which program. */
export interface LogInOptions {
  /** The issuer of identity tokens. */
  readonly issuer: string;
  /** The program, as it is known there. */
  readonly clientId: string;
  /** What proves that it is that program; `undefined` for one that keeps no secrets. */
  readonly clientSecret?: string;
  /** Where the browser is sent back to, on this machine; any port when left out. */
  readonly redirectUrl?: string;
}

/** An issuer that was found, and how it is asked. */
export interface Issuer {
  readonly server: AuthorizationServer;
  readonly client: Client;
  readonly auth: ClientAuth;
  readonly options: {
    readonly [customFetch]: (
      url: string,
      request: CustomFetchOptions<string, URLSearchParams | undefined>,
    ) => Promise<Response>;
    readonly [allowInsecureRequests]: boolean;
  };
}

/**
 * Ask an issuer where its endpoints are (OpenID Connect Discovery 1.0).
 *
 * @param io - the world
 * @param options - which issuer
 * @throws {@link CommandError} for an address that anybody on the way could answer for.
 */
export async function findIssuer(io: Io, { issuer, clientId, clientSecret }: LogInOptions): Promise<Issuer> {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isHere = url?.protocol === 'http:' && HERE.has(url.hostname);
  if (url === undefined || (url.protocol !== 'https:' && !isHere))
    throw new CommandError(`--oidc-issuer is an https:// address, not ${JSON.stringify(issuer)}`);
  const options = {
    [customFetch]: (asked: string, request: CustomFetchOptions<string, URLSearchParams | undefined>) =>
      ask(io, asked, request),
    [allowInsecureRequests]: isHere,
  };
  const server = await processDiscoveryResponse(url, await discoveryRequest(url, options));
  return { server, client: { client_id: clientId }, auth: authOf(server, clientSecret), options };
}

/** What a library reads whole is cut off before it grows. */
async function ask(
  io: Io,
  url: string,
  { method, headers, body, redirect }: CustomFetchOptions<string, URLSearchParams | undefined>,
): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const response = await io.fetch(
    new Request(url, { method, headers, redirect, signal, ...(body === undefined ? {} : { body }) }),
  );
  return new Response(await textOf(response), response);
}

async function textOf(response: Response): Promise<string> {
  try {
    return decodeUtf8(await bodyOf(response, MAX_ANSWER));
  } catch (error) {
    if (!(error instanceof BytesError)) throw error;
    const message = `the issuer of identity tokens answers nonsense: ${error.message}`;
    throw new CommandError(message, 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
  }
}

function authOf(server: AuthorizationServer, secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') ? ClientSecretBasic(secret) : ClientSecretPost(secret);
}

/** Names of this machine, between which and itself nobody listens. */
const HERE: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const MAX_ANSWER = 1 << 20;
const PATIENCE_MILLISECONDS = 30_000;
