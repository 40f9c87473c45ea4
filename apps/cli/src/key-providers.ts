import { encodeUtf8 } from '@sealwright/bytes';
import { type KeyProviderCall, OciError, parseKeyProviderConfig } from '@sealwright/oci/encryption';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';
import { printable } from './printable.js';

/**
 * The way to a key provider, as the file that `OCICRYPT_KEYPROVIDER_CONFIG` names tells it.
 *
 * @param io - the world
 * @param provider - its name
 */
export async function keyProviderCall(io: Io, provider: string): Promise<KeyProviderCall> {
  const path = io.env[VARIABLE] ?? '';
  if (path === '')
    throw new CommandError(`${VARIABLE} is needed: it names the file that says what runs for ${provider}`);
  const bytes = await io.readFile(path);
  const address = (await about(path, () => parseKeyProviderConfig(bytes))).get(provider);
  if (address === undefined)
    throw new CommandError(`${path}: there is no key provider ${provider}`, CODE, EXIT_FAILURE);
  if (address.kind !== 'cmd')
    throw new CommandError(
      `${path}: the key provider ${provider} is reached by ${address.kind}, which is not supported: give it a cmd`,
      CODE,
      EXIT_FAILURE,
    );
  const { path: program, args } = address;
  return async (request) => {
    const limits = { milliseconds: PATIENCE, maxBytes: MAX_ANSWER };
    const run = { program, args, files: {}, env: 'inherited', input: request, ...limits } as const;
    const ran = await io.run(run);
    if (ran.ended === 'itself' && ran.status === 0) return encodeUtf8(ran.stdout);
    if (ran.ended === 'itself') io.err(printable(ran.stderr.trim()) + (ran.stderr.trim() === '' ? '' : '\n'));
    const why = {
      itself: `ended with status ${'status' in ran ? ran.status : 0}`,
      time: `took over ${PATIENCE / 1000} seconds`,
      output: `wrote over ${MAX_ANSWER} bytes`,
      missing: `cannot be run: is ${program} there?`,
    }[ran.ended];
    // which lets other recipients be tried
    throw new OciError('ERR_OCI_KEY_PROVIDER', `the key provider ${provider} ${why}`);
  };
}

/**
 * A recipient or a key of the form `provider:<name>[:<parameters>]`, as ocicrypt takes it apart.
 *
 * @param text - what follows `provider:`
 */
export function providerParameters(text: string): readonly [name: string, parameters: string] {
  const at = text.indexOf(':');
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, 'Enabled'];
}

const VARIABLE = 'OCICRYPT_KEYPROVIDER_CONFIG';
const CODE = 'ERR_CLI_KEY_PROVIDER';
const PATIENCE = 120_000;
const MAX_ANSWER = 1 << 20;
