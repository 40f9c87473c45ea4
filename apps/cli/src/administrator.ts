import { decodeUtf8, encodeBase64url, encodeUtf8 } from '@sealwright/bytes';
import { importPrivateKey, sign } from '@sealwright/crypto';
import { parseWireError } from '@sealwright/kbs-protocol';
import type { Command } from 'commander';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import { tokenIn, urlOf } from './guest.js';
import type { Io } from './io.js';
import { bodyOf } from './body.js';

/** Which key broker, and who asks. */
export interface AdminFlags {
  readonly url: string;
  readonly authPrivateKey?: string;
  readonly authIssuer?: string;
  readonly authAudience?: string;
  readonly authRole: string;
  readonly adminTokenFile?: string;
  readonly json?: boolean;
}

/**
 * Add the flags of commands that act as an administrator.
 *
 * @param to - the command
 */
export function adminFlags(to: Command): Command {
  return to
    .requiredOption('--url <url>', 'the key broker')
    .option(
      '--auth-private-key <file>',
      "the administrator's private key, in PEM: a token is made for this request",
    )
    .option('--auth-issuer <name>', 'who the key broker knows that key by')
    .option('--auth-audience <name>', 'the audience that the key broker asks for, if it does')
    .option('--auth-role <name>', "the administrator's role", 'admin')
    .option('--admin-token-file <file>', 'a token that somebody else made, instead of a key');
}

/**
 * Ask a key broker as its administrator.
 *
 * @param io - the world
 * @param flags - which key broker, and who asks
 * @param method - of HTTP
 * @param path - below `/kbs/v0/`
 * @param body - if there is one
 * @param contentType - of the body
 * @returns the answer
 */
export async function ask(
  io: Io,
  flags: AdminFlags,
  method: string,
  path: string,
  body?: Uint8Array,
  contentType = 'application/octet-stream',
): Promise<string> {
  const url = urlOf(flags.url);
  const headers = new Headers({ authorization: `Bearer ${await tokenOf(io, flags)}` });
  if (body !== undefined) headers.set('content-type', contentType);
  const request = new Request(`${url}/kbs/v0/${path}`, {
    method,
    headers,
    redirect: 'error', // neither token nor secret goes to another place
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  const response = await io.fetch(request).catch(() => {
    throw new CommandError(
      `${url} cannot be reached: is the key broker running?`,
      'ERR_KBS_NETWORK',
      EXIT_FAILURE,
    );
  });
  const answer = await about('the answer of the key broker', () => bodyOf(response, 1 << 20));
  if (response.ok) return decodeUtf8(answer);
  throw new CommandError(
    `the key broker answered ${response.status}: ${reasonOf(answer)}`,
    'ERR_KBS_REFUSED',
    EXIT_FAILURE,
  );
}

async function tokenOf(io: Io, flags: AdminFlags): Promise<string> {
  if (flags.adminTokenFile !== undefined && flags.authPrivateKey !== undefined)
    throw new CommandError('give --auth-private-key or --admin-token-file, not both');
  if (flags.adminTokenFile !== undefined) return tokenIn(io, flags.adminTokenFile);
  const { authPrivateKey, authIssuer, authAudience, authRole } = flags;
  if (authPrivateKey === undefined) {
    throw new CommandError('an administrator needs --auth-private-key or --admin-token-file');
  }
  const pem = await io.readFile(authPrivateKey);
  const key = await about(authPrivateKey, () => importPrivateKey(decodeUtf8(pem)));
  const alg = ALGORITHMS.get(key.kind);
  if (alg === undefined)
    throw new CommandError(`a token cannot be signed with a key of the kind ${key.kind} yet`);
  const part = (value: object): string => encodeBase64url(encodeUtf8(JSON.stringify(value)));
  const exp = Math.floor(io.now() / 1000) + LIFETIME_SECONDS;
  const claims = { iss: authIssuer, aud: authAudience, role: authRole, exp };
  const signed = `${part({ alg, typ: 'JWT' })}.${part(claims)}`;
  const signature = await sign(key, encodeUtf8(signed), key.kind === 'ed25519' ? {} : { encoding: 'raw' });
  return `${signed}.${encodeBase64url(signature)}`;
}

/** What a server says goes to a terminal: one short line of plain characters. */
function reasonOf(body: Uint8Array): string {
  try {
    const { name, detail } = parseWireError(body);
    return printable(`${name}: ${detail}`);
  } catch {
    return printable(new TextDecoder().decode(body));
  }
}

function printable(text: string): string {
  return text.slice(0, 300).replace(/[^\x20-\x7e]/g, '?');
}

/** A token is for one request. */
const LIFETIME_SECONDS = 300;
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['ed25519', 'EdDSA'],
  ['ec-p256', 'ES256'],
  ['ec-p384', 'ES384'],
  ['ec-p521', 'ES512'],
]);
