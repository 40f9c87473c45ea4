import { type Bytes, copyBytes, decodeUtf8, encodeUtf8 } from '@sealwright/bytes';
import { digest } from '@sealwright/crypto';
import { parse, TomlError } from 'smol-toml';
import { InitDataError } from './errors.js';

/** The hash that a document names for itself. SM3 is known to attestation services only. */
export type InitDataAlgorithm = 'sha256' | 'sha384' | 'sha512' | 'sm3';

/** What a document says. */
export interface InitDataDocument {
  /** Version of the format, `0.1.0`. */
  readonly version: string;
  /** The hash of the digest. */
  readonly algorithm: InitDataAlgorithm;
  /** Files for the guest, by name. Known are `aa.toml`, `cdh.toml` and `policy.rego`; others are carried along. */
  readonly data: Readonly<Record<string, string>>;
}

/** A document, with the bytes it came from and their digest. */
export interface InitData {
  /** What it says. */
  readonly document: InitDataDocument;
  /** The TOML exactly as received. */
  readonly bytes: Bytes;
  /** The digest of {@link InitData.bytes} under the document's algorithm: 32, 48 or 64 bytes. */
  readonly digest: Bytes;
}

/** What to take. */
export interface ParseOptions {
  /** Versions to take. Default `0.1.0` alone, as the guest does; `any` is what attestation services do. */
  readonly versions?: readonly string[] | 'any';
  /** Hashes to take. Default `sha256`, `sha384` and `sha512`; attestation services take `sm3` too. */
  readonly algorithms?: readonly InitDataAlgorithm[];
  /** Cap on the document, in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
}

/**
 * Read a document.
 *
 * @param input - the TOML: bytes, or text that is hashed as its UTF-8
 * @param options - what to take
 * @throws {@link InitDataError} `ERR_INITDATA_SIZE`, `ERR_INITDATA_FORMAT`, `ERR_INITDATA_VERSION` or `ERR_INITDATA_ALGORITHM`.
 *
 * @example
 * ```ts
 * const { document, digest } = parseInitData('version = "0.1.0"\nalgorithm = "sha256"\n[data]\n"aa.toml" = ""\n');
 * console.log(Object.keys(document.data), digest.length); // aa.toml 32
 * ```
 */
export function parseInitData(input: string | Uint8Array, options: ParseOptions = {}): InitData {
  const maxBytes = options.maxBytes ?? MAX_DOCUMENT_BYTES;
  if (input.length > maxBytes) {
    throw new InitDataError(
      'ERR_INITDATA_SIZE',
      `init-data is at most ${maxBytes} bytes, not ${input.length}`,
    );
  }
  const { bytes, text } = both(input);
  const { version, algorithm, data } = toml(text);
  if (typeof version !== 'string' || typeof algorithm !== 'string') {
    throw new InitDataError('ERR_INITDATA_FORMAT', 'version and algorithm are texts at the top of init-data');
  }
  if (!isTable(data)) throw new InitDataError('ERR_INITDATA_FORMAT', 'init-data has a table named data');
  for (const value of Object.values(data)) {
    if (typeof value !== 'string') {
      throw new InitDataError(
        'ERR_INITDATA_FORMAT',
        'entries of data are texts; a name with a dot in it is quoted',
      );
    }
  }
  const versions = options.versions ?? ['0.1.0'];
  if (versions !== 'any' && !versions.includes(version)) {
    throw new InitDataError(
      'ERR_INITDATA_VERSION',
      `the version of init-data is ${versions.join(' or ')}, not ${found(version)}`,
    );
  }
  const algorithms = options.algorithms ?? ['sha256', 'sha384', 'sha512'];
  const known = algorithms.find((name) => name === algorithm);
  if (known === undefined) {
    throw new InitDataError(
      'ERR_INITDATA_ALGORITHM',
      `the algorithm of init-data is ${algorithms.join(' or ')}, not ${found(algorithm)}`,
    );
  }
  const document = { version, algorithm: known, data: data as Record<string, string> }; // each was checked
  return { document, bytes, digest: initDataDigest(bytes, known) };
}

/**
 * The digest of a document: the hash of its bytes as they are. A comment, a blank or a line end more gives another digest.
 *
 * @param bytes - the TOML exactly as the host has it
 * @param algorithm - the hash that the document names
 */
export function initDataDigest(bytes: Uint8Array, algorithm: InitDataAlgorithm): Bytes {
  return digest(algorithm, bytes);
}

function both(input: string | Uint8Array): { bytes: Bytes; text: string } {
  try {
    if (typeof input === 'string') return { bytes: encodeUtf8(input), text: input };
    return { bytes: copyBytes(input), text: decodeUtf8(input) };
  } catch (cause) {
    throw new InitDataError('ERR_INITDATA_FORMAT', 'init-data is UTF-8', { cause });
  }
}

function toml(text: string): Record<string, unknown> {
  try {
    return parse(text, { maxDepth: 32 });
  } catch (cause) {
    const place =
      cause instanceof TomlError ? `, which ends at line ${cause.line}, column ${cause.column}` : '';
    throw new InitDataError('ERR_INITDATA_FORMAT', `init-data is TOML${place}`, { cause });
  }
}

/** A member as a message shows it: the text is the host's. */
function found(text: string): string {
  return JSON.stringify(text.length > 32 ? `${text.slice(0, 32)}…` : text);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The default cap on a document. */
export const MAX_DOCUMENT_BYTES: number = 1 << 20;
