import { AuthorizationResponseError, OperationProcessingError, ResponseBodyError } from 'oauth4webapi';
import { CommandError, EXIT_FAILURE } from '../failure.js';
import type { Io } from '../io.js';
import { printable } from '../printable.js';
import { logInByBrowser } from './by-browser.js';
import { logInByDevice } from './by-device.js';
import { findIssuer, type LogInOptions } from './issuer.js';

/**
 * Have a person log in, and give the identity token.
 *
 * @param io - the world
 * @param options - where; `device` does without a browser on this machine
 * @throws {@link CommandError} `ERR_COSIGN_IDENTITY`.
 */
export async function logIn(io: Io, options: LogInOptions & { readonly device: boolean }): Promise<string> {
  try {
    const issuer = await findIssuer(io, options);
    const token =
      (options.device ? undefined : await logInByBrowser(io, issuer, options.redirectUrl)) ??
      (await logInByDevice(io, issuer));
    if (token !== undefined) return token;
    throw refusal('the issuer gave no identity token');
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What an issuer says is told, what it gives is not. */
function refusalOf(error: unknown): unknown {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    const why = [error.error, error.error_description ?? ''].filter((part) => part !== '').join(': ');
    return refusal(`the issuer refuses: ${printable(why).slice(0, 512)}`);
  }
  if (error instanceof OperationProcessingError)
    return refusal(`the issuer answers against the rules: ${error.message}`);
  return error;
}

function refusal(message: string): CommandError {
  return new CommandError(message, 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
}
