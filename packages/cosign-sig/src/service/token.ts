/**
 * Where identity tokens come from.
 *
 * @module
 */
import { BytesError, decodeUtf8 } from '@sealwright/bytes';
import { isJsonObject, JsonError, parseJson } from '@sealwright/json';
import { CosignError } from '../errors.js';
import { askService, type ServiceOptions } from './exchange.js';

/** Something that may have an identity token. */
export interface TokenProvider {
  /** Its name, as cosign has it. */
  readonly name: string;
  /**
   * The token; `undefined` where this is not the place to get one.
   *
   * @param audience - whom the token is for
   */
  token(audience: string): Promise<string | undefined>;
}

/** The audience of tokens for Sigstore. */
export const SIGSTORE_AUDIENCE = 'sigstore';

/** Where cosign and Tekton Chains look for a token that Kubernetes projects. */
export const TOKEN_FILE = '/var/run/sigstore/cosign/oidc-token';

/**
 * The first token that any provider has.
 *
 * @param providers - in the order to ask
 * @param audience - whom the token is for. Default {@link SIGSTORE_AUDIENCE}.
 * @throws {@link CosignError} `ERR_COSIGN_IDENTITY` when none has one.
 */
export async function firstToken(
  providers: readonly TokenProvider[],
  audience: string = SIGSTORE_AUDIENCE,
): Promise<string> {
  for (const provider of providers) {
    const token = await provider.token(audience);
    if (token !== undefined && token !== '') return token;
  }
  const asked = providers.map(({ name }) => name).join(', ');
  throw new CosignError('ERR_COSIGN_IDENTITY', `nobody has an identity token; asked: ${asked}`);
}

/**
 * A token in a file: of a service account, projected by Kubernetes, or written by whoever else.
 *
 * @param read - reads a file; `undefined` when there is none
 * @param path - of the file. Default {@link TOKEN_FILE}.
 */
export function fileToken(
  read: (path: string) => Promise<Uint8Array | undefined>,
  path: string = TOKEN_FILE,
): TokenProvider {
  return {
    name: 'filesystem',
    token: async () => {
      const bytes = await read(path);
      if (bytes === undefined) return undefined;
      try {
        return decodeUtf8(bytes).trim();
      } catch (error) {
        if (!(error instanceof BytesError)) throw error;
        throw new CosignError('ERR_COSIGN_IDENTITY', `${path} holds no token`);
      }
    },
  };
}

/**
 * A token in the environment: `SIGSTORE_ID_TOKEN`, which GitLab and others set.
 *
 * @param environment - variables
 * @param variable - which of them. Default `SIGSTORE_ID_TOKEN`.
 */
export function environmentToken(
  environment: Readonly<Record<string, string | undefined>>,
  variable = 'SIGSTORE_ID_TOKEN',
): TokenProvider {
  return { name: 'envvar', token: async () => environment[variable]?.trim() };
}

/**
 * A token of GitHub Actions, for jobs that may ask for one (`id-token: write`).
 *
 * @param environment - variables of the job
 * @param service - how to send the request
 */
export function githubToken(
  environment: Readonly<Record<string, string | undefined>>,
  service: Omit<ServiceOptions, 'url'>,
): TokenProvider {
  return {
    name: 'github-actions',
    token: async (audience) => {
      const url = environment['ACTIONS_ID_TOKEN_REQUEST_URL'];
      const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
      if (url === undefined || bearer === undefined) return undefined;
      const path = `${url.includes('?') ? '&' : '?'}audience=${encodeURIComponent(audience)}`;
      const headers = { authorization: `bearer ${bearer}` };
      const { bytes } = await askService({ ...service, url }, { path, headers, maxBytes: 64 << 10 });
      return tokenIn(bytes, 'value');
    },
  };
}

/**
 * A token of the SPIFFE workload interface, which speaks gRPC over a socket: whoever can do that gives a function.
 *
 * @param fetchJwtSvid - asks for a JWT-SVID; `undefined` where there is no workload interface
 */
export function spiffeToken(fetchJwtSvid: (audience: string) => Promise<string | undefined>): TokenProvider {
  return { name: 'spiffe', token: fetchJwtSvid };
}

function tokenIn(bytes: Uint8Array, member: string): string {
  try {
    const json = parseJson(bytes);
    const token = isJsonObject(json) ? json[member] : undefined;
    if (typeof token === 'string') return token;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new CosignError('ERR_COSIGN_IDENTITY', 'the answer holds no token');
}
