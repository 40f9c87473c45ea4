import { concatBytes, type Bytes } from '@sealwright/bytes';
import { KbsError } from '../errors.js';

/**
 * Read the body of a request.
 *
 * @param request - the request
 * @param maxBytes - how much of it is read at most
 * @throws {@link KbsError} `ERR_KBS_BODY_LIMIT`
 */
export async function readBody(request: Request, maxBytes: number): Promise<Bytes> {
  const limit = (): never => {
    throw new KbsError('ERR_KBS_BODY_LIMIT', 'payload reached size limit');
  };
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) limit();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) limit();
    chunks.push(chunk);
  }
  return concatBytes(...chunks);
}
