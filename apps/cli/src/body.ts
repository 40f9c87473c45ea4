import { concatBytes, mustFit } from '@sealwright/bytes';

/**
 * The body of an answer, up to a size.
 *
 * @param response - the answer
 * @param maxBytes - the size
 * @throws {@link @sealwright/bytes#BytesError} with `ERR_BYTES_LIMIT`
 */
export async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    parts.push(part.value);
    length += part.value.byteLength;
    if (length > maxBytes) await reader?.cancel();
    if (length > maxBytes) break;
  }
  const body = concatBytes(...parts);
  mustFit(body, maxBytes, 'an answer');
  return body;
}
