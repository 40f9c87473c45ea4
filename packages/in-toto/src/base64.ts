import { type Bytes, decodeBase64, decodeBase64url } from '@sealwright/bytes';

/**
 * Read base64 as DSSE has it: the standard or the URL-safe alphabet, never both in one text.
 *
 * @param text - the encoding
 * @param lenient - also take missing padding, line breaks, and bits that belong to no byte, as decoders in the wild do
 * @param headroom - bytes to leave free in memory before those that are read
 * @throws `BytesError` `ERR_BYTES_BASE64`.
 */
export function decodeDsseBase64(text: string, lenient = false, headroom = 0): Bytes {
  const urlSafe = text.includes('-') || text.includes('_');
  const decode = urlSafe ? decodeBase64url : decodeBase64;
  if (!lenient) return decode(text, { padding: 'required', headroom });
  return decode(withoutStrayBits(text.replaceAll('\r', '').replaceAll('\n', ''), urlSafe), {
    padding: 'optional',
    headroom,
  });
}

/** Clear the bits of the last digit that belong to no byte. Anything that is not base64 stays for the decoder to refuse. */
function withoutStrayBits(text: string, urlSafe: boolean): string {
  const end = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length;
  const stray = end % 4 === 2 ? 4 : end % 4 === 3 ? 2 : 0;
  const alphabet = urlSafe ? URL_SAFE : STANDARD;
  const value = alphabet.indexOf(text.charAt(end - 1));
  if (stray === 0 || value < 0) return text;
  return text.slice(0, end - 1) + alphabet.charAt((value >> stray) << stray) + text.slice(end);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const STANDARD = `${LETTERS}+/`;
const URL_SAFE = `${LETTERS}-_`;
