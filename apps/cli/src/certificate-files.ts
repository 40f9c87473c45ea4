import { type Bytes, decodeUtf8 } from '@sealwright/bytes';
import { decodePem } from '@sealwright/der';
import { about, CommandError, EXIT_FAILURE } from './failure.js';
import type { Io } from './io.js';

/**
 * The certificates in a file of PEM, DER; other blocks are passed over.
 *
 * @param io - the world
 * @param path - of the file
 * @returns at least one
 * @throws {@link CommandError}
 */
export async function certificatesIn(io: Io, path: string): Promise<readonly [Bytes, ...Bytes[]]> {
  const bytes = await io.readFile(path);
  const [first, ...more] = await about(path, () =>
    decodePem(decodeUtf8(bytes))
      .filter(({ label }) => label === 'CERTIFICATE')
      .map(({ bytes: der }) => der),
  );
  if (first !== undefined) return [first, ...more];
  throw new CommandError(`${path}: there is no certificate in it`, 'ERR_CLI_FILE', EXIT_FAILURE);
}

/**
 * A certificate of a file: DER, or the first block of PEM.
 *
 * @param bytes - of the file
 */
export function derOf(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0x2d ? (decodePem(decodeUtf8(bytes))[0]?.bytes ?? bytes) : bytes;
}
