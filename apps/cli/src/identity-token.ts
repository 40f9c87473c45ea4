import { decodeUtf8 } from '@sealwright/bytes';
import {
  environmentToken,
  fileToken,
  firstToken,
  githubToken,
  readTokenClaims,
  type TokenProvider,
} from '@sealwright/cosign-sig';
import { CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import type { SigningFlags } from './signing-flags.js';

/**
 * Who signs, where that is said by a token: the one that is given, else that of the surroundings, else that of whoever logs in.
 *
 * @param io - the world
 * @param flags - of the command line
 * @param configuredIssuer - where to log in, as the signing config has it
 * @throws {@link CommandError} `ERR_COSIGN_IDENTITY` when there is none.
 */
export async function identityTokenOf(
  io: Io,
  flags: SigningFlags,
  configuredIssuer: string | undefined,
): Promise<string> {
  const given = flags.identityToken;
  if (given !== undefined) {
    if (isToken(given)) return given;
    const bytes = await io.readFile(given);
    return decodeUtf8(bytes).trim();
  }
  const providers = providersOf(io).filter(
    ({ name }) => flags.oidcProvider === undefined || name === flags.oidcProvider,
  );
  try {
    return await firstToken(flags.oidcDisableAmbientProviders === true ? [] : providers);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_COSIGN_IDENTITY')) throw error;
    const flow = flags.fulcioAuthFlow ?? (io.isTerminal() ? 'normal' : 'token');
    if (flow !== 'token') return loggedIn(io, flags, configuredIssuer, flow === 'device');
    const message = `${error.message}; give --identity-token or --key, or log in with --fulcio-auth-flow device`;
    throw new CommandError(message, 'ERR_COSIGN_IDENTITY', EXIT_FAILURE);
  }
}

async function loggedIn(
  io: Io,
  flags: SigningFlags,
  configuredIssuer: string | undefined,
  device: boolean,
): Promise<string> {
  const { oidcClientSecretFile, oidcRedirectUrl } = flags;
  const secret =
    oidcClientSecretFile === undefined
      ? undefined
      : decodeUtf8(await io.readFile(oidcClientSecretFile)).trim();
  return (await import('./log-in/log-in.js')).logIn(io, {
    issuer: flags.oidcIssuer ?? configuredIssuer ?? 'https://oauth2.sigstore.dev/auth',
    clientId: flags.oidcClientId ?? 'sigstore',
    ...(secret === undefined ? {} : { clientSecret: secret }),
    ...(oidcRedirectUrl === undefined ? {} : { redirectUrl: oidcRedirectUrl }),
    device,
  });
}

function isToken(text: string): boolean {
  try {
    readTokenClaims(text);
    return true;
  } catch {
    return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text) && text.length > 128;
  }
}

function providersOf(io: Io): readonly TokenProvider[] {
  const read = async (path: string): Promise<Uint8Array | undefined> =>
    (await io.exists(path)) ? io.readFile(path) : undefined;
  return [
    githubToken(io.env, { fetch: (request) => io.fetch(request) }),
    fileToken(read),
    environmentToken(io.env),
  ];
}
