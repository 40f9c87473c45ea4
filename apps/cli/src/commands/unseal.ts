import { decodeBase64url, decodeUtf8 } from '@sealwright/bytes';
import { parseJson } from '@sealwright/json';
import { parsePayload, type SealedSecretPayload, verifySealedSecret } from '@sealwright/sealed-secret';
import type { Command } from 'commander';
import { command, print, table } from '../command.js';
import { about, CommandError, EXIT_FAILURE } from '../failure.js';
import { giveValue, guestClient, type GuestFlags, guestFlags } from '../guest.js';
import type { Io } from '../io.js';

interface UnsealFlags extends GuestFlags {
  readonly key?: string;
  readonly dangerouslySkipVerification?: boolean;
  readonly kbsUrl?: string;
  readonly resourceFile?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** `unseal`: what a sealed secret says, and with a key broker its value. */
export function unseal(io: Io): Command {
  const flags = command(
    'unseal <file>',
    'Verify a sealed secret and tell what it names; with --kbs-url, fetch the value as a guest does.',
    [
      'sealwright unseal cosign.key --key sealing-public.json',
      'sealwright unseal cosign.key --key sealing-public.json --kbs-url http://127.0.0.1:8080 --output value',
    ],
  )
    .option('--key <file>', 'public JWK of who sealed')
    .option('--dangerously-skip-verification', 'believe it, whoever wrote it')
    .option('--kbs-url <url>', 'ask this key broker for the value, with the evidence of the sample TEE')
    .option('--resource-file <file>', 'take this for the value, offline');
  return guestFlags(flags).action(async (file: string, options: UnsealFlags) => {
    checkFlags(options);
    const bytes = await io.readFile(file);
    const text = await about(file, () => decodeUtf8(bytes).trim());
    const { kid, payload } = await read(io, { file, text }, options);
    const value = await valueOf(io, payload, options);
    const known = { verified: kid !== undefined, kid, ...shown(payload) };
    if (value !== undefined) await giveValue(io, value, options, known);
    else print(io, options.json, known, told(payload, kid));
  });
}

/** What no flag uses is a mistake, not something to ignore. */
function checkFlags(options: UnsealFlags): void {
  const { kbsUrl, resourceFile, initData, tokenFile, teeKeyFile, output } = options;
  if (kbsUrl !== undefined && resourceFile !== undefined)
    throw new CommandError('give --kbs-url or --resource-file, not both');
  if (kbsUrl === undefined && (initData ?? tokenFile ?? teeKeyFile) !== undefined)
    throw new CommandError('--init-data, --token-file and --tee-key-file need --kbs-url');
  if (kbsUrl === undefined && resourceFile === undefined && output !== undefined)
    throw new CommandError('--output needs --kbs-url or --resource-file: there is no value else');
}

async function valueOf(
  io: Io,
  payload: SealedSecretPayload,
  options: UnsealFlags,
): Promise<Uint8Array | undefined> {
  if (options.kbsUrl === undefined && options.resourceFile === undefined) return undefined;
  if (payload.type !== 'vault') {
    throw new CommandError('the value of an envelope cannot be opened yet', 'ERR_CLI_PROVIDER', EXIT_FAILURE);
  }
  if (options.resourceFile !== undefined) return io.readFile(options.resourceFile);
  if (payload.provider.toLowerCase() !== 'kbs') {
    const reason = `a value of the provider ${JSON.stringify(payload.provider)} cannot be fetched yet`;
    throw new CommandError(reason, 'ERR_CLI_PROVIDER', EXIT_FAILURE);
  }
  return (await guestClient(io, options.kbsUrl ?? '', options)).getResource(payload.name);
}

interface Read {
  /** Where a guest finds the key; only of what was verified. */
  readonly kid?: string;
  readonly payload: SealedSecretPayload;
}

async function read(
  io: Io,
  { file, text }: { readonly file: string; readonly text: string },
  options: UnsealFlags,
): Promise<Read> {
  const { key } = options;
  if (key !== undefined) {
    const bytes = await io.readFile(key);
    const jwk = await about(key, () => parseJson(bytes));
    return about(file, () => verifySealedSecret(text, { keyResolver: () => Promise.resolve(jwk) }));
  }
  if (options.dangerouslySkipVerification !== true) {
    throw new CommandError('--key is needed: without it, anybody may have written this');
  }
  return { payload: await about(file, () => unverified(text)) };
}

/** Four parts, of which only the third is looked at: the unsigned form has no header to read. */
function unverified(text: string): SealedSecretPayload {
  const parts = text.split('.', 5);
  if (parts.length !== 4) {
    throw new CommandError(
      'expected four parts, joined by dots: is this a sealed secret, and is it whole?',
      'ERR_SEALED_FORMAT',
      EXIT_FAILURE,
    );
  }
  return parsePayload(decodeBase64url(parts[2] ?? '', { padding: 'optional' }));
}

/** Bytes of an envelope say nothing to anybody. */
function shown(payload: SealedSecretPayload): object {
  if (payload.type === 'vault') return payload;
  const { type, provider, keyId, wrapType, providerSettings, annotations } = payload;
  return { type, provider, keyId, wrapType, providerSettings, annotations };
}

function told(payload: SealedSecretPayload, kid: string | undefined): string {
  return table([
    ['signature', kid === undefined ? 'NOT VERIFIED' : 'holds'],
    ...(kid === undefined ? [] : [['signed by', kid] as const]),
    ['type', payload.type],
    ['provider', payload.provider],
    [payload.type === 'vault' ? 'name' : 'key id', payload.type === 'vault' ? payload.name : payload.keyId],
  ]);
}
