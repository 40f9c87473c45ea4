/**
 * Whether certificates, lists and documents are within their dates. Both ends are inclusive.
 *
 * @module
 */
import { TdxQuoteError } from './errors.js';
import { momentOf } from './members.js';

/**
 * Whether something has expired, where that is let pass.
 *
 * @param what - of which kind it is
 * @param from - its first moment, milliseconds since 1970
 * @param to - its last moment
 * @param at - the time for which to decide
 * @param allowExpired - whether to let it pass that it has expired
 * @param detail - which of several
 */
export function isExpired(
  what: keyof typeof NAMES,
  from: number,
  to: number,
  at: number,
  allowExpired: boolean,
  detail?: string,
): boolean {
  if (at < from)
    throw new TdxQuoteError(
      `ERR_TDX_${what}_NOT_YET_VALID`,
      `a ${NAMES[what]} is valid from ${momentOf(from)}, not yet`,
      { detail },
    );
  if (at > to && !allowExpired)
    throw new TdxQuoteError(`ERR_TDX_${what}_EXPIRED`, `a ${NAMES[what]} was valid until ${momentOf(to)}`, {
      detail,
    });
  return at > to;
}

const NAMES = {
  CERT: 'certificate',
  CRL: 'revocation list',
  TCB_INFO: 'TCB info',
  QE_IDENTITY: 'QE identity',
} as const;
