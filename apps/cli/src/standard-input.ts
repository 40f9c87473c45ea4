import { buffer } from 'node:stream/consumers';

/**
 * All of standard input, however slowly it comes. Nothing is left for whoever asks again.
 *
 * A synchronous read would not do: it fails when nothing is there yet and the other side of the pipe does not block.
 */
export async function readStandardInput(): Promise<Uint8Array> {
  return process.stdin.readableEnded ? new Uint8Array() : buffer(process.stdin);
}
