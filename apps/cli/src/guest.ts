import { decodeUtf8, encodeBase64 } from '@sealwright/bytes';
import { parseInitData } from '@sealwright/initdata';
import {
  createKbsClient,
  createKbsTokenClient,
  type FetchLike,
  importTeeKey,
  type KbsTokenClient,
} from '@sealwright/kbs-protocol';
import type { Command } from 'commander';
import { about, CommandError } from './failure.js';
import type { Io } from './io.js';

/** How a guest shows what it is. */
export interface GuestFlags {
  readonly initData?: string;
  readonly tokenFile?: string;
  readonly teeKeyFile?: string;
}

/**
 * Add the flags of commands that act as a guest.
 *
 * @param to - the command
 */
export function guestFlags(to: Command): Command {
  return to
    .option('--init-data <file>', 'init-data to attest with')
    .option('--token-file <file>', 'a token of an earlier attestation, instead of attesting')
    .option('--tee-key-file <file>', "the guest's private key that the token names, in PEM")
    .option('--output <file>', 'write the value here, mode 0600, instead of standard output');
}

/**
 * A client that attests with the sample TEE, whose evidence proves nothing, or shows a token.
 *
 * @param io - the world
 * @param url - of the key broker
 * @param flags - how
 */
export async function guestClient(io: Io, url: string, flags: GuestFlags): Promise<KbsTokenClient> {
  const { initData, tokenFile, teeKeyFile } = flags;
  const common = { url: urlOf(url), fetch: fetchOf(io) };
  if ((tokenFile === undefined) !== (teeKeyFile === undefined))
    throw new CommandError('--token-file and --tee-key-file belong together');
  if (tokenFile !== undefined && teeKeyFile !== undefined) {
    if (initData !== undefined)
      throw new CommandError('--init-data is for attesting: a token says it already');
    const token = await tokenIn(io, tokenFile);
    const pem = await io.readFile(teeKeyFile);
    const teeKey = await about(teeKeyFile, () => importTeeKey(decodeUtf8(pem)));
    return createKbsTokenClient({
      ...common,
      resourceAttempts: 1,
      tokenProvider: () => Promise.resolve({ token, teeKey }),
    });
  }
  const toml = initData === undefined ? undefined : await io.readFile(initData);
  if (toml !== undefined) await about(initData ?? '', () => parseInitData(toml));
  return createKbsClient({
    ...common,
    handshakeAttempts: 1,
    attester: {
      tee: 'sample',
      evidence: (reportData) => Promise.resolve({ svn: '1', report_data: encodeBase64(reportData) }),
    },
    ...(toml === undefined ? {} : { initData: decodeUtf8(toml) }),
  });
}

/**
 * The address of a key broker, without a slash at its end.
 *
 * @param url - as given
 */
export function urlOf(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new CommandError('the URL of the key broker is no http or https URL');
  return url.replace(/\/$/, '');
}

/**
 * A token out of a file.
 *
 * @param io - the world
 * @param path - of the file
 */
export async function tokenIn(io: Io, path: string): Promise<string> {
  const bytes = await io.readFile(path);
  const token = await about(path, () => decodeUtf8(bytes).trim());
  if (/^[A-Za-z0-9_-]{1,65536}(?:\.[A-Za-z0-9_-]{0,65536}){2}$/.test(token)) return token;
  throw new CommandError(
    `${path}: this is no token: expected three parts, joined by dots`,
    'ERR_CLI_TOKEN',
    1,
  );
}

/**
 * Give a secret to who asked for it.
 *
 * @param io - the world
 * @param value - the secret
 * @param options - a file in place of standard output; `json` says the rest, and the value if there is no file
 * @param rest - what else there is to say
 */
export async function giveValue(
  io: Io,
  value: Uint8Array,
  options: { readonly output?: string; readonly json?: boolean },
  rest: object,
): Promise<void> {
  const { output } = options;
  if (output !== undefined) await io.writeFiles([{ path: output, bytes: value, mode: 0o600 }]);
  if (options.json === true) {
    const told = output === undefined ? { value: encodeBase64(value) } : { output };
    io.out(`${JSON.stringify({ ...rest, ...told }, null, 2)}\n`);
  } else if (output === undefined) io.outBytes(value);
}

function fetchOf(io: Io): FetchLike {
  return (input, init) => io.fetch(new Request(input, init));
}
