import { setTimeout as pause } from 'node:timers/promises';
import {
  calculatePKCECodeChallenge,
  deviceAuthorizationRequest,
  deviceCodeGrantRequest,
  generateRandomCodeVerifier,
  processDeviceAuthorizationResponse,
  processDeviceCodeResponse,
  ResponseBodyError,
} from 'oauth4webapi';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import type { Issuer } from './issuer.js';

/**
 * Log in with a browser anywhere, by a code that is shown here (RFC 8628).
 *
 * @param io - the world
 * @param issuer - where
 * @returns the identity token
 * @throws {@link CommandError} when the issuer does not offer it, or nobody logs in.
 */
export async function logInByDevice(
  io: Io,
  { server, client, auth, options }: Issuer,
): Promise<string | undefined> {
  if (server.device_authorization_endpoint === undefined)
    throw new CommandError('the issuer takes no codes of devices', 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
  const verifier = generateRandomCodeVerifier();
  const parameters = {
    scope: 'openid email',
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  const asked = await deviceAuthorizationRequest(server, client, auth, parameters, options);
  const device = await processDeviceAuthorizationResponse(server, client, asked);
  const address = device.verification_uri_complete ?? device.verification_uri;
  io.err(
    `Enter the code ${printable(device.user_code)} in a browser at: ${printable(address)}\nIt is good for ${device.expires_in} seconds.\n`,
  );
  const deadline = io.now() + Math.min(device.expires_in, MAX_SECONDS) * 1000;
  for (let interval = device.interval ?? 5; io.now() < deadline;) {
    await pause(interval * 1000);
    const more = { ...options, additionalParameters: { code_verifier: verifier } };
    const response = await deviceCodeGrantRequest(server, client, auth, device.device_code, more);
    try {
      return (await processDeviceCodeResponse(server, client, response)).id_token;
    } catch (error) {
      const reason = error instanceof ResponseBodyError ? error.error : undefined;
      if (reason === 'slow_down') interval += 5;
      else if (reason !== 'authorization_pending') throw error;
    }
  }
  throw new CommandError('nobody entered the code in time', 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
}

const MAX_SECONDS = 1800;
