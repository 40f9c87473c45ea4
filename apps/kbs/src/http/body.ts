import { type Bytes, BytesError, readAll } from '@sealwright/bytes';
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
  try {
    return await readAll(request.body ?? [], maxBytes, 'the payload');
  } catch (error) {
    return error instanceof BytesError ? limit() : Promise.reject(error);
  }
}
