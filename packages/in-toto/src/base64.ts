import { type Bytes, decodeBase64, decodeBase64url } from '@sealwright/bytes';

/**
 * Read base64 as DSSE has it: the standard or the URL-safe alphabet, never both in one text.
 *
 * @param text - the encoding
 * @param lenient - also take missing padding, line breaks, and bits that belong to no byte, as decoders in the wild do
 * @throws `BytesError` `ERR_BYTES_BASE64`.
 */
export function decodeDsseBase64(text: string, lenient = false): Bytes {
  const urlSafe = text.includes('-') || text.includes('_');
  const decode = urlSafe ? decodeBase64url : decodeBase64;
  if (!lenient) return decode(text, { padding: 'required' });
  return decode(withoutStrayBits(text.replaceAll('\r', '').replaceAll('\n', ''), urlSafe), {
    padding: 'optional',
  });
}

/** Clear the bits of the last digit that belong to no byte. Anything that is not base64 stays for the decoder to refuse. */
function withoutStrayBits(text: string, urlSafe: boolean): string {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  const stray = end % 4 === 2 ? 4 : end % 4 === 3 ? 2 : 0;
  const value = ALPHABET.indexOf(
    text
      .charAt(end - 1)
      .replace('-', '+')
      .replace('_', '/'),
  );
  if (stray === 0 || value < 0) return text;
  const cleared = ALPHABET.charAt((value >> stray) << stray);
  const digit = urlSafe ? cleared.replace('+', '-').replace('/', '_') : cleared;
  return text.slice(0, end - 1) + digit + text.slice(end);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
