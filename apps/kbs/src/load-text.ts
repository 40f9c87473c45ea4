import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Gives the text behind a path, a `file://` URI or an `https://` URI that the configuration names. */
export type LoadText = (uri: string) => Promise<string>;

/**
 * Load what the configuration names, once, at the start: 1 MiB at most, 10 seconds, no redirects.
 *
 * @param uri - a path, `file://` or `https://`
 */
export async function loadText(uri: string): Promise<string> {
  if (!uri.startsWith('https://')) {
    const text = await readFile(uri.startsWith('file://') ? fileURLToPath(uri) : uri, 'utf8');
    if (text.length > MAX_CHARACTERS) throw new Error(`${uri} is longer than ${MAX_CHARACTERS} characters`);
    return text;
  }
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
  if (!response.ok || response.body === null) throw new Error(`${uri} answered ${response.status}`);
  const chunks: string[] = [];
  let length = 0;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    length += chunk.length;
    if (length > MAX_CHARACTERS) throw new Error(`${uri} is longer than ${MAX_CHARACTERS} characters`);
    chunks.push(chunk);
  }
  return chunks.join('');
}

const MAX_CHARACTERS = 1 << 20;
