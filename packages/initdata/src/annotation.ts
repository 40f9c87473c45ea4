import { type Bytes, BytesError, decodeBase64, encodeBase64 } from '@sealwright/bytes';
import { type InitData, MAX_DOCUMENT_BYTES, parseInitData, type ParseOptions } from './document.js';
import { InitDataError } from './errors.js';
import { compress, decompress } from './gzip.js';

/** The pod annotation whose value is the base64 of the gzip of the document. */
export const INITDATA_ANNOTATION = 'io.katacontainers.config.hypervisor.cc_init_data';

/** The older annotation of peer pods, whose value is the base64 of the document. */
export const LEGACY_INITDATA_ANNOTATION = 'io.katacontainers.config.runtime.cc_init_data';

/** How to read an annotation. */
export interface AnnotationOptions extends ParseOptions {
  /** Whether the value is of {@link LEGACY_INITDATA_ANNOTATION}: not compressed. Default `false`. */
  readonly legacy?: boolean;
}

/**
 * Write the value of {@link INITDATA_ANNOTATION}. Equal documents give equal values.
 *
 * @param document - the TOML as it is; it is not parsed
 */
export function encodeInitDataAnnotation(document: Uint8Array): string {
  return encodeBase64(compress(document));
}

/**
 * Read the value of an annotation.
 *
 * @param value - standard base64 with padding; line breaks inside it are taken
 * @param options - which form, and what to take
 * @returns `undefined` for an empty value, which means no init-data
 * @throws {@link InitDataError}
 */
export function decodeInitDataAnnotation(
  value: string,
  options: AnnotationOptions = {},
): InitData | undefined {
  const maxBytes = options.maxBytes ?? MAX_DOCUMENT_BYTES;
  if (value.length > 2 * maxBytes + 1024) {
    throw new InitDataError(
      'ERR_INITDATA_SIZE',
      'an annotation is at most twice as long as its document may be',
    );
  }
  const base64 = value.replaceAll('\r', '').replaceAll('\n', '');
  if (base64 === '') return undefined;
  const bytes = decoded(base64);
  return parseInitData(options.legacy === true ? bytes : decompress(bytes, maxBytes), options);
}

function decoded(base64: string): Bytes {
  try {
    return decodeBase64(base64);
  } catch (cause) {
    if (!(cause instanceof BytesError)) throw cause;
    throw new InitDataError('ERR_INITDATA_BASE64', 'an annotation is standard base64 with padding', {
      offset: cause.offset,
      cause,
    });
  }
}
