import { type Bytes, decodeBase64 } from '@sealwright/bytes';

/**
 * Decode base64 in an annotation or an old bundle. Other signers wrap its lines, so CR and LF are skipped, as Go does.
 *
 * @throws BytesError
 */
export function decodeWrappedBase64(text: string): Bytes {
  return decodeBase64(text.replaceAll(/[\r\n]/g, ''));
}
