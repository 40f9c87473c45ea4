import { decodeUtf8 } from '@sealwright/bytes';
import { parseJson } from '@sealwright/json';
import {
  parsePayload,
  parseSealedSecret,
  SealedSecretError,
  type SealedSecretPayload,
  verifySealedSecret,
} from '@sealwright/sealed-secret';
import type { Command } from 'commander';
import { command, print, table } from '../command.js';
import { CommandError } from '../failure.js';
import type { Io } from '../io.js';
import { guestClient, writeValue } from '../guest.js';

interface UnsealFlags {
  readonly key?: string;
  readonly dangerouslySkipVerification?: boolean;
  readonly kbsUrl?: string;
  readonly initData?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/** `unseal`: what a sealed secret says, and with a key broker its value. */
export function unseal(io: Io): Command {
  return command(
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
    .option('--init-data <file>', 'init-data to attest with')
    .option('--output <file>', 'write the value here, mode 0600, instead of standard output')
    .action(async (file: string, options: UnsealFlags) => {
      const text = decodeUtf8(await io.readFile(file)).trim();
      const payload = await payloadOf(io, text, options);
      if (options.kbsUrl === undefined) {
        print(
          io,
          options.json,
          { verified: options.key !== undefined, ...payload },
          told(payload, options.key !== undefined),
        );
        return;
      }
      if (payload.type !== 'vault' || payload.provider !== 'kbs') {
        throw new CommandError(`a value of the provider ${payload.provider} cannot be fetched yet`);
      }
      const value = await (await guestClient(io, options.kbsUrl, options.initData)).getResource(payload.name);
      await writeValue(io, value, options.output);
    });
}

async function payloadOf(io: Io, text: string, options: UnsealFlags): Promise<SealedSecretPayload> {
  const { key } = options;
  if (key !== undefined) {
    const jwk = parseJson(await io.readFile(key));
    return (await verifySealedSecret(text, { keyResolver: () => Promise.resolve(jwk) })).payload;
  }
  if (options.dangerouslySkipVerification !== true) {
    throw new CommandError('--key is needed: without it, anybody may have written this');
  }
  return unverified(text);
}

/** The unsigned form has no header to read. */
function unverified(text: string): SealedSecretPayload {
  try {
    return parsePayload(parseSealedSecret(text).payload);
  } catch (error) {
    const parts = text.split('.');
    if (!(error instanceof SealedSecretError) || parts.length !== 4) throw error;
    return parsePayload(Buffer.from(parts[2] ?? '', 'base64url'));
  }
}

function told(payload: SealedSecretPayload, verified: boolean): string {
  return table([
    ['signature', verified ? 'holds' : 'NOT VERIFIED'],
    ['type', payload.type],
    ['provider', payload.provider],
    [payload.type === 'vault' ? 'name' : 'key id', payload.type === 'vault' ? payload.name : payload.keyId],
  ]);
}
