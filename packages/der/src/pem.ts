import { type Bytes, BytesError, decodeBase64, encodeBase64, mustFit } from '@sealwright/bytes';
import { DerError } from './errors.js';

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands between `-----BEGIN ` and `-----`, such as `PUBLIC KEY`. */
  readonly label: string;
  /** What the block holds. */
  readonly bytes: Bytes;
}

/** Caps of {@link decodePem}. */
export interface PemOptions {
  /** Cap on the text, in UTF-16 code units. Default 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * Read all blocks of a PEM text (RFC 7468, lax about line length and blanks inside the base64, as files in the wild are).
 * Text around the blocks is ignored, as OpenSSL and Go do; headers inside a block are refused.
 *
 * @param text - the text; no block at all gives an empty list
 * @param options - caps
 * @throws {@link DerError} `ERR_DER_PEM` or `ERR_DER_LIMIT`.
 *
 * @example
 * ```ts
 * const [block] = decodePem('-----BEGIN DATA-----\nAQID\n-----END DATA-----\n');
 * console.log(block?.label, block?.bytes.length); // DATA 3
 * ```
 */
export function decodePem(text: string, options: PemOptions = {}): PemBlock[] {
  try {
    mustFit(text, options.maxBytes ?? 1 << 20, 'a PEM text');
  } catch (cause) {
    throw new DerError('ERR_DER_LIMIT', 'a PEM text is too long', { cause });
  }
  const blocks: PemBlock[] = [];
  let open: { label: string; offset: number; base64: string[] } | undefined;
  let offset = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (open === undefined) {
      const label = between(line, '-----BEGIN ');
      if (label !== undefined) open = { label, offset, base64: [] };
    } else if (line.startsWith('-----')) {
      if (between(line, '-----END ') !== open.label) {
        throw new DerError('ERR_DER_PEM', 'a PEM block ends with the label that it began with', { offset });
      }
      blocks.push({ label: open.label, bytes: decode(open.base64.join(''), open.offset) });
      open = undefined;
    } else open.base64.push(line);
    offset += raw.length + 1;
  }
  if (open !== undefined)
    throw new DerError('ERR_DER_PEM', 'a PEM block does not end', { offset: open.offset });
  return blocks;
}

/**
 * Write one PEM block: lines of 64 characters, a newline at the end.
 *
 * @param label - such as `PUBLIC KEY`
 * @param bytes - what it holds
 */
export function encodePem(label: string, bytes: Uint8Array): string {
  const base64 = encodeBase64(bytes);
  const lines: string[] = [];
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64));
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function between(line: string, start: string): string | undefined {
  if (!line.startsWith(start) || !line.endsWith('-----') || line.length < start.length + 5) return undefined;
  return line.slice(start.length, -5);
}

function decode(base64: string, offset: number): Bytes {
  try {
    return decodeBase64(base64.replaceAll(' ', '').replaceAll('\t', ''));
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new DerError('ERR_DER_PEM', 'a PEM block holds base64', { offset, cause });
  }
}
