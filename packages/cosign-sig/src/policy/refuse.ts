import { CosignError } from '../errors.js';

/** An `ERR_COSIGN_NO_MATCH`: what was found is not what the policy asks for, or nobody can say. */
export function refuse(message: string): CosignError {
  return new CosignError('ERR_COSIGN_NO_MATCH', message);
}
