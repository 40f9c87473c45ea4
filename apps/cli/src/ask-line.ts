import type { Readable } from 'node:stream';

/**
 * Ask for one line: of the terminal, else of what is piped in. The lines after it are left to whoever asks next.
 *
 * @param question - what is asked
 * @param streams - whose terminal it is
 * @returns `undefined` when nothing is there
 */
export async function askLine(
  question: string,
  { stdin, stderr }: Streams = process,
): Promise<string | undefined> {
  stderr.write(question);
  const line = stdin.readableEnded ? undefined : await firstLine(stdin);
  if (stdin.isTTY !== true) stderr.write('\n'); // nobody typed one
  return line;
}

interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown };
}

function firstLine(stdin: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    let read = Buffer.alloc(0);
    const finish = (length: number): void => {
      stdin.off('data', more);
      stdin.off('end', ended);
      stdin.off('error', ended);
      stdin.pause();
      const rest = read.subarray(length + 1);
      if (rest.byteLength > 0) stdin.unshift(rest);
      resolve(read.byteLength === 0 ? undefined : read.subarray(0, length).toString());
    };
    const more = (chunk: Buffer): void => {
      read = Buffer.concat([read, chunk]);
      const end = read.indexOf(NEWLINE);
      if (end >= 0 || read.byteLength > MAX_LINE) finish(end < 0 ? read.byteLength : end);
    };
    const ended = (): void => finish(read.byteLength);
    stdin.on('data', more);
    stdin.on('end', ended);
    stdin.on('error', ended);
    stdin.resume();
  });
}

const NEWLINE = 0x0a;
const MAX_LINE = 4096;
