import {
  authorizationCodeGrantRequest,
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  processAuthorizationCodeResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import type { Issuer } from './issuer.js';

/**
 * Log in with a browser that comes back to this machine: the authorization code flow (OpenID Connect Core 3.1) with a proof of
 * possession of the code (RFC 7636).
 *
 * @param io - the world
 * @param issuer - where
 * @param redirectUrl - where the browser comes back to; any port when left out
 * @returns the identity token; `undefined` when no browser could be opened, and the issuer takes codes of devices instead
 * @throws {@link CommandError} when nobody comes back.
 */
export async function logInByBrowser(
  io: Io,
  { server, client, auth, options }: Issuer,
  redirectUrl: string | undefined,
): Promise<string | undefined> {
  const [verifier, nonce, state] = [
    generateRandomCodeVerifier(),
    generateRandomNonce(),
    generateRandomState(),
  ];
  const challenge = await calculatePKCECodeChallenge(verifier);
  const listener = await io.awaitRedirect(redirectUrl, state);
  try {
    const address = addressOf(server.authorization_endpoint, {
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: listener.url,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    io.err(`Your browser will now be opened to:\n${address}\n`);
    const isOpened = await io.openBrowser(address);
    if (!isOpened && server.device_authorization_endpoint !== undefined) return undefined;
    const answer = await listener.answer(PATIENCE_MILLISECONDS);
    if (answer === undefined)
      throw new CommandError(
        'nobody logged in within five minutes; `--fulcio-auth-flow device` does without a browser on this machine',
        'ERR_COSIGN_IDENTITY',
        EXIT_FAILURE,
      );
    const given = validateAuthResponse(server, client, answer, state);
    const response = await authorizationCodeGrantRequest(
      server,
      client,
      auth,
      given,
      listener.url,
      verifier,
      options,
    );
    const { id_token: token } = await processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    return token;
  } finally {
    listener.close();
  }
}

function addressOf(endpoint: string | undefined, parameters: Readonly<Record<string, string>>): string {
  const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new CommandError('the issuer names no page to log in at', 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

const PATIENCE_MILLISECONDS = 300_000;
