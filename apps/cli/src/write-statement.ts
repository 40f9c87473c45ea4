import { encodeUtf8 } from '@sealwright/bytes';
import { encodeEnvelope, signEnvelope } from '@sealwright/in-toto';
import type { Command } from 'commander';
import { print } from './command.js';
import type { Io } from './io.js';
import { signerOf } from './keys.js';

/** The flags that say where a statement goes, and by whom it is signed. */
export interface StatementFlags {
  readonly key?: string;
  readonly output?: string;
  readonly json?: boolean;
}

/**
 * Add the flags that say where a statement goes, and by whom it is signed.
 *
 * @param to - the command
 */
export function statementFlags(to: Command): Command {
  return to
    .option(
      '--key <key>',
      'sign it, into a DSSE envelope: a file, or env://NAME; COSIGN_PASSWORD is its password',
    )
    .option('--output <file>', 'where to write it; standard output, without it');
}

/**
 * Write a statement: as it is, or in an envelope that a key signed.
 *
 * @param io - the world
 * @param statement - its bytes
 * @param flags - of the command line
 */
export async function writeStatement(
  io: Io,
  statement: Uint8Array,
  { key, output, json }: StatementFlags,
): Promise<void> {
  const bytes = key === undefined ? statement : await signed(io, statement, key);
  if (output === undefined) {
    io.outBytes(bytes);
    if (json !== true) io.out('\n');
    return;
  }
  await io.writeFiles([{ path: output, bytes, mode: 0o644 }]);
  print(io, json, { output, bytes: bytes.byteLength }, `written to ${output}\n`);
}

async function signed(io: Io, payload: Uint8Array, key: string): Promise<Uint8Array> {
  const signer = await signerOf(io, key);
  return encodeUtf8(encodeEnvelope(await signEnvelope({ payload, signers: [signer] })));
}
