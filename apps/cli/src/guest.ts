import { decodeUtf8, encodeBase64 } from '@sealwright/bytes';
import { parseInitData } from '@sealwright/initdata';
import { createKbsClient, type KbsClient } from '@sealwright/kbs-protocol';
import { CommandError } from './failure.js';
import type { Io } from './io.js';

/**
 * A client that attests with the sample TEE, whose evidence proves nothing.
 *
 * @param io - the world
 * @param url - of the key broker
 * @param initData - file with init-data to attest with
 */
export async function guestClient(io: Io, url: string, initData: string | undefined): Promise<KbsClient> {
  const toml = initData === undefined ? undefined : await io.readFile(initData);
  if (toml !== undefined) parseInitData(toml);
  return createKbsClient({
    url: urlOf(url),
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
 * Give a secret to who asked for it.
 *
 * @param io - the world
 * @param value - the secret
 * @param output - a file, else standard output
 */
export async function writeValue(io: Io, value: Uint8Array, output: string | undefined): Promise<void> {
  if (output === undefined) io.outBytes(value);
  else await io.writeFile(output, value, 0o600);
}
