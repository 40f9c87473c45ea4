import { decodeUtf8 } from '@sealwright/bytes';
import { readStandardInput } from './standard-input.js';

/**
 * Ask for something that is not shown: on the terminal, else all that is piped in.
 *
 * @param question - what is asked
 * @returns `undefined` when nobody is there, or nobody wants to answer
 */
export function askSecret(question: string): Promise<string | undefined> {
  return process.stdin.isTTY ? askTerminal(question) : askPipe();
}

/** What a line is so far. */
export interface Line {
  /** The characters, of which a backspace takes one. */
  readonly typed: readonly string[];
  /** Whether somebody ended it, and if so whether to answer. */
  readonly end?: 'answer' | 'leave';
  /** What was typed after its end: it belongs to the next question. */
  readonly rest?: string;
}

/**
 * Type into a line.
 *
 * @param line - what it is so far
 * @param text - what the terminal gave
 */
export function type(line: Line, text: string): Line {
  const typed = [...line.typed];
  let read = 0;
  for (const character of text) {
    read += character.length;
    if (character === '\r' || character === '\n') return { typed, end: 'answer', rest: text.slice(read) };
    if (character === '\u0003' || character === '\u0004')
      return { typed, end: 'leave', rest: text.slice(read) };
    if (character === '\u007f' || character === '\b') typed.pop();
    else typed.push(character);
  }
  return { typed };
}

function askTerminal(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  return new Promise((resolve) => {
    const decoder = new TextDecoder();
    let line: Line = { typed: [] };
    const read = (chunk: Buffer): void => {
      line = type(line, decoder.decode(chunk, { stream: true }));
      if (line.end !== undefined) finish(line.end === 'answer' ? line.typed.join('') : undefined);
    };
    const closed = (): void => finish(undefined);
    const finish = (answer: string | undefined): void => {
      stdin.off('data', read);
      stdin.off('end', closed);
      stdin.setRawMode(false);
      stdin.pause();
      if (line.rest !== undefined && line.rest !== '') stdin.unshift(Buffer.from(line.rest));
      stderr.write('\n');
      resolve(answer);
    };
    stdin.on('data', read);
    stdin.on('end', closed);
    stdin.resume();
  });
}

async function askPipe(): Promise<string | undefined> {
  const text = decodeUtf8(await readStandardInput());
  return text === '' ? undefined : text;
}
