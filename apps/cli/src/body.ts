import { readAll } from '@sealwright/bytes';

/**
 * The body of an answer, up to a size.
 *
 * @param response - the answer
 * @param maxBytes - the size
 * @throws {@link @sealwright/bytes#BytesError} with `ERR_BYTES_LIMIT`
 */
export async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  return await readAll(response.body ?? [], maxBytes, 'an answer');
}
