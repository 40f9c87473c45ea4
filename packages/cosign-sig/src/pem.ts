import { type PemBlock, decodePem, DerError } from '@sealwright/der';
import { CosignError } from './errors.js';

/**
 * The first block of a PEM text. What follows is ignored, as cosign does.
 *
 * @param text - at most {@link MAX_PEM_CHARACTERS}
 * @throws {@link CosignError} `ERR_COSIGN_PEM` or `ERR_COSIGN_LIMIT`.
 */
export function firstPemBlock(text: string): PemBlock {
  if (text.length > MAX_PEM_CHARACTERS) {
    throw new CosignError('ERR_COSIGN_LIMIT', `a key file has at most ${MAX_PEM_CHARACTERS} characters`);
  }
  const begin = text.indexOf('-----BEGIN ');
  const end = begin < 0 ? -1 : text.indexOf('-----END ', begin);
  if (end < 0) throw new CosignError('ERR_COSIGN_PEM', 'expected a PEM block, found none');
  const newline = text.indexOf('\n', end);
  try {
    const [block] = decodePem(text.slice(begin, newline < 0 ? text.length : newline));
    if (block !== undefined) return block;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new CosignError('ERR_COSIGN_PEM', `the PEM block is damaged: ${cause.message}`, { cause });
  }
  throw new CosignError('ERR_COSIGN_PEM', 'expected a PEM block, found none');
}

/** An RSA key of 16384 bits, encrypted and encoded twice, stays well below this. */
const MAX_PEM_CHARACTERS = 256 << 10;
