import { cosignExitCode, CosignError, PREDICATE_TYPES } from '@sealwright/cosign-sig';
import { EXIT_FAILURE } from './failure.js';

/**
 * What cosign says of an error beyond its message.
 *
 * @param error - of the package
 * @param code - its code
 */
export function ofCosign(error: Error, code: string): { readonly hint: string; readonly exitCode: number } {
  const hint =
    code === 'ERR_COSIGN_PREDICATE_TYPE' ? `; the names are ${[...PREDICATE_TYPES.keys()].join(', ')}` : '';
  return { hint, exitCode: error instanceof CosignError ? cosignExitCode(error.code) : EXIT_FAILURE };
}
